"""The recognisers, each of which knows one kind of data."""
