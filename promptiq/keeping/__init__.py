"""Questions kept under an id, to be continued, opened again, shared and verified."""
