"""Functions of numbers, applied entry by entry: each with its derivative, its value, its kink and its domain."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog import proofs
from derivgen.catalog.base import Domain, Elementwise
from derivgen.catalog.build import product
from derivgen.catalog.primitives import COS, COSH, ERF, EXP, LOG, NORMAL, SIGMOID, SIN, SINH, SOFTPLUS, TANH
from derivgen.catalog.proof import Proof
from derivgen.catalog.signs import NOT_NEGATIVE, POSITIVE
from derivgen.expr import MINUS_ONE, ONE, ZERO, Add, Call, Expr, Mul, Number, Power
from derivgen.expr.notation import Notation


def _zero(*_: Expr) -> Expr:
    return ZERO


def _minus(u: Expr, v: Expr) -> Expr:
    return u if v == ZERO else Add((u, Mul((MINUS_ONE, v))))


def _square(u: Expr) -> Expr:
    return Power(u, Number(Fraction(2)))


def _one_minus(u: Expr) -> Expr:
    return Add((ONE, Mul((MINUS_ONE, u))))


def _falling(u: Expr) -> Expr:
    return Call(exp, (Mul((MINUS_ONE, u)),))


def _bell(u: Expr) -> Expr:
    """The density of the standard normal."""
    root = Power(Mul((Number(Fraction(2)), Call(pi, ()))), Number(Fraction(-1, 2)))
    return Mul((root, Call(exp, (Mul((Number(Fraction(-1, 2)), _square(u))),))))


exp: Elementwise = Elementwise("exp", "The exponential function.", Notation(r"\exp", of_matrices=True, code="exp", sympy="exp"),
                  (lambda u: Call(exp, (u,)),), EXP, signs=POSITIVE, reference="numpy.exp", proof=Proof("{f} is its own slope"))  # fmt: skip
log: Elementwise = Elementwise("log", "The natural logarithm.",
                  Notation(r"\log", aliases=("ln",), raised=True, of_matrices=True, code="log", sympy="log"),
                  (lambda u: Power(u, MINUS_ONE),), LOG,
                  domain=Domain(lambda u: u, ">"), reference="numpy.log",
                  proof=Proof("The logarithm {f} has the slope {d}", lambda k, u: proofs.of_inverse(log, exp)(k, u)))  # fmt: skip
sin: Elementwise = Elementwise("sin", "The sine.", Notation(r"\sin", raised=True, of_matrices=True, code="sin", sympy="sin"),
                  (lambda u: Call(cos, (u,)),), SIN, reference="numpy.sin", proof=Proof("The sine {f} has the cosine {d} for its slope"))  # fmt: skip
cos: Elementwise = Elementwise("cos", "The cosine.", Notation(r"\cos", raised=True, of_matrices=True, code="cos", sympy="cos"),
                  (lambda u: Mul((MINUS_ONE, Call(sin, (u,)))),), COS, reference="numpy.cos", proof=Proof("The cosine {f} has the slope {d}"))  # fmt: skip
tan: Elementwise = Elementwise("tan", "The tangent.", Notation(r"\tan", raised=True, of_matrices=True, code="tan", sympy="tan"),
                  (lambda u: Add((ONE, _square(Call(tan, (u,))))),), lambda m, u: m.sin(u) / m.cos(u),
                  domain=Domain(lambda u: Call(cos, (u,)), "!="), reference="numpy.tan",
                  proof=Proof("The tangent {f} has the slope {d}", lambda k, u: proofs.of_quotient(
                      tan, lambda v: Call(sin, (v,)), lambda v: Call(cos, (v,)), lambda a, b: Add((_square(b), _square(a))),
                      tan.derivatives[0], "Divided term by term, by the definition of ")(k, u),
                      r"$\tan(u)$ is $\sin(u)$ over $\cos(u)$: by the quotient rule its slope is $\cos^2(u) + \sin^2(u)$ over $\cos^2(u)$."))  # fmt: skip
tanh: Elementwise = Elementwise("tanh", "The hyperbolic tangent.", Notation(r"\tanh", raised=True, code="tanh", sympy="tanh"),
                   (lambda u: _one_minus(_square(Call(tanh, (u,)))),), TANH,
                   reference="numpy.tanh",
                   proof=Proof("The hyperbolic tangent {f} has the slope {d}", lambda k, u: proofs.of_quotient(
                       tanh, lambda v: Add((Call(exp, (v,)), Mul((MINUS_ONE, _falling(v))))), lambda v: Add((Call(exp, (v,)), _falling(v))),
                       lambda a, b: Add((_square(b), Mul((MINUS_ONE, _square(a))))), tanh.derivatives[0],
                       "Divided term by term, by the definition of ")(k, u),
                       r"$\tanh(u)$ is $\exp(u) - \exp(-u)$ over $\exp(u) + \exp(-u)$, each the slope of the other: the quotient "
                       r"rule gives $1 - \tanh^2(u)$."))  # fmt: skip
sinh: Elementwise = Elementwise("sinh", "The hyperbolic sine.", Notation(r"\sinh", raised=True, code="sinh", sympy="sinh"),
                   (lambda u: Call(cosh, (u,)),), SINH, reference="numpy.sinh",
                   proof=Proof("The hyperbolic sine {f} has the hyperbolic cosine {d} for its slope",
                               lambda k, u: proofs.of_half(sinh, exp, MINUS_ONE, Call(cosh, (u,)))(k, u),
                               r"$\sinh(u)$ is half of $\exp(u) - \exp(-u)$, and $\exp(-u)$ has the slope $-\exp(-u)$."))  # fmt: skip
cosh: Elementwise = Elementwise("cosh", "The hyperbolic cosine.", Notation(r"\cosh", raised=True, code="cosh", sympy="cosh"),
                   (lambda u: Call(sinh, (u,)),), COSH, signs=POSITIVE, reference="numpy.cosh",
                   proof=Proof("The hyperbolic cosine {f} has the hyperbolic sine {d} for its slope",
                               lambda k, u: proofs.of_half(cosh, exp, ONE, Call(sinh, (u,)))(k, u),
                               r"$\cosh(u)$ is half of $\exp(u) + \exp(-u)$, and $\exp(-u)$ has the slope $-\exp(-u)$."))  # fmt: skip
coth: Elementwise = Elementwise("coth", "The hyperbolic cotangent.",
                   Notation(r"\coth", raised=True, code="1 / {m}.tanh({0})", sympy="coth"),
                   (lambda u: _one_minus(_square(Call(coth, (u,)))),), lambda m, u: 1 / m.tanh(u),
                   domain=Domain(lambda u: Call(tanh, (u,)), "!="), explains=r"$\coth(u) = \frac{\cosh(u)}{\sinh(u)}$.", reference="lambda u: 1 / numpy.tanh(u)",
                   proof=Proof("The hyperbolic cotangent {f} has the slope {d}", lambda k, u: proofs.of_quotient(
                       coth, lambda v: Call(cosh, (v,)), lambda v: Call(sinh, (v,)),
                       lambda a, b: Add((_square(b), Mul((MINUS_ONE, _square(a))))), coth.derivatives[0],
                       "Divided term by term, by the definition of ")(k, u)))  # fmt: skip
sigmoid: Elementwise = Elementwise("sigmoid", "The logistic function 1/(1 + exp(-u)).",
                      Notation(r"\sigma", unicode="σ", code={
                          "jax": "jax.nn.sigmoid({0})", "torch": "sigmoid", "numpy": '''def _sigmoid(u):
    """1 / (1 + exp(-u)), without overflow."""
    return np.exp(-np.logaddexp(0, -u))'''}),
                      (lambda u: Mul((Call(sigmoid, (u,)), _one_minus(Call(sigmoid, (u,))))),),
                      SIGMOID, explains=r"$\sigma(u) = \frac{1}{1 + \exp(-u)}$ is the logistic function.", signs=POSITIVE, reference="scipy.special.expit",
                      proof=Proof(r"The logistic function {f} has the slope {d}, its value times one minus it",
                                  lambda k, u: proofs.of_logistic(sigmoid, exp)(k, u),
                                  r"By the quotient rule $\frac{1}{1 + \exp(-u)}$ has the slope $\frac{\exp(-u)}{(1 + \exp(-u))^2}$, for $\exp(-u)$ has the "
                                  r"slope $-\exp(-u)$: that is $\sigma(u)$ times $\frac{\exp(-u)}{1 + \exp(-u)}$, which is "
                                  r"$1 - \frac{1}{1 + \exp(-u)} = 1 - \sigma(u)$."))  # fmt: skip
softplus: Elementwise = Elementwise("softplus", "The smooth ramp log(1 + exp(u)).",
                       Notation(r"\operatorname{softplus}", code={
                           "numpy": "np.logaddexp(0, {0})", "jax": "jax.nn.softplus({0})",
                           "torch": "torch.logaddexp(torch.zeros_like({0}), {0})"}),
                       (lambda u: Call(sigmoid, (u,)),), SOFTPLUS,
                       explains=r"$\operatorname{softplus}(u) = \log(1 + \exp(u))$.", signs=POSITIVE, reference="lambda u: numpy.logaddexp(0, u)",
                       proof=Proof("The smooth ramp {f} has the logistic function {d} for its slope",
                                   lambda k, u: proofs.of_softplus(softplus, log, exp, sigmoid)(k, u),
                                   r"By the chain rule $\log(1 + \exp(u))$ has the slope $\frac{\exp(u)}{1 + \exp(u)}$; divided above and below "
                                   r"by $\exp(u)$, that is $\frac{1}{1 + \exp(-u)}$, which is $\sigma(u)$."))  # fmt: skip
erf: Elementwise = Elementwise("erf", "The error function.", Notation(r"\operatorname{erf}", sympy="erf", code={
                      "jax": "jax.scipy.special.erf({0})", "torch": "special.erf", "numpy": '''def _erf(u):
    """The error function, entry by entry."""
    import math

    return np.vectorize(math.erf, otypes=[float])(u)'''}),
                  (lambda u: Mul((Number(Fraction(2)), Power(Call(pi, ()), Number(Fraction(-1, 2))),
                                  Call(exp, (Mul((MINUS_ONE, _square(u))),)))),), ERF,
                  explains=r"$\operatorname{erf}$ is the error function: $0$ at $0$, with the slope $\frac{2}{\sqrt{\pi}} \exp(-u^2)$ at $u$.", reference="scipy.special.erf", proof=Proof("{f} is an integral up to {w}, so its slope is the integrand there, {d}"))  # fmt: skip
normcdf: Elementwise = Elementwise("normcdf", "The distribution function of the standard normal.",
                      Notation(r"\operatorname{normcdf}", aliases=("ndtr",), code={
                          "jax": "jax.scipy.special.ndtr({0})", "torch": "special.ndtr", "numpy": '''def _normcdf(u):
    """The distribution function of the standard normal, entry by entry."""
    import math

    return np.vectorize(lambda x: math.erfc(-x / math.sqrt(2)) / 2, otypes=[float])(u)'''}),
                      (lambda u: _bell(u),), NORMAL,
                      explains=r"$\operatorname{normcdf}$, often $\Phi$, is the distribution function of the standard normal: $\frac{1}{2}$ at $0$, with the slope $\frac{1}{\sqrt{2\pi}} \exp(-\frac{u^2}{2})$ at $u$.",
                      signs=POSITIVE, reference="scipy.special.ndtr", proof=Proof("The distribution function {f} is an integral up to {w}, so its slope is the density there, {d}",
                                                                  lambda k, u: proofs.of_normal(normcdf, erf, _bell)(k, u)))  # fmt: skip
gelu: Elementwise = Elementwise("gelu", "The Gaussian ramp: u times the distribution function of the standard normal.",
                   Notation(r"\operatorname{gelu}", latex_aliases=("GELU", "GeLU"), code={
                       "jax": "jax.nn.gelu({0}, approximate=False)", "torch": "torch.nn.functional.gelu({0})", "numpy": '''def _gelu(u):
    """u times the distribution function of the standard normal, entry by entry."""
    import math

    return np.vectorize(lambda x: x * math.erfc(-x / math.sqrt(2)) / 2, otypes=[float])(u)'''}),
                   (lambda u: Add((Call(normcdf, (u,)), product(u, _bell(u)))),), lambda m, u: u * m.of(NORMAL, u),
                   explains=r"$\operatorname{gelu}(u) = u \operatorname{normcdf}(u)$, with the distribution function of the standard normal.",
                   reference="lambda u: u * scipy.special.ndtr(u)",
                   proof=Proof("The Gaussian ramp {f} [has the slope {d}"
                               r"|is {w} times $\operatorname{normcdf}$ of it: by the product rule its slope is $\operatorname{normcdf}$ of {w} plus {w} times the density there]",
                               lambda k, u: proofs.of_ramp(gelu, normcdf, normcdf.derivatives[0])(k, u),
                               r"By the product rule $u \operatorname{normcdf}(u)$ has the slope $\operatorname{normcdf}(u)$ plus $u$ times the slope of "
                               r"$\operatorname{normcdf}$, which is the density."))  # fmt: skip
silu: Elementwise = Elementwise("silu", "The logistic ramp u/(1 + exp(-u)), also called swish.",
                   Notation(r"\operatorname{silu}", aliases=("swish",), latex_aliases=("SiLU", "Swish"), code={
                       "jax": "jax.nn.silu({0})", "torch": "torch.nn.functional.silu({0})", "numpy": '''def _silu(u):
    """u / (1 + exp(-u)), without overflow."""
    return u * np.exp(-np.logaddexp(0, -u))'''}),
                   (lambda u: Add((Call(sigmoid, (u,)), Mul((u, Call(sigmoid, (u,)), _one_minus(Call(sigmoid, (u,))))))),),
                   lambda m, u: u * m.sigmoid(u), explains=r"$\operatorname{silu}(u) = u\,\sigma(u) = \frac{u}{1 + \exp(-u)}$.",
                   reference="lambda u: u * scipy.special.expit(u)",
                   proof=Proof("The logistic ramp {f} has the slope {d}",
                               lambda k, u: proofs.of_ramp(silu, sigmoid, sigmoid.derivatives[0])(k, u),
                               r"By the product rule $u\,\sigma(u)$ has the slope $\sigma(u)$ plus $u$ times the slope of $\sigma$, which is $\sigma(u)(1 - \sigma(u))$."))  # fmt: skip
pi: Elementwise = Elementwise("pi", "The circle's constant.", Notation(r"\pi", "letter", "π", code="{m}.pi"),
                 (), lambda m: m.pi(), signs=POSITIVE, reference="numpy.pi")  # fmt: skip

sign: Elementwise = Elementwise("sign", "-1, 0 or 1: the sign.",
                   Notation(r"\operatorname{sign}", latex_aliases=("sgn",), code="sign"),
                   (_zero,), lambda m, u: m.where_positive(u, 1, m.where_zero(u, 0, -1)), kink=lambda u: u,
                   explains=r"$\operatorname{sign}(u)$ is $1$ for $u > 0$, $-1$ for $u < 0$ and $0$ for $u = 0$.", reference="numpy.sign", proof=Proof("{f} is constant on either side of 0, so its slope there is {d}; at 0 it jumps and has none, and {d} is taken by convention"))  # fmt: skip
absolute: Elementwise = Elementwise("abs", "The absolute value.",
                       Notation("", "fence", "|", aliases=("absolute",), code="abs", sympy="Abs"),
                       (lambda u: Call(sign, (u,)),), lambda m, u: m.where_positive(u, u, -u), kink=lambda u: u,
                       signs=NOT_NEGATIVE, reference="numpy.abs",
                       proof=Proof(r"Where {w} $>$ 0, {f} is {w} itself, with slope 1; where {w} $<$ 0, it is the negative of that, with slope $-1$; at {w} = 0 these differ, so there is no slope, and {d}, elsewhere that slope, takes 0 by convention",
                                   lambda k, u: (*proofs.of_cases(absolute, greater, lambda w, _: Mul((MINUS_ONE, w)), _zero, MINUS_ONE)(k, u),
                                                 proofs.named(absolute, k, u))))  # fmt: skip
relu: Elementwise = Elementwise("relu", "The ramp max(0, u).",
                   Notation(r"\operatorname{relu}", latex_aliases=("ReLU",), code={"torch": "relu", "": "{m}.maximum({0}, 0)"}),
                   (lambda u: Call(greater, (u, ZERO)),), lambda m, u: m.where_positive(u, u, 0 * u),
                   kink=lambda u: u, explains=r"$\operatorname{relu}(u) = \max(0, u)$.", signs=NOT_NEGATIVE, reference="lambda u: numpy.maximum(0, u)",
                   proof=Proof(r"Where {w} $<$ 0, {f} is the constant 0, with slope 0; where {w} $>$ 0, it is {w} itself, with slope 1; at {w} = 0 these differ, so there is no slope, and 0 is taken by convention",
                               lambda k, u: (*proofs.of_cases(relu, greater, _zero, _zero)(k, u), proofs.named(relu, k, u))))  # fmt: skip
maximum: Elementwise = Elementwise("max", "The larger of two.",
                      Notation(r"\max", aliases=("maximum", "amax"), code="maximum", sympy="Max"),
                      (lambda u, v: Call(greater, (u, v)), lambda u, v: Call(greater, (v, u))),
                      lambda m, u, v: m.where_positive(m.minus(u, v), u, v), kink=_minus, reference="numpy.maximum",
                      proof=Proof(r"Where {w} $<$ {c}, {f} is {c}, a constant, with slope 0; where {w} $>$ {c}, it is {w} itself, with slope 1; at {w} = {c} these differ, so there is no slope, and 0 is taken by convention",
                                  lambda k, *uv: (*proofs.of_cases(maximum, greater, lambda _, c: c)(k, *uv), proofs.named(maximum, k, *uv))))  # fmt: skip
minimum: Elementwise = Elementwise("min", "The smaller of two.",
                      Notation(r"\min", aliases=("minimum", "amin"), code="minimum", sympy="Min"),
                      (lambda u, v: Call(less, (u, v)), lambda u, v: Call(less, (v, u))),
                      lambda m, u, v: m.where_positive(m.minus(u, v), v, u), kink=_minus, reference="numpy.minimum",
                      proof=Proof(r"Where {w} $>$ {c}, {f} is {c}, a constant, with slope 0; where {w} $<$ {c}, it is {w} itself, with slope 1; at {w} = {c} these differ, so there is no slope, and 0 is taken by convention",
                                  lambda k, *uv: (*proofs.of_cases(minimum, less, lambda _, c: c)(k, *uv), proofs.named(minimum, k, *uv))))  # fmt: skip

_CONSTANT = Proof(
    "{f} is constant off its border, so its slope there is {d}; on the border it jumps and has none, and {d} is taken by convention"
)
greater: Elementwise = Elementwise("greater", "1 where u > v, else 0.",
                      Notation(">", "relation", ">", ">", latex_aliases=("gt",), contrary="≤", sympy="Gt"), (_zero, _zero),
                      lambda m, u, v: m.where_positive(m.minus(u, v), 1, 0), kink=_minus, reference="numpy.greater", proof=_CONSTANT)  # fmt: skip
less: Elementwise = Elementwise("less", "1 where u < v, else 0.",
                   Notation("<", "relation", "<", "<", latex_aliases=("lt",), contrary="≥", sympy="Lt"), (_zero, _zero),
                   lambda m, u, v: m.where_positive(m.minus(v, u), 1, 0), kink=_minus, reference="numpy.less", proof=_CONSTANT)  # fmt: skip
greater_equal: Elementwise = Elementwise("greater_equal", "1 where u ≥ v, else 0.",
                            Notation(r"\geq", "relation", "≥", ">=", latex_aliases=("ge", "geqslant"), contrary="<", sympy="Ge"),
                            (_zero, _zero), lambda m, u, v: m.where_positive(m.minus(v, u), 0, 1), kink=_minus,
                            reference="numpy.greater_equal", proof=_CONSTANT)  # fmt: skip
less_equal: Elementwise = Elementwise("less_equal", "1 where u ≤ v, else 0.",
                         Notation(r"\leq", "relation", "≤", "<=", latex_aliases=("le", "leqslant"), contrary=">", sympy="Le"),
                         (_zero, _zero), lambda m, u, v: m.where_positive(m.minus(u, v), 0, 1), kink=_minus,
                         reference="numpy.less_equal", proof=_CONSTANT)  # fmt: skip
equal: Elementwise = Elementwise("equal", "1 where u = v, else 0.",
                    Notation("=", "relation", "=", "==", contrary="≠", sympy="Eq"), (_zero, _zero),
                    lambda m, u, v: m.where_zero(m.minus(u, v), 1, 0), kink=_minus, reference="numpy.equal", proof=_CONSTANT)  # fmt: skip
not_equal: Elementwise = Elementwise("not_equal", "1 where u ≠ v, else 0.",
                        Notation(r"\neq", "relation", "≠", "!=", latex_aliases=("ne",), contrary="=", sympy="Ne"),
                        (_zero, _zero), lambda m, u, v: m.where_zero(m.minus(u, v), 0, 1), kink=_minus,
                        reference="numpy.not_equal", proof=_CONSTANT)  # fmt: skip
