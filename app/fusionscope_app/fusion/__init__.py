"""Parts of page Fusion."""
