"""Sums over the samples that an answer keeps: what is the same in every term is written once."""

from __future__ import annotations

from itertools import takewhile

from derivgen.catalog.build import chain, factors_of, product
from derivgen.catalog.linear import matmul
from derivgen.expr import Call, Expr, Sum
from derivgen.rules.engine import Context
from derivgen.rules.rule import Stage, rule, sides


def constant_ends(e: Sum, args: tuple[Expr, ...]) -> tuple[int, int]:
    """How many factors of a matrix product, from the left and from the right, are the same in every term."""
    left, right = (sum(1 for _ in takewhile(lambda a: e.index not in a.free, side)) for side in (args, args[::-1]))
    return left, right


@rule(Stage.SIMPLIFY, Sum, role="offered", title="Take the constants out of the sum",
      states=r"\textstyle\sum_i A\,\mathbf v_i\mathbf v_i^{\mathsf T}B = A\left(\sum_i \mathbf v_i\mathbf v_i^{\mathsf T}\right)B",
      because=r"In {\textstyle\sum_i A\,\mathbf v_i\mathbf v_i^{\mathsf T}B} a factor is the same in every term, so it multiplies the sum of the others.", terms=sides(r"\textstyle\sum_i A\,\mathbf v_i\mathbf v_i^{\mathsf T}B", r"A\left(\sum_i \mathbf v_i\mathbf v_i^{\mathsf T}\right)B"),
      examples=("sum(M @ A[i] for i in range(m))", "sum(u[i] * M @ A[i] @ A[i].T @ N for i in range(m))"))  # fmt: skip
def constants_out_of_sum(e: Sum, _: Context) -> Expr | None:
    factors = factors_of(e.body)
    arrays = [k for k, f in enumerate(factors) if f.shape.axes]
    match [factors[k] for k in arrays]:
        case [Call(op, args)] if op is matmul and 0 < sum(constant_ends(e, args)) < len(args):
            left, right = constant_ends(e, args)
        case _:
            return None
    k, last = arrays[0], len(args) - right
    inner = Sum(e.index, product(*factors[:k], chain(*args[left:last]), *factors[k + 1 :]))
    return chain(*args[:left], inner, *args[last:])
