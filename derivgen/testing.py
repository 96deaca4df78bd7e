"""Tests for what one adds: whether the declarations of operations and rules say what is so."""

from __future__ import annotations

from derivgen.trials.operation import check_operation
from derivgen.trials.rule import check_rule
from derivgen.world import World

__all__ = ["check_operation", "check_rule", "check_world"]


def check_world(world: World | None = None) -> None:
    """Try all that a world has beside derivgen's own: of the default world, what installed packages bring.

    Raises:
        ExtensionError: something is not as it is declared.
    """
    world = world or World.default()
    world.check(*world.added)
