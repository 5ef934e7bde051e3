"""What every request and response goes through: errors, limits, origins, headers."""
