"""The two pictures of the README, made anew: ``python -m tests.pictures`` in headless Chromium."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import derivgen
from tests.site.sites import CHROMIUM, FLAGS, build, write_site

IMAGES = Path(__file__).parent.parent / "docs" / "images"

COURSE = """
site_name: Machine learning
use_directory_urls: false
theme: {name: material, font: false}
plugins:
  - search
  - derivgen: {jobs: 1, layout: gradient}
"""

PAGE = r"""
# Linear regression

The loss of a linear model with ridge penalty is a sum of squares. Setting its derivative to zero gives the normal equations.

```derivation
C = norm(X @ w - y)**2 + c * norm(w)**2
wrt: w
where: X in R^(N*n); w in R^n; y in R^N; c in R
title: The gradient of the ridge loss
```

With one sample more, `derivation: (w.T @ x - t)**2 | wrt: w | where: w, x in R^n; t in R` is added to it.
"""


def make(browser: Any, folder: Path) -> None:
    """A card as a page of its own, and a page of a course."""
    d = derivgen.derive("max(0, w.T @ x + b)", wrt="w", where="w, x in R^n; b in R")
    (folder / "card.html").write_text(d.to("html", detail="brief"), encoding="utf-8")
    built = build(write_site(folder, {"index.md": PAGE}, config=COURSE))
    if built.status:
        raise SystemExit(built.said)
    for name, source, width in (("card", folder / "card.html", 720), ("page", folder / "site" / "index.html", 880)):
        page = browser.new_page(viewport={"width": width, "height": 640})
        page.goto(source.as_uri())
        page.screenshot(path=str(IMAGES / f"{name}.png"), full_page=True)


def main() -> None:
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        raise SystemExit("the pictures are made in Chromium (Debian's package chromium)")
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        make(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS), Path(folder))


if __name__ == "__main__":
    main()
