"""From boxes to the signs of a format: LaTeX, MathML, Unicode on one line or several."""
