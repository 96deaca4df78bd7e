"""Functions and cases are folded: a quotient is recognised as the softmax, a root as a norm, an indicator as a case."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.build import factors_of, product, split_base, to_power, transposed
from derivgen.catalog.elementwise import exp, greater, less, log
from derivgen.catalog.formulas import norm, softmax
from derivgen.catalog.linear import diag, matmul, sum_, transpose
from derivgen.expr import ZERO, At, Call, Cases, Expr, Mul, Number, Power
from derivgen.rules import told_of_entries as told
from derivgen.rules.engine import Context
from derivgen.rules.monomials import square_root
from derivgen.rules.rule import Phase, Stage, rule, sides


@rule(Stage.SIMPLIFY, Mul, phases=(Phase.RECOMBINE, Phase.SIMPLIFY), title="Fold the softmax", states=r"\frac{\exp(\mathbf x)}{\sum_k \exp(x_k)} = \operatorname{softmax}(\mathbf x)",
      because=r"The exponentials over their sum are {\operatorname{softmax}(\mathbf x)}.", terms=told.folded_softmax,
      examples=("exp(x) / sum(exp(x))", "a * exp(x) / sum(exp(x))**2", "1 / y * exp(x) / sum(exp(x))", "exp(x)**2 / sum(exp(x))", "[exp(x)[i] / sum(exp(x)) for i in range(n)]",
                "exp(x).T / sum(exp(x))", "diag(exp(x)) / sum(exp(x))", "exp(x).T @ M / sum(exp(x))"))  # fmt: skip
def fold_softmax(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        base, exponent = split_base(f)
        match base:
            case Call(op, (Call(inner, (x,)) as top,)) if (
                op is sum_ and inner is exp and exponent < 0 and x.shape.rank == 1
            ):
                pass
            case _:
                continue
        for m, g in enumerate(e.factors):
            over, power = split_base(g)
            count = Fraction(min(power, -exponent).__floor__())
            if count <= 0:  # a root of a softmax is no form that is read with ease
                continue
            folded: Expr = Call(softmax, (x,))
            match over:
                case At(array, places) if array == top:
                    folded = At(folded, places)
                case Call(op, (array,)) if op in (transpose, diag) and array == top:
                    folded = Call(op, (folded,))
                case Call(op, args) if op is matmul and power == 1 and (top in args or transposed(top) in args):
                    at = args.index(top) if top in args else args.index(transposed(top))
                    folded = Call(op, (*args[:at], folded if top in args else transposed(folded), *args[at + 1 :]))
                case _:
                    if over != top:
                        continue
            rest = [h for n, h in enumerate(e.factors) if n not in (k, m)]
            if exponent + count != 0:
                rest.append(to_power(base, exponent + count))
            if power != count:
                rest.append(to_power(over, power - count))
            return product(*rest, to_power(folded, count))
    return None


@rule(Stage.SIMPLIFY, Power, phases=(Phase.RECOMBINE, Phase.SIMPLIFY), title="Fold the norm", states=r"(\mathbf x^{\mathsf T}\mathbf x)^{1/2} = \|\mathbf x\|",
      because=r"The root of a sum of squares is a Euclidean norm[, so {(\mathbf x^{\mathsf T}\mathbf x)^{1/2}} is {\|\mathbf x\|}|].", terms=sides(r"(\mathbf x^{\mathsf T}\mathbf x)^{1/2}", r"\|\mathbf x\|"), reference="",
      examples=("sqrt(x.T @ x)", "(x.T @ x)**(-3/2)", "sqrt(x.T @ A.T @ A @ x)", "sqrt(sum(A**2))"))  # fmt: skip
def fold_norm(e: Power, _: Context) -> Expr | None:
    if not isinstance(e.exponent, Number) or e.exponent.value.denominator != 2:
        return None
    power = e.exponent.value * 2
    match e.base:
        case Call(op) as square if op is matmul:
            root = square_root(square)
            return to_power(Call(norm, (root,)), power) if root is not None else None
        case Call(op, (Power(base, Number(value)),)) if op is sum_ and value == 2:
            return to_power(Call(norm, (base,)), power)
        case _:
            return None


@rule(Stage.SIMPLIFY, Call, title="Undo the logarithm", states=r"\exp(c\log u) = u^c",
      because="The exponential undoes the logarithm; a factor before it becomes an exponent.", when="u is positive", narrows=True,
      examples=("exp(2 * log(x))", "exp(log(a))"))  # fmt: skip
def exp_of_log(e: Call, _: Context) -> Expr | None:
    if e.op is not exp:
        return None
    factors = factors_of(e.args[0])
    for k, f in enumerate(factors):
        if isinstance(f, Call) and f.op is log and f.shape == e.shape:
            rest = product(*factors[:k], *factors[k + 1 :])
            return Power(f.args[0], rest)
    return None


@rule(Stage.SIMPLIFY, Mul, Call, phases=(Phase.BY_CASES,), title="Answer by cases", states=r"\mathbf 1(c)\,u = \{u \text{ if } c;\ 0 \text{ otherwise}\}",
      because=r"{\mathbf 1(c)} is 1 where its condition holds, and 0 elsewhere.", terms=told.indicator, reference="the neuron",
      examples=("(a > 0) * x.T", "2 * (a > c)"))  # fmt: skip
def indicator_by_cases(e: Mul | Call, _: Context) -> Expr | None:
    factors = factors_of(e)
    for k, f in enumerate(factors):
        if isinstance(f, Call) and f.op in (greater, less) and not f.shape.axes:
            return Cases(((f, product(*factors[:k], *factors[k + 1 :])),), ZERO)
    return None


@rule(Stage.SIMPLIFY, Mul, title="Multiply the cases", states=r"\{a \text{ if } c;\ b\}\,u = \{a\,u \text{ if } c;\ b\,u\}",
      because=r"Each case is multiplied by {u}.", terms=told.beside_cases, reference="the neuron",
      examples=("where(a > 0, 1, 0) * x.T", "2 * where(a > 0, a, 0) * x.T", "2 * where(a > 0, a, c) * x.T"))  # fmt: skip
def multiply_cases(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        if isinstance(f, Cases) and not f.shape.axes:
            rest = e.factors[:k] + e.factors[k + 1 :]
            numbers = tuple([g for g in rest if isinstance(g, Number)])
            if len(numbers) == len(rest) or f.otherwise != ZERO or len(f.branches) > 1:
                numbers = ()  # beside a zero a number stands in front in any case
            rest = tuple([g for g in rest if g not in numbers])
            branches = tuple((c, product(v, *rest)) for c, v in f.branches)
            return product(*numbers, Cases(branches, product(f.otherwise, *rest)))
    return None
