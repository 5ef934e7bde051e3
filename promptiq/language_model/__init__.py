"""A language model that may propose plans and word answers. It decides nothing: its plans are checked and run
like any other, its wording is checked against what was computed, and without it every answer stays the same.

It is sent the question, names and types of columns, and of answers only what somebody without `view_pii` may
see.
"""
