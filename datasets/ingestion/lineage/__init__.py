"""Sends jobs and their steps as OpenLineage runs to OPENLINEAGE_URL."""
