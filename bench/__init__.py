"""Measurements as ratios within one run: `make bench`. They set no limits for tests; people read them."""
