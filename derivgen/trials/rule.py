"""Whether a rule says what is so: its examples before the judge, which knows no rule."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from types import CodeType, FrameType
from typing import Any

from derivgen.catalog import GLOSSARY
from derivgen.catalog.glossary import Glossary
from derivgen.check.judge import Judge
from derivgen.errors import DerivgenError, ExtensionError
from derivgen.expr import MINUS_ONE, Add, Expr, Mul, Number, children, with_children
from derivgen.expr.text import text
from derivgen.read import declare, parse_text
from derivgen.rules import BOOK, VOCABULARY, demonstrate
from derivgen.rules.book import Book
from derivgen.rules.engine import Context, apply
from derivgen.rules.monomials import samples_index
from derivgen.rules.rule import Rule
from derivgen.trials.twins import differs, twins


def check_rule(rule: Rule, *, glossary: Glossary = GLOSSARY, book: Book = BOOK) -> int:
    """Try a rule on its examples, which are written in the letters of ``VOCABULARY``.

    It acts on each of them; both sides have the same value, also where a factor or a term stands twice; what differs
    from the result in one place is refuted; and between them the examples reach every line of the rule that does not
    only decline.

    Returns:
        How many wrong results were refuted.

    Raises:
        ExtensionError: the rule is not as it says; the message has the example.
    """
    if not rule.examples:
        raise ExtensionError(
            f"rule {rule.name} has no example", hint='give some: examples=("sum(-x)", "sum(a * x * y)")'
        )
    read = [_read(rule, example, glossary) for example in rule.examples]
    with lines_of(rule.rewrite.__code__) as reached:
        found = [demonstrate(rule, e, book) for e in read]
    for example, (before, after, record) in zip(rule.examples, found, strict=True):
        if not record:
            raise ExtensionError(f"rule {rule.name} has nothing to say of its example {example}")
        for left, right in dict.fromkeys([(before, after), *((use.before, use.after) for use in record)]):
            _check_sides(rule, example, left, right)
        for use in record:
            _check_twice(rule, use.before, Context.of(use.before, book, sample_indices=samples_index(before)))
    left_out = sorted(line for line in lines(rule) - reached if not declines(rule, line))
    if left_out:
        said = linecache.getline(rule.rewrite.__code__.co_filename, left_out[0]).strip()
        raise ExtensionError(f"no example of rule {rule.name} reaches its line {said!r}", hint="add one that does")
    return sum(check_twins(rule.name, before, after) for before, after, _ in found)


def _read(rule: Rule, example: str, glossary: Glossary) -> Expr:
    try:
        return parse_text(example, declare(VOCABULARY, glossary))
    except DerivgenError as wrong:
        raise ExtensionError(
            f"the example {example} of rule {rule.name} cannot be read: {wrong}", hint=f"its letters are {VOCABULARY}"
        ) from wrong


def _check_sides(rule: Rule, example: str, before: Expr, after: Expr) -> None:
    verdict = Judge().agree(before, after)
    if verdict.status != "verified":
        raise ExtensionError(
            f"rule {rule.name} makes {text(after)} of {text(before)}, in its example {example}; that is "
            f"{verdict.status}{f': {verdict.reason}' if verdict.reason else ''}"
        )


def _check_twice(rule: Rule, before: Expr, ctx: Context) -> None:
    """That what a rule takes away of a product or a sum it takes once: u u/u is u, not 1."""
    for twice in doubled(before):
        after, _ = apply(rule, twice, replace(ctx, question=(twice,)))
        if Judge().agree(twice, after).status == "refuted":
            raise ExtensionError(f"rule {rule.name} makes {text(after)} of {text(twice)}; that is refuted")


def check_twins(name: str, before: Expr, after: Expr) -> int:
    """That all that differs from ``after`` in one place, and in value, is refuted; how many there are.

    Raises:
        ExtensionError: one of them is not.
    """
    tried = 0
    for kind, twin in twins(after):
        wrong = differs(before, twin)
        if wrong is None:
            # floats cannot tell where functions are abstract; there a turned sign is wrong unless all is zero
            wrong = twin == Mul((MINUS_ONE, after)) and not _is_zero(after)
        if wrong:
            tried += 1
            verdict = Judge().agree(before, twin)
            if verdict.status != "refuted":
                raise ExtensionError(
                    f"the judge would not see a mistake ({kind}) in what {name} makes of {text(before)}: "
                    f"{text(twin)} is {verdict.status}"
                )
    return tried


def _is_zero(e: Expr) -> bool:
    return Judge().agree(e, Mul((Number(Fraction(2)), e))).status == "verified"


def doubled(e: Expr) -> Iterator[Expr]:
    """The expression with a factor or a term, each in turn, written twice."""
    match e:
        case Mul(factors):
            yield from (Mul((*factors, f)) for f in factors)
        case Add(terms):
            yield from (Add((*terms, t)) for t in terms)
        case _:
            pass
    inside = children(e)
    for k, child in enumerate(inside):
        for new in doubled(child):
            if new.shape == child.shape:
                yield with_children(e, (*inside[:k], new, *inside[k + 1 :]))


def lines(rule: Rule) -> set[int]:
    """The lines of a rule's function, its head left out."""
    code = rule.rewrite.__code__
    return {line for _, _, line in code.co_lines() if line and line != code.co_firstlineno}


def declines(rule: Rule, line: int) -> bool:
    """Whether a line of a rule does nothing but decline."""
    source = linecache.getline(rule.rewrite.__code__.co_filename, line).strip()
    return source in ("return None", "continue", "case _:", "pass")


@contextmanager
def lines_of(code: CodeType) -> Iterator[set[int]]:
    """The lines of one function that are run."""
    reached: set[int] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code is not code:
            return None
        reached.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield reached
    finally:
        sys.settrace(before)
