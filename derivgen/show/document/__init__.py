"""From a derivation to a document, and its writers."""
