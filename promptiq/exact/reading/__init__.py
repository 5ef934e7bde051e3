"""Reads a question against a table: which words name columns, cells, numbers or dates, or an operation."""
