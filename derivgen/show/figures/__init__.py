"""From a derivation to a picture: graphs and patterns of entries."""
