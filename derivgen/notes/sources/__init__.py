"""From a file to its formulas: Markdown, Quarto, LaTeX and notebooks, each formula with its place."""
