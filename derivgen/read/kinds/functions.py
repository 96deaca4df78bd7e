"""The shapes of functions: those of the catalog, those that are declared, and those that nothing declares."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from derivgen.catalog import formulas, linear, opaque
from derivgen.catalog.base import (
    GENERIC,
    Abstract,
    Constant,
    Elementwise,
    Formula,
    Linear,
    Opaque,
    Operation,
    is_pointwise_scalar,
    takes_square,
)
from derivgen.catalog.letters import GREEK
from derivgen.errors import ShapeError
from derivgen.expr import SCALAR, Dim, Shape, Symbol, product_dim
from derivgen.read.kinds.accounts import Accounts, Said
from derivgen.read.kinds.arrays import are_blocks
from derivgen.read.kinds.letters import atoms
from derivgen.read.kinds.letters import parts as parts_of
from derivgen.read.kinds.meaning import ByItsSize, Defined, Open
from derivgen.read.kinds.sizes import INDEX, Hole, of_partials
from derivgen.read.latex.held import ADJUGATES, paired
from derivgen.read.latex.names import plain_name, spelling, taken_apart
from derivgen.read.latex.spelling import plain
from derivgen.read.surface import (
    Apply,
    ApplyDerivative,
    Called,
    Derivative,
    Group,
    Held,
    Infix,
    Letter,
    Listed,
    Literal,
    Negated,
    Primed,
    Product,
    Quotient,
    Raised,
    Scripted,
    Surface,
    Transposed,
    ungrouped,
)
from derivgen.read.surface import Sequence as Several

MOST_TENSORS = 8
"""How many factors with ⊗ between them may be a Kronecker product: the lengths of its axes are products of as many."""


def applied(walk: Accounts, s: Apply) -> Shape | None:
    """The shape of a function by its name, of arguments; None where it is not known."""
    name = s.function.removesuffix("∘")
    if s.axis is not None:
        return None
    known = walk.declarations.functions.get(name)
    op = None if known else _operation(walk, name, len(s.args))
    if isinstance(op, Constant):
        given = s.args[0].items if len(s.args) == 1 and isinstance(s.args[0], Listed) else s.args
        return walk.of_sizes(op.name, list(map(walk.length, given))) if given else walk.open_constant(op.name, s)
    parts = [(arg, walk.shape(arg)) for arg in s.args]
    if known is not None:
        return of_declared(walk, known, parts)
    if name in walk.declarations.user_functions or name in ("sqrt", "square", "log10"):
        return walk.of_numbers(parts)
    match op:
        case Elementwise():
            return walk.of_numbers(parts, op.name)
        case Linear() if op is linear.transpose and len(parts) == 1:
            return walk.transposed(*parts[0])
        case Linear() if (
            op is linear.diag and parts[0][1] == SCALAR and len(free := _free_indices(walk, s.args[0])) == 1
        ):
            n = walk.index(free.pop())
            return walk.sizes.shape(Shape((n, n)))
        case Linear() if len(parts) == op.arity:
            if op is linear.trace and parts[0][1] == SCALAR and _is_number_of_arrays(walk, s.args[0]):
                walk.pay("trace of a number that arrays make")
                if _is_inner_product(s.args[0]):
                    walk.pay("trace of a number that a capital makes")
                return SCALAR
            return of_linear(walk, op, [shape for _, shape in parts])
        case Formula() | Opaque() if parts:
            return of_array(walk, op, parts[0][1])
    match name, parts:
        case "dot" | "matmul", [left, right]:
            return walk.matmul(left, right)
        case "outer", [(_, Shape((m,))), (_, Shape((n,)))]:
            return walk.sizes.shape(Shape((m, n)))
        case "len", _:
            return SCALAR
        case "where", _:
            return walk.fitted([*parts[1::2], parts[-1]])
        case _:
            return None


def _operation(walk: Accounts, name: str, count: int) -> Operation | None:
    """The operation of the catalog that a name with so many arguments is."""
    glossary = walk.declarations.glossary
    found = glossary.by_name.get(name, ())
    if not found and (letter := glossary.letters.get(GREEK.get(name, ""))) is not None:
        return letter
    return found[-1] if found and count == 1 and isinstance(found[0], Elementwise) else next(iter(found), None)


def _free_indices(walk: Accounts, s: Surface) -> set[str]:
    """The indices below letters that nothing binds, in a document."""
    if not walk.letters.free_indices:
        return set()
    below = [plain_name(a) for part in parts_of(s) if isinstance(part, Scripted) for a in atoms(part.subs)]
    return {
        name for name in below if name in walk.scope and walk.scope[name] == walk.sizes.holes.get(Hole(name, INDEX))
    }


def _is_inner_product(s: Surface) -> bool:
    r"""Whether it is A^\top x or x^\top A of two letters in no font, one of them a capital: what the trace of two matrices is of."""
    match ungrouped(s):
        case Product(_, (Transposed(_, one) | Raised(_, one, Letter(_, "T"), ""), other), ("",)):
            heads = [taken_apart(one), taken_apart(other)]
            letters = [h[0] for h in heads if h is not None and len(h[0].stem) == 1 and not h[0].font]
            return len(letters) == 2 and any(letter.stem.isupper() for letter in letters)
        case _:
            return False


def _is_number_of_arrays(walk: Accounts, s: Surface) -> bool:
    """Whether a number is made of arrays, as in tr(x^T A x), or is defined in the text: its trace is written on purpose."""
    for part in parts_of(s):
        if isinstance(part, Letter | Scripted):
            shape = walk.named(part)
            if (shape is not None and shape.axes) or isinstance(walk.letters.meaning(part)[1], Defined):
                return True
    return False


def is_of_numbers(walk: Accounts, s: Surface) -> bool:
    """Whether parentheses hold a sum or a difference of letters, all of them numbers."""
    inner = ungrouped(s)
    if not isinstance(s, Group) or not isinstance(inner, Infix) or inner.operator not in "+-":
        return False
    return not any(isinstance(part, Literal) for part in parts_of(inner)) and not _is_number_of_arrays(walk, inner)


def of_linear(walk: Accounts, op: Linear, shapes: list[Shape | None]) -> Shape | None:
    """By the labels of its axes: those that are one have one length."""
    known = tuple([shape for shape in shapes if shape is not None])
    if len(known) < len(shapes):
        return SCALAR if rank_of_value(op, 2) == 0 else None
    if any(not shape.axes for shape in known) and rank_of_value(op, 2) == 0:
        walk.pay("trace of a number" if takes_square(op, known) else "norm of a number")
        return SCALAR
    try:
        rule = op.signature(known)
    except ShapeError:
        walk.misfit()
        return None
    lengths: dict[str, Dim] = {}
    for shape, labels in zip(known, rule.inputs, strict=True):
        if len(labels) != shape.rank:
            walk.misfit()
            return None if rule.output else SCALAR
        for label, dim in zip(labels, shape.axes, strict=True):
            walk.same(lengths.setdefault(label, dim), dim)
    axes = [product_dim([walk.sizes.settled(lengths[label]) for label in labels]) for labels in rule.axes]
    return walk.sizes.shape(Shape(tuple(axes), rule.row))


def of_array(walk: Accounts, op: Operation, shape: Shape | None) -> Shape | None:
    """A function of an array, whose value is a number or an array of the same shape."""
    square = takes_square(op, ())
    number = rank_of_value(op, 2 if square else 1) == 0
    if shape is None:
        return SCALAR if number else None
    if not shape.axes and (square or number):
        walk.pay("trace of a number" if square else "norm of a number")
        return SCALAR
    if op is formulas.softmax and shape.rank == 2:  # of each row
        walk.pay("softmax of a matrix")
        return shape
    if rank_of_value(op, shape.rank) is None:
        walk.misfit()
        return SCALAR if number else None if square else shape
    if square:
        walk.same(shape.axes[0], shape.axes[1])
    return SCALAR if number else walk.sizes.shape(shape)


@lru_cache(maxsize=256)
def rank_of_value(op: Operation, rank: int) -> int | None:
    """How many axes the value of a square array has, or of a vector or a number; None where there is none."""
    try:
        return op.result_shape((Symbol("x", Shape((Dim("n"),) * rank)),), ()).rank
    except ShapeError:
        return None


def of_declared(walk: Accounts, op: Abstract, parts: Sequence[Said]) -> Shape | None:
    """The shape of a declared function of arguments; None where there are more or fewer than it takes."""
    if is_pointwise_scalar(op):
        return walk.fitted(parts)
    if len(parts) != len(op.domain):
        return None
    for (_, shape), wanted in zip(parts, op.domain, strict=False):
        if shape is not None and not walk.sizes.same_shape(Shape(shape.axes), wanted):
            walk.misfit()
    return op.codomain if op.pointwise else Shape(op.codomain.axes + sum((op.domain[k].axes for k in op.orders), ()))


def held(walk: Accounts, s: Held) -> Shape | None:
    """The shape of what is held abstract, that of an adjugate among it."""
    of, runs = ([walk.shape(part) for part in parts] for parts in (s.body, s.bound))
    if s.name in ADJUGATES and len(of) == 1:
        return of_array(walk, opaque.inv, of[0])
    if s.like in ("member", "pairs", "stacked"):
        known = [shape for shape in of if shape is not None]
        if len(known) < len(of) or not known:
            return None
        if s.like == "stacked":
            if not are_blocks(known):
                walk.misfit()
            for part in [part for part, shape in zip(s.body, known, strict=True) if not shape.axes]:
                if not isinstance(part, Literal):
                    walk.pay("array plus a number")
            return Shape((walk.open("stacked", s.body[0]),))
        return Shape(known[0].axes[1:]) if s.like == "member" else paired(known, s.within) or SCALAR
    return SCALAR if s.like == "number" else (of if s.like == "body" else runs)[0]


def derivative(walk: Accounts, s: ApplyDerivative) -> Shape | None:
    """D(f, 0, 1)(x, y)."""
    op = GENERIC if s.function == "◯" else walk.declarations.functions.get(s.function)
    parts = [(arg, walk.shape(arg)) for arg in s.args]
    return None if op is None else _of_derivative(walk, op, s.orders or (0,), parts)


def variable(walk: Accounts, by: Surface) -> Shape | None:
    """The shape of that by which a gradient is taken; of x, y in ∇f(x, y) each is met, as it may stand nowhere else."""
    for each in by.items if isinstance(by, Several) else ():
        walk.shape(each)
    return walk.shape(by)


def differentiated(
    walk: Accounts, op: Abstract | None, by: Sequence[Surface], variables: Sequence[Shape | None]
) -> None:
    """A declared function that stands without its argument under ∂: what it is differentiated by is that, or an entry of it."""
    domain = op.domain[0] if op is not None and len(op.domain) == 1 else SCALAR
    for v, shape in zip(by, variables, strict=True):
        found = taken_apart(v)
        if found is None or shape is None or not domain.axes:
            continue
        places = [name for a in atoms(found[1]) if (name := plain_name(a)) is not None]
        if shape.rank == domain.rank:
            walk.sizes.same_shape(Shape(shape.axes), domain)
        elif not shape.axes and len(places) == domain.rank and all(name in walk.scope for name in places):
            for name, dim in zip(places, domain.axes, strict=True):
                walk.same(walk.index(name), dim)


def by_number(walk: Accounts, s: Derivative, *, as_entries: bool = False) -> Shape | None:
    r"""\partial_1 f(x, y); as entries, its axes are those of the value and then of the variable, whatever the layout."""
    orders: list[int] = []
    here: Surface | None = s
    while isinstance(here, Derivative):
        orders += [int(b.value) - 1 for b in here.by if isinstance(b, Literal)]
        here = here.body
    known = walk.letters.lexicon.function_of(here.head) if isinstance(here, Called) else None
    if known is None or not isinstance(here, Called) or known[1]:
        return None
    op = known[0]
    parts = [(arg, walk.shape(arg)) for arg in here.args]
    whole = _of_derivative(walk, op, orders, parts)
    if op.pointwise or as_entries or len(orders) > 1 or whole is None:
        return whole
    return of_partials(op.codomain, op.domain[orders[0]], walk.layout)


def _of_derivative(walk: Accounts, op: Abstract, orders: Sequence[int], parts: list[Said]) -> Shape | None:
    if not all(0 <= k < len(op.domain) for k in orders):
        return None
    for k in orders:
        op = op.derivative(k)
    return of_declared(walk, op, parts)


def called(walk: Accounts, s: Called) -> Shape | None:
    """The shape of what stands before brackets, applied; None where it is not known."""
    head = s.head.base if isinstance(s.head, Primed) else s.head
    primes = s.head.count if isinstance(s.head, Primed) else 0
    parts = [(arg, walk.shape(arg)) for arg in s.args]
    match head:
        case Letter(_, "1" | "◯"):
            return walk.fitted(parts)
        case Letter(_, _, "operator"):
            return walk.fitted(parts)
        case Infix(_, "∘", left, right):
            return walk.shape(Called(s.span, left, (Called(s.span, right, s.args),)))
    found = taken_apart(head)
    if found is None:
        return None
    letter, subs = found
    known = (GENERIC, subs) if letter.stem == "◯" else walk.letters.lexicon.function_of(letter, subs)
    if known is not None:
        op, own = known
        whole = _of_derivative(walk, op, (0,) * primes, parts)
        return walk.entry(whole, own) if own and whole is not None else whole
    if walk.letters.lexicon.find(spelling(letter.stem, subs)) in walk.declarations.user_functions:
        return walk.fitted(parts)
    return of_undeclared(walk, letter, subs, parts, s)


def of_undeclared(
    walk: Accounts, head: Letter, subs: tuple[Surface, ...], parts: Sequence[Said], s: Called
) -> Shape | None:
    """A function that nothing declares: on what it is given, a vector where it is bold or has components, a matrix where it is a bold capital."""
    places = atoms(subs)
    component = len(subs) == 1 and all(plain_name(a) in walk.scope or isinstance(a, Literal) for a in places)
    name = plain(head.stem) if component or not subs else plain_name(Scripted(head.span, head, subs))
    if name is None or name in walk.of_tensors or any(shape is None for _, shape in parts):
        return None
    if any(shape is not None and shape.rank > 2 for _, shape in parts):
        walk.of_tensors[name] = True  # any product may be meant, each time another
        walk.functions.pop(name, None)
        return None
    domain = tuple(Shape(shape.axes) for _, shape in parts if shape is not None)
    known = walk.functions.get(name)
    if known is None:
        bold = head.stem in walk.letters.bold or head.font == "bold"
        several = head.stem in walk.letters.components and (component or not subs)  # h_\theta has one value
        rank = 2 if bold and head.stem[:1].isupper() else int(bold or several)
        codomain = Shape(tuple([walk.sizes.open(Hole(f"{name}()", axis)) for axis in range(rank)]))
        known = Abstract(name, domain, codomain, not rank and not any(d.axes for d in domain))
        walk.functions[name] = known
        walk.applied_at[name] = s, walk.letters.source
    elif len(known.domain) != len(domain) or not all(map(walk.sizes.same_shape, known.domain, domain)):
        walk.misfit()
    return walk.entry(known.codomain, subs) if component else known.codomain


def tensor(walk: Accounts, factors: Sequence[Surface], s: Infix) -> Shape | None:
    """A Hadamard, Kronecker or outer product, as is chosen for this sign."""
    parts = [(factor, walk.shape(factor)) for factor in factors]
    if len(parts) > MOST_TENSORS or not any(shape is not None and shape.axes for _, shape in parts):
        return walk.fitted(parts)
    beside = any(_is_identity(walk, factor) for factor in factors)
    font = "kronecker" if beside and walk.letters.product == "hadamard" else walk.letters.product
    chosen = walk.choice(Open("⊗", font, sign=walk.sign("⊗", s)))
    if chosen is None:
        return None
    made = parts[0][1]
    for _, shape in parts[1:] if chosen else ():
        if made is None or shape is None:
            return None
        right = shape if chosen == 1 else Shape(shape.axes, row=True)
        made = of_linear(walk, linear.kron if chosen == 1 else linear.matmul, [made, right])
    return made if chosen else walk.fitted(parts)


def _is_identity(walk: Accounts, s: Surface) -> bool:
    """Whether a factor is I, with which nobody takes a product entry by entry."""
    meaning = walk.letters.meaning(s)[1] if isinstance(s, Letter | Scripted) else None
    return isinstance(meaning, ByItsSize) and meaning.name == "eye"


def is_over(s: Surface, denominator: int) -> bool:
    """Whether an exponent is a number with this denominator in lowest terms."""
    inner = ungrouped(s)
    inner = ungrouped(inner.operand) if isinstance(inner, Negated) else inner
    match inner:
        case Quotient(_, Literal(_, over), Literal(_, under)) | Product(
            _, (Literal(_, over), Literal(_, under)), ("/",)
        ) if under:
            return (over / under).denominator == denominator
        case _:
            return isinstance(inner, Literal) and inner.value.denominator == denominator
