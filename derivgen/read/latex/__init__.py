"""The dialect of mathematics, LaTeX, to the surface that both dialects share, and from there to trees."""
