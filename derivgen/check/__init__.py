"""The judge, and the numeric values of all expressions; it knows no rule."""
