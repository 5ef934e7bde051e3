"""Readers of file formats. Each yields the texts of a table, or copies its typed cells."""
