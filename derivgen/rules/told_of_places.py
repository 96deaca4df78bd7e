"""What is told of the entries of a derivative that are read as a matrix: where each stands, and of which product it is one."""

from __future__ import annotations

from derivgen.catalog.build import chain, factors_of, operands_of, product, split_coefficient
from derivgen.catalog.linear import matmul, transpose
from derivgen.expr import At, Build, Call, Cases, Expr, Index, Mul, Sum, Symbol, symbols
from derivgen.rules.reason import Reason, Terms, filled
from derivgen.rules.step import Step
from derivgen.rules.told_of_moves import derivatives, partial_in, variable_of


def of_layout(s: Step) -> Terms | Reason | None:
    """Which row and which column an entry of a matrix has its derivative in, and of which product that makes the whole one."""
    whole = next(derivatives(s.left), None)
    match s.before, variable_of(whole) if whole is not None else None:
        case Build((Index() as k, Index() as j), body), Symbol() as w:
            wrt = partial_in(whole).wrt if isinstance(whole, Build) else None
            as_it_is = isinstance(whole, Build) and isinstance(wrt, At) and wrt.places == whole.indices
            layout, entry = ("gradient", (k, j)) if as_it_is else ("numerator", (j, k))
            terms: Terms = {"W_{jk}": At(w, entry), "k": k, "j": j, "e": body, "a": s.after}
            said = f"In {layout} layout the derivative by {{W_{{jk}}}} stands in row {{k}}, column {{j}}"
            product_ = next((f for f in factors_of(s.after) if f.shape.rank == 2), s.after)
            rest = product(*(f for f in factors_of(split_coefficient(body)[1]) if {k, j} & f.free))
            turned = isinstance(product_, Call) and product_.op is transpose
            parts = _column_by_row(product_.children[0] if turned else product_)
            if parts is not None and isinstance(rest, Mul):
                at = (j, k) if turned else (k, j)
                said += ": there [{e}|what was found, but for its sign,] is entry {p} of the column {u} times entry {q} of the row {v}"
                said += ", and their product is turned" if turned else ""
                own: Terms = {"e": rest, "u": parts[0], "v": parts[1], "p": at[0], "q": at[1]}
                return filled(f"{said}.", {**terms, **own})
            match product_, rest:
                case Call(op, (_, _, _) as args), Sum(i, inner) if op is matmul and all(map(_is_letter, args)):
                    inner_sums = [f.index for f in factors_of(inner) if isinstance(f, Sum)]
                    if len(inner_sums) != 1:
                        return filled(f"{said}.", terms)
                    of_two: Terms = {"i": i, "p": inner_sums[0], "P": product_, "u": args[0], "v": args[-1]}
                    return filled(f"{said}: the sums over {{i}} and {{p}} are those of the product {{P}}, from row {{k}} of {{u}} to column "
                                  "{j} of {v}.", {**terms, **of_two})  # fmt: skip
                case Call(op, (a, b)), Sum(i) if op is matmul:
                    return filled(f"{said}: the sum over {{i}} is row {{k}} of {{u}} times column {{j}} of {{v}}.",
                                  {**terms, "i": i, "u": a, "v": b})  # fmt: skip
                case _:
                    return filled(f"{said}.", terms)
        case _:
            return None


def _is_letter(e: Expr) -> bool:
    """Whether it is a letter, or the transpose of one."""
    return isinstance(e, Symbol) or (isinstance(e, Call) and e.op is transpose and isinstance(e.args[0], Symbol))


def _column_by_row(e: Expr) -> tuple[Expr, Expr] | None:
    """A matrix product as a column times a row; None where it is none."""
    args = operands_of(e)
    for k in range(1, len(args)):
        u, v = chain(*args[:k]), chain(*args[k:])
        if u.shape.rank == v.shape.rank == 1 and v.shape.row and not u.shape.row:
            return u, v
    return None


def of_cases(cases: Cases) -> Reason | Terms:
    """Which cases are differentiated; between those that are told apart by indices alone there is no border."""
    terms: Terms = {"u": tuple(v for _, v in cases.branches), "v": cases.otherwise}
    if any(symbols(c) for c, _ in cases.branches):
        return terms
    return filled(
        "The indices alone say which [of {u} and {v}|case] it is, so each is differentiated by itself.",
        terms,
    )
