"""Jobs and their steps as OpenLineage runs, told to whoever listens at OPENLINEAGE_URL."""
