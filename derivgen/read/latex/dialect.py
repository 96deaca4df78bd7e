"""Other ways of writing the same in TeX: x_\\star, {a \\over b}, {\\partial y}/{\\partial x}, empty braces, a full stop for a product."""

from __future__ import annotations

from collections.abc import Iterable

from derivgen.tex.raw import Raw


def in_latex(raws: list[Raw]) -> list[Raw]:
    """Raw tokens with \\frac where an author writes a fraction in another way."""
    values = {r.value for r in raws}
    if "star" in values:
        raws = [r._replace(kind="char", value="*") if _is_star(raws, k) else r for k, r in enumerate(raws)]
    if "over" in values:
        raws = _with_bars(raws)
    if "/" in values and "partial" in values:
        raws = _with_slashes(raws)
    return list(_without_nothing(_with_products(raws) if "." in values else raws))


def _is_star(raws: list[Raw], at: int) -> bool:
    r"""Whether x_\star or x_{\star} is x_*, a letter of its own."""
    below = at - 1 - (at > 0 and raws[at - 1].kind == "open")
    return raws[at][:2] == ("macro", "star") and below >= 0 and raws[below].value in ("_", "^")


def closing(raws: list[Raw], at: int) -> int:
    """Where the brace closes that opens at a place."""
    depth = 0
    for k in range(at, len(raws)):
        depth += (raws[k].kind == "open") - (raws[k].kind == "close")
        if not depth:
            return k
    return len(raws) - 1


def _with_bars(raws: list[Raw]) -> list[Raw]:
    r"""{a \over b} is {\frac{a}{b}}; without braces around it, all of the formula is meant."""
    raws = list(raws)
    while (at := next((k for k, r in enumerate(raws) if r.kind == "macro" and r.value == "over"), -1)) >= 0:
        first, last, depth = at, at, 0
        while first > 0 and not (raws[first - 1].kind == "open" and not depth):
            first -= 1
            depth += (raws[first].kind == "close") - (raws[first].kind == "open")
        depth = 0
        while last + 1 < len(raws) and not (raws[last + 1].kind == "close" and not depth):
            last += 1
            depth += (raws[last].kind == "open") - (raws[last].kind == "close")
        start, end, bar = raws[first].start, raws[last].end, raws[at]
        raws[first : last + 1] = [
            Raw("macro", "frac", start, start, raws[first].spaced), Raw("open", "{", start, start, False), *raws[first:at],
            Raw("close", "}", bar.start, bar.start, False), Raw("open", "{", bar.end, bar.end, False), *raws[at + 1 : last + 1],
            Raw("close", "}", end, end, False),
        ]  # fmt: skip
    return raws


def _with_slashes(raws: list[Raw]) -> list[Raw]:
    r"""{\partial y}/{\partial x} is \frac{\partial y}{\partial x}."""
    raws = list(raws)
    for at in range(len(raws) - 1, -1, -1):
        if not _is_change(raws, at):
            continue
        stop = closing(raws, at)
        if stop + 1 < len(raws) and raws[stop + 1].value == "/" and _is_change(raws, stop + 2):
            del raws[stop + 1]
            raws.insert(at, Raw("macro", "frac", raws[at].start, raws[at].start, raws[at].spaced))
    return raws


def _is_change(raws: list[Raw], at: int) -> bool:
    return at + 1 < len(raws) and raws[at].kind == "open" and raws[at + 1][:2] == ("macro", "partial")


def _with_products(raws: list[Raw]) -> list[Raw]:
    r"""x_{1}.y_{1}, where a full stop stands close between two factors, is x_1 \cdot y_1."""
    return [Raw("macro", "cdot", r.start, r.end, r.spaced) if _is_product(raws, k) else r for k, r in enumerate(raws)]


def _is_product(raws: list[Raw], at: int) -> bool:
    here = raws[at]
    if here[:2] != ("char", ".") or here.spaced or not 0 < at < len(raws) - 1:
        return False
    before, after = raws[at - 1], raws[at + 1]
    return (
        not after.spaced
        and after.start == here.end
        and (before.kind == "close" or before.value == ")" or (before.kind == "char" and before.value.isalpha()))
        and ((after.kind == "char" and after.value.isalpha()) or after[:2] == ("macro", "frac"))
    )


def _without_nothing(raws: list[Raw]) -> Iterable[Raw]:
    """Empty braces that are no argument and stand for no base of a script mean nothing."""
    skip = -1
    for k, r in enumerate(raws):
        after = raws[k + 2] if k + 2 < len(raws) else None
        before = raws[k - 1] if k else None
        if (
            r.kind == "open"
            and raws[k + 1].kind == "close"
            and before is not None
            and before.kind in ("char", "close")
            and before.value not in ("_", "^", "}}")
            and (after is None or after.value not in ("_", "^"))
            and not (before.kind == "close" and _is_argument(raws, k))
        ):
            skip = k + 1
            continue
        if k != skip:
            yield r


def _is_argument(raws: list[Raw], at: int) -> bool:
    """Whether the braces before a place are the first argument of a command that has two."""
    depth = 0
    for k in range(at - 1, -1, -1):
        depth += (raws[k].kind == "close") - (raws[k].kind == "open")
        if not depth:
            return k > 0 and raws[k - 1].kind == "macro" and raws[k - 1].value in ("frac", "dfrac", "tfrac", "binom")
    return False
