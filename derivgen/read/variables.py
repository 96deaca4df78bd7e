"""What one differentiates by: a variable, a member of a family, an entry, or a row or a column of a matrix."""

from __future__ import annotations

from derivgen.catalog import linear
from derivgen.expr import At, Build, Call, Expr, Index, Symbol


def is_variable(e: Expr) -> bool:
    """Whether an expression is a variable, or a part of one of which every entry is one of its entries."""
    match e:
        case Symbol() | At(Symbol(), _) | At(Call(linear.transpose, (Symbol(),)), _):
            return True
        case Call(linear.transpose, (At(Symbol(), _) as member,)):
            return member.shape.rank == 1
        case Build(turns, At(Symbol(), places)):
            return all(places.count(turn) == 1 for turn in turns)
        case _:
            return False


def entry_of(variable: Expr, at: tuple[Index, ...]) -> Expr:
    """The entry of a variable, or of a part of one, at indices for all its axes."""
    match variable:
        case At(Call(linear.transpose, (array,)), places):
            return At(array, (*places, *at)[::-1])
        case At(array, places) | Call(linear.transpose, (At(array, places),)):
            return At(array, (*places, *at))
        case Build(turns, At(array, places)):
            put = dict(zip(turns, at, strict=True))
            return At(array, tuple([put.get(p, p) if isinstance(p, Index) else p for p in places]))
        case _:
            return At(variable, at)
