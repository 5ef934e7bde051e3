"""Questions that are kept under an id: gone on from, opened again, shared, verified."""
