"""The models that come with the platform, run without a framework."""
