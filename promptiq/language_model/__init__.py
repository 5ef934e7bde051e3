"""The optional language model, which may propose plans and word answers. It decides nothing: its plans are
checked and run like any other, and its wording is checked against the result. Without it, every answer is the
same.

It gets the question, names and types of columns, and of answers only what somebody without `view_pii` may
see.
"""
