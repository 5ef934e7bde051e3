"""Applied to every request and response: errors, limits, origins, headers."""
