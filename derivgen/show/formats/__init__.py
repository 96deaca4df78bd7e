"""What one may ask of a format."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.options import Detail


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one may ask of a format.

    Attributes:
        detail: "brief" merges the steps of a stage, "full" shows what was folded.
        color: whether a terminal is to show colours.
        folds: whether the format can fold sub-steps away; it gets them unless the detail is "brief".
        title: the heading; without one the page says what is derived by what.
    """

    detail: Detail = "normal"
    color: bool = False
    folds: bool = False
    title: str = ""

    @property
    def opened(self) -> bool:
        """Whether sub-steps are part of the page."""
        return self.detail == "full" or (self.folds and self.detail == "normal")
