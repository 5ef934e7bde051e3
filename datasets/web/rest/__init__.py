"""The API for datasets, jobs and uploads."""
