"""What happens to stored versions later: mending, rescans, publishing, retention, erasure."""
