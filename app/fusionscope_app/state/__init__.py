"""State: what one visitor has open, and the address that records it."""
