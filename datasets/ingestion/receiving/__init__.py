"""Ways in: a request, parts of a file, a command. The result is always a queued job."""
