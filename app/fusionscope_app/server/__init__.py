"""Server: what one server process shares: cached results, the work queue, demo mode."""
