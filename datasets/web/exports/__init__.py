"""Exports: rows under the reader's masks, and the file as it was uploaded."""
