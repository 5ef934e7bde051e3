"""Backs up everything that cannot be rebuilt, and restores it: see `making` and `restoring`."""
