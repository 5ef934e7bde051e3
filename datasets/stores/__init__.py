"""Compares the database with what each store holds: see `reconciling` and `proving`."""
