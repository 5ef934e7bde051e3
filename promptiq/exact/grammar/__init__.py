"""Turns a question, once read, into plans: each part of the grammar takes the items that it explains."""
