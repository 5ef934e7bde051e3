"""The recognisers, one for each kind of data."""
