"""From a tree to boxes: how mathematics is laid out, before any format writes it."""
