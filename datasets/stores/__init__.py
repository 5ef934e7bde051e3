"""Comparing what the database says with what each store holds: see `reconciling` and `proving`."""
