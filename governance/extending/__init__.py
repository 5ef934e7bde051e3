"""What a site adds of its own: classifiers, classifications and tags, policies; and checks of them."""
