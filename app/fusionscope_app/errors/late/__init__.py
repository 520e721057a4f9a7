"""Late: the parts of the view Late fusion of page Errors."""
