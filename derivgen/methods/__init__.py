"""HOW a derivation proceeds: entry by entry, or link by link."""
