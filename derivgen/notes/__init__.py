"""The checker of an author's own equations: found, understood, judged, repaired, reported."""
