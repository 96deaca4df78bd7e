"""Operators between two, as text and mathematics share them: sums, products in a chain, powers, transposes."""

from __future__ import annotations

from derivgen.catalog import linear
from derivgen.catalog.base import GENERIC
from derivgen.catalog.build import added, factors_of, negative, times
from derivgen.expr import MINUS_ONE, ONE, Add, Build, Call, Expr, Mul, Power
from derivgen.read.arrays import columns, tabulated
from derivgen.read.conditions import comparison
from derivgen.read.context import Context, Said
from derivgen.read.functions import apply
from derivgen.read.products import divide, entrywise
from derivgen.read.shapes import fit, matmul
from derivgen.read.surface import (
    Apply,
    Group,
    Infix,
    Listed,
    Name,
    Negated,
    Scripted,
    Surface,
    Tabulated,
    Transposed,
    spine,
)


def infix(read: Context, s: Infix) -> Expr:
    """Two operands with an operator between."""
    match s.operator:
        case "+" | "-":
            return _total(read, s)
        case "*" | "/" | "@" | "◯":
            return _product(read, s)
        case "⊗" | "⊘" | "∘":
            return entrywise(read, s)
        case "**":
            base, exponent = read.expr(s.left), read.expr(s.right)
            fit(read, "**", [(s.left, base), (s.right, exponent)], s)
            return Power(base, exponent)
        case sign if (op := read.declarations.glossary.infixes.get(sign)) is not None:
            return apply(read, Apply(s.span, op.name, (s.left, s.right), s.span))
        case _:
            return comparison(read, s)


def _total(read: Context, s: Infix) -> Expr:
    """A chain of + and -."""
    chain = spine(s, ("+", "-"))
    first = chain[-1].left
    head = read.expr(first)
    terms = list(head.terms) if isinstance(head, Add) and not isinstance(first, Group) else [head]
    parts = [(first, head)]
    for here in reversed(chain):
        value = read.expr(here.right)
        parts.append((here.right, value))
        if here.operator == "-":
            value = negative(value)
        elif here.left is first and isinstance(first, Name) and first.name in read.scope and value == ONE:
            terms = [terms[0]]  # i + 1 is the position of i, counted from 1
            continue
        terms.append(value)
    fit(read, chain[0].operator, parts, s)
    return added(terms)


def _product(read: Context, s: Infix) -> Expr:
    """A chain of * / @ and ◯, which bind alike and lean to the left."""
    chain = spine(s, ("*", "/", "@", "◯"))
    first = chain[-1].left
    factors = _leading_factors(read, first, chain[-1].operator)
    parts: list[Said] = [(first, times(factors))]  # what has been multiplied entry by entry so far
    joined = False  # whether the last factor is a matrix product that may go on
    for here in reversed(chain):
        right = read.expr(here.right)
        match here.operator:
            case "*":
                parts.append((here.right, right))
                factors.append(right)
            case "/":
                parts.append((here.right, right))
                divide(read, factors, right, here.right)
            case "@":
                fit(read, "*", parts, here.left)
                *pulled, last = factors
                left = parts[-1][0] if pulled else here.left
                if any(f.shape.axes for f in pulled) or not (last.shape.axes or joined):
                    pulled, left, last = [], here.left, times(factors)
                made = matmul(read, (left, last), (here.right, right), here, goes_on=joined)
                factors = [*pulled, made]  # 2 * A @ x is 2 times A x
                parts = [(here, times(factors))]
            case _:
                fit(read, "*", parts, here.left)
                made = times(factors)
                fit(read, "◯", [(here.left, made), (here.right, right)], here)
                factors = [Call(GENERIC, (made, right))]
                parts = [(here, factors[0])]
        joined = here.operator == "@"
    fit(read, chain[0].operator if chain[0].operator in "*/" else "*", parts, s)
    return times(factors)


def _leading_factors(read: Context, first: Surface, operator: str) -> list[Expr]:
    """The factors that a chain begins with."""
    if isinstance(first, Negated) and operator == "@":  # -(a * b) @ x is - of (a * b) @ x
        value = read.expr(first.operand)
        return [MINUS_ONE, value] if isinstance(value, Mul) else list(factors_of(negative(value)))
    head = read.expr(first)
    return [head] if isinstance(first, Group) else list(factors_of(head))


def transposed(read: Context, s: Transposed) -> Expr:
    r"""x.T, x^{\mathsf T}; X_{i,:}^{\mathsf T} is row i as a column."""
    operand = s.operand
    if isinstance(operand, Listed) and (matrix := columns(read, operand)) is not None:
        return matrix
    e = read.expr(operand)
    if isinstance(operand, Tabulated) and not isinstance(operand.body, Tabulated):
        side_by_side = tabulated(read, operand, across=True)  # [x_1 … x_n] of columns is the matrix with these columns
        if side_by_side != e:
            return side_by_side
    match e:
        case _ if not e.shape.axes:
            return e  # as in NumPy
        case Build((index,), body, False) if isinstance(operand, Tabulated | Scripted):
            return Build((index,), body, row=True)
        case Call(linear.transpose, (row,)) if isinstance(operand, Scripted):
            return row
        case _:
            return Call(linear.transpose, (e,))
