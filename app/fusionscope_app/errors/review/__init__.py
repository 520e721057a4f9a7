"""Review: the clips of page Errors as a contact sheet, with tags and notes."""
