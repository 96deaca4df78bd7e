"""Many derivations at once: lists of work, the processes that do it, the cache of what they found."""
