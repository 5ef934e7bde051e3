"""Finds personal data inside single cells and masks it in place."""
