"""The API about datasets, jobs and uploads."""
