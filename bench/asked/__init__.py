"""Questions with right answers that the ranking of plans is fitted to."""
