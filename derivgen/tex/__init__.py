"""LaTeX as TeX sees it: tokens, and commands that an author defines. What it means is not known here."""
