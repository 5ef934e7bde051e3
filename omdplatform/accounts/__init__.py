"""How people prove who they are: signing in, what they are signed in by, and how that ends."""
