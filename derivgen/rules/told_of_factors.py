"""What is told of a quotient or a product of numbers: which letters its parts have, and by which rule they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from derivgen.catalog.build import product, to_power
from derivgen.expr import MINUS_ONE, Definition, Expr, symbols
from derivgen.rules.reason import Either, Reason, Terms, filled
from derivgen.rules.step import Step
from derivgen.rules.told_of_moves import derivatives, value_of

MINUS = Fraction(-1)

Kind = Literal["quotient", "product", "function"]


def of_names(x: Expr, y: Expr, names: Sequence[Expr], kind: Kind) -> Reason:
    """Why the parts have letters."""
    all_of, two = ("both", "two ") if len(names) == 2 else ("all", "")
    return filled(
        f"{{y}} is a {kind} of {two}numbers, {{n}}, that {all_of} depend on {{x}}.", {"y": y, "n": tuple(names), "x": x}
    )


def of_scaled(x: Expr, y: Expr, u: Expr, v: Expr, *, divides: bool, beside: Expr | None = None) -> Reason:
    """That a value is a vector with a number as its factor, or its divisor; what is added ``beside`` that is constant."""
    over = "divided by a number" if divides else "times a number"
    stays = "; [{b} does not contain {x}|what is added does not contain {x}]" if beside is not None else ""
    but = " but for a constant" if beside is not None else ""
    return filled(
        f"{{y}} is{but} a vector, {{u}}, {over}, {{v}}, and both depend on {{x}}{stays}.",
        {"x": x, "y": y, "u": u, "v": v, "b": beside},
    )


def of_scaled_rule(x: Expr, u: Expr, v: Expr, *, divides: bool) -> Reason:
    """The rule for a vector and a number."""
    said = filled(
        "{u} and {v} both change when {x} does: each is differentiated in turn while the other stays. {u} is a column and the "
        "derivative of {v} a row, so their product is a matrix.",
        {"x": x, "u": u, "v": v},
    )
    slope = product(MINUS_ONE, to_power(v, Fraction(-2)))
    over = filled("{w} has the slope {s}.", {"w": to_power(v, Fraction(-1)), "s": slope})
    return said + over if divides else said


def of_rule(
    y: Expr, x: Expr, names: Sequence[Expr], slopes: Sequence[Step], linear: Sequence[Step], kind: Kind
) -> Reason:
    """The rule in the letters of the parts, the ``slopes`` of a function by each of them, and the gradients of those that
    are ``linear``, which have no line of their own."""
    terms: Terms = {"y": y, "x": x, "n": tuple(names), "u": names[0], "v": names[1]}
    match kind:
        case "quotient":
            u, v = names
            rates = {"r": to_power(v, MINUS), "s": product(MINUS_ONE, u, to_power(v, MINUS + MINUS))}
            said = filled("{y} changes with {u} at the rate {r} and with {v} at {s}: by the chain rule these multiply the derivatives "
                          "of both.", {**terms, **rates})  # fmt: skip
        case "product":
            all_of = "both" if len(names) == 2 else "all"
            said = filled(f"{{n}} {all_of} contain {{x}}: each is differentiated in turn while the rest stays.", terms)
        case _:
            said = filled("{x} acts on {y} through {n}: what each passes on is added up, the total derivative.", terms)
    found = [(y, n, s.after) for n, s in zip(names, slopes, strict=False)]
    return said + _rates([*found, *((value_of(next(derivatives(s.left))), x, s.after) for s in linear)])


def _rates(found: Sequence[tuple[Expr, Expr, Expr]]) -> Reason:
    """At which rate each of some changes with another: what, with what, the rate; nothing where one is too long to be said,
    since all stand in the line."""
    if not found:
        return Reason()
    parts: list[str | Expr] = []
    for k, (u, x, rate) in enumerate(found):
        comma = "Here " if not k else " and " if k == len(found) - 1 else ", "
        before = found[k - 1][:2] if k else (None, None)
        parts += [comma] if before[0] == u else [comma, u, " changes" if not k else ""]
        parts += [] if before[1] == x else [" with " if before[0] != u else "with ", x]
        parts += [" at " if k else " at the rate ", rate]
    return Reason((Either(((*parts, "."), ())),))


def of_value(y: Expr, definitions: Sequence[Definition]) -> Reason | None:
    """Where the quotient stands in its own derivative, in the letters of its parts; None where it has none."""
    match definitions:
        case [*_, u, v, whole] if whole.symbol == y and {u.symbol.name, v.symbol.name} == symbols(whole.value).keys():
            return filled(
                "{q} is {y} itself, which so stands in its own derivative; {v} stands for {d}.",
                {"q": whole.value, "y": y, "v": v.symbol, "d": v.value},
            )
        case _:
            return None
