"""People's sign-ins: passwords, sessions and tokens, and how they end."""
