"""The ways to a derivative: by entries, by links, by differentials; each leads from a problem to its steps."""
