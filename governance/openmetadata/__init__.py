"""OpenMetadata's wire: the connection, the bodies of requests, classifications and tags, patches."""
