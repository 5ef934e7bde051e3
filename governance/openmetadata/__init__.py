"""The client of OpenMetadata: connection, request bodies, classifications and tags, patches."""
