"""From a question that was read to plans: each part of the grammar takes the items that it explains."""
