"""Readers of file formats: each gives the texts of a table, or copies its typed cells."""
