"""What stands between fences of any kind."""

from __future__ import annotations

from derivgen.errors import ParseError
from derivgen.read.latex import commands as words
from derivgen.read.latex.cells import branches
from derivgen.read.latex.cursor import Cursor
from derivgen.read.latex.scripts import subscript
from derivgen.read.latex.tape import Token
from derivgen.read.surface import Evaluated, Fenced, Grid, Group, Sequence, Surface

_FENCE_NAMES = {"‖": r"\|", "⟨": r"\langle", "⟩": r"\rangle", "{": r"\{", "}": r"\}"}


def group(p: Cursor) -> Surface:
    """What stands in braces; what follows empty ones, as in {}_i."""
    token = p.step()
    if p.here.kind == "close":
        p.at += 1
        if p.starts_operand():
            return p.operand()
        raise p.fail("nothing stands between these braces", p.since(token))
    if p.here.kind == "script":
        raise p.fail(f"nothing stands before this {p.here.value}", p.here)
    p.fences.append("{")
    inner = p.items()
    p.fences.pop()
    if p.here.kind == "closing" and p.fences:
        raise p.fail(f"this {p.shown(p.here)} stands within braces, and the {p.fences[-1]} that it closes outside of them",
                     p.here, "close each within the other")  # fmt: skip
    p.expect("close", "}")
    return inner[0] if len(inner) == 1 else Sequence(p.since(token), tuple(inner))


def fence(p: Cursor) -> Surface:
    """What stands between fences; one thing between brackets that say nothing is a group."""
    token, value, items, closing = _between(p)
    span = p.since(token)
    if token.kind == "left":
        match items:
            case (Grid(_, rows),) if value == "{" and closing.value == "." and all(len(r) in (1, 2) for r in rows):
                return branches(p, span, rows)
            case (body,) if value == "." and closing.value == "|" and p.is_script("_"):
                at = subscript(p)
                if len(at) == 1:
                    return Evaluated(p.since(token), body, at[0])
        if value == "." and closing.value == "|":
            raise p.fail("this bar wants the place behind it", closing, r"\left. … \right|_{u = …}")
        if closing.value != words.CLOSING[value] and not (value in "[]" and closing.value in "[]"):
            raise p.fail(f"{p.shown(closing)} does not close the {p.shown(token)}", closing)
    return Group(span, items[0], value) if len(items) == 1 and value in "([{." else Fenced(span, value, items)


def arguments(p: Cursor) -> tuple[Surface, ...]:
    """What stands in the parentheses after a function."""
    return _between(p)[2]


def _between(p: Cursor) -> tuple[Token, str, tuple[Surface, ...], Token]:
    """A fence with its meaning, what stands behind it, and the fence that ends it."""
    token = p.step()
    value = token.value
    if value in ("⌊", "⌈"):
        raise p.fail("rounding is not read", token)
    doubled = (
        token.kind == "bar" and value == "|" and p.here.kind == "bar" and p.here.value == "|" and not p.here.spaced
    )
    if doubled:
        p.at += 1
        value = "‖"
    if p.here.kind in ("closing", "right"):
        p.at += 1
        raise p.fail("nothing stands between these fences", p.since(token))
    shown = p.shown(token)
    p.fences.append("|" if doubled else value if token.kind == "bar" else shown)
    items = p.items()
    closing = p.here
    match token.kind:
        case "left" if closing.kind != "right":
            raise _unclosed(p, token, f"{shown} has no \\right",
                            "write \\right and its bracket where it ends; \\right. shows none")  # fmt: skip
        case "bar" if closing.kind != "bar" or closing.value != token.value:
            raise _unclosed(p, token, f"this {_FENCE_NAMES.get(value, value)} is never closed")
        case "opening" if closing.kind != "closing" or closing.value != words.CLOSING[value]:
            raise _unclosed(p, token, f"this {shown} is never closed")
    p.at += 1 + doubled
    p.fences.pop()
    return token, value, tuple(items), closing


def _unclosed(p: Cursor, token: Token, message: str, hint: str = "close it where it ends") -> ParseError:
    if p.here.kind in ("end", "close", "amp", "newrow", "ending"):
        return p.fail(message, token, hint)
    return p.left_over()
