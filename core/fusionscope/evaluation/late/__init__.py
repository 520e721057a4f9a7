"""Late: the predictions of several heads combined after the fact."""
