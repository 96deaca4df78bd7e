"""The dialect of programs, as a NumPy user types it, to the surface that both dialects share."""
