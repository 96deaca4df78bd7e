"""From a question with a fault to a small one with the same fault."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.fuzz.words import VARIABLES, Question

ATTEMPTS = 400


def shrunk(q: Question, has_fault: Callable[[Question], bool], attempts: int = ATTEMPTS) -> Question:
    """The smallest question found, by trying smaller ones until none of them has the fault."""
    left = attempts
    found = True
    while found and left > 0:
        found = False
        for smaller in _smaller(q):
            left -= 1
            if left <= 0:
                break
            if has_fault(smaller):
                q, found = smaller, True
                break
    return q


def _smaller(q: Question) -> Iterator[Question]:
    if q.order == 2:
        yield replace(q, order=1)
    for k in range(len(q.let)):
        name, _, formula = q.let[k].partition("=")
        put = _put(q.expression, name.strip(), f"({formula.strip()})")
        yield replace(q, let=q.let[:k] + q.let[k + 1 :], expression=put)
    for text in _texts(q.expression):
        if q.wrt in _names(text) or q.wrt not in _names(q.expression):
            yield replace(q, expression=text)
    kept = [c for c in q.where.split(";") if _declares(c) & (_names(" ".join((q.expression, *q.let))) | {q.wrt})]
    if len(kept) < len(q.where.split(";")):
        yield replace(q, where=";".join(kept).strip())
    if q.method != "auto":
        yield replace(q, method="auto")


def _texts(source: str) -> Iterator[str]:
    """The source with one part replaced by a part of that, or by something as plain as can be; shortest first."""
    tree = ast.parse(source, mode="eval")
    parts = [node for node in ast.walk(tree.body) if isinstance(node, ast.expr) and hasattr(node, "col_offset")]
    found: set[str] = set()
    for node in parts:
        old = ast.get_source_segment(source, node)
        if old is None:
            continue
        inner = [ast.get_source_segment(source, n) for n in ast.walk(node) if isinstance(n, ast.expr) and n is not node]
        for new in (*inner, *VARIABLES, "1", "2"):
            if new is None or len(new) >= len(old):
                continue
            text = f"{source[: node.col_offset]}{new}{source[node.end_col_offset :]}"
            whole = f"{source[: node.col_offset]}({new}){source[node.end_col_offset :]}"
            found.update(t for t in (text, whole) if len(t) < len(source) and _reads(t))
    yield from sorted(found, key=len)


def _reads(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def _names(text: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)} if _reads(text) else set()


def _declares(clause: str) -> set[str]:
    head = clause.partition(":")[0] if ":" in clause else clause.partition(" in ")[0]
    return {name.strip() for name in head.split(",")}


def _put(source: str, name: str, formula: str) -> str:
    nodes = [n for n in ast.walk(ast.parse(source, mode="eval")) if isinstance(n, ast.Name) and n.id == name]
    for node in sorted(nodes, key=lambda n: -n.col_offset):
        source = source[: node.col_offset] + formula + source[node.end_col_offset :]
    return source
