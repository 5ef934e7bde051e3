"""A site's own classifiers, classifications, tags and policies, and checks of them."""
