"""Splits a text into records: its delimiter, its header, and records set apart from the rows."""
