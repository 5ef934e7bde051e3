"""Everything that cannot be made anew, in one folder, and back: see `making` and `restoring`."""
