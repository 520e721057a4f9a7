"""Review of single clips by people: labels that look wrong, tags and notes."""
