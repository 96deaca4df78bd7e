"""Whether an equality holds in a reading that makes sense, and what else than a claim it may be."""
