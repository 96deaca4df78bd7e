"""Derivations inside Markdown: found in the text, read, derived by a worker or taken from the cache, set as cards."""
