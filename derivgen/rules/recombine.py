"""From entries back to arrays: definitions are read backwards, until the array that is built meets the one that is read."""

from __future__ import annotations

from derivgen.catalog.build import (
    chain,
    column,
    factors_of,
    is_elementwise,
    plus,
    product,
    split_coefficient,
    transposed,
)
from derivgen.catalog.linear import diag, matmul, sum_, trace, transpose
from derivgen.catalog.opaque import eye, ones, zeros
from derivgen.expr import (
    ONE,
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Power,
    Sum,
    children,
    rename,
    walk,
    with_children,
)
from derivgen.rules import told_of_entries as told
from derivgen.rules.arithmetic import filled, with_ones
from derivgen.rules.engine import Context
from derivgen.rules.monomials import as_array, as_entry, live, monomial, times
from derivgen.rules.rule import Stage, rule, sides


@rule(Stage.RECOMBINE, Sum, title="Recognise an inner product", states=r"\textstyle\sum_i u_i v_i = \mathbf u^{\mathsf T}\mathbf v",
      because=r"[{\textstyle\sum_i u_i v_i}|The sum] adds up products of entries of two vectors: [the inner product {\mathbf u^{\mathsf T}\mathbf v}|their inner product].", terms=sides(r"\textstyle\sum_i u_i v_i", r"\mathbf u^{\mathsf T}\mathbf v"), reference="the dot product",
      examples=("sum(x[i] * y[i] for i in range(n))", "sum(a * x[i]**2 for i in range(n))",
                "sum(x[i] * y[i] * w[i] for i in range(n))"))  # fmt: skip
def inner_product(e: Sum, ctx: Context) -> Expr | None:
    m = monomial(e, ctx)
    if m is None or m.matrices:
        return None
    match m.vectors:
        case (Power(base, Number(value)),) if value == 2:
            return times(m, chain(transposed(base), base))
        case (first, *rest) if rest:
            # A power of one is written with the other: (u ⊗ v)ᵀw keeps the last factor apart.
            *left, last = (first, *rest)
            return times(m, chain(transposed(product(*left)), last))
        case _:
            return None


@rule(Stage.RECOMBINE, Mul, title="Recognise an element-wise product", states=r"A_{ij}B_{ij} = (A \otimes B)_{ij}",
      because=r"[{A_{ij}B_{ij}}|The product] multiplies entries at the same places[: {(A \otimes B)_{ij}}|].", terms=sides("A_{ij}B_{ij}", r"(A \otimes B)_{ij}"),
      examples=("[sum(A[i, j] * tanh(A)[i, j] for j in range(n)) for i in range(m)]",))  # fmt: skip
def parallel_entries(e: Mul, ctx: Context) -> Expr | None:
    first: dict[frozenset[Index], tuple[int, tuple[Index, ...]]] = {}
    for k, f in enumerate(e.factors):
        found = as_entry(f, ctx)
        if found is None or len(found[1]) != 2:
            continue
        key = frozenset(found[1])
        if key not in first:
            first[key] = (k, found[1])
            continue
        m, order = first[key]
        left, right = as_array(e.factors[m], order, ctx), as_array(f, order, ctx)
        assert left is not None
        assert right is not None
        rest = [g for n, g in enumerate(e.factors) if n not in (k, m)]
        return product(*rest, At(product(left, right), order))
    return None


@rule(Stage.RECOMBINE, Sum, title="Recognise a sum of entries", states=r"\textstyle\sum_i\sum_j A_{ij} = \operatorname{sum}(A)",
      because=r"[{\textstyle\sum_i\sum_j A_{ij}} adds up all entries of {A}|The double sum adds up all entries of a matrix].", terms=lambda e, new: {r"\textstyle\sum_i\sum_j A_{ij}": e, "A": new.args[0]}, examples=("sum(sum(A[i, j]**2 for j in range(n)) for i in range(m))",))  # fmt: skip
def sum_of_matrix_entries(e: Sum, ctx: Context) -> Expr | None:
    if not isinstance(e.body, Sum) or e.index in ctx.sample_indices:
        return None
    inner = monomial(e.body, ctx)
    if inner is None or inner.outside or inner.vectors or inner.ends != (e.index,):
        return None
    matrix = inner.matrices[0]
    # The sum of a transpose is that of the matrix.
    return Call(sum_, (transposed(matrix) if isinstance(matrix, Call) and matrix.op is transpose else matrix,))


@rule(Stage.RECOMBINE, Sum, title="Recognise a matrix times a vector",
      states=r"\textstyle\sum_j A_{ij}v_j = (A\mathbf v)_i,\quad \sum_i u_i A_{ij} = (A^{\mathsf T}\mathbf u)_j",
      because=r"The sum over {j}, an index of the matrix and of the vector, is an entry of their product[: {(A\mathbf v)_i}|].", terms=lambda e, new: {"j": e.index, r"(A\mathbf v)_i": told.last_entry(new)}, reference="the method",
      examples=("[sum(A[i, j] * x[j] for j in range(n)) for i in range(m)]", "[sum(A[i, j] for j in range(n)) for i in range(m)]",
                "[sum(u[i] * A[i, j] for i in range(m)) for j in range(n)]"))  # fmt: skip
def matrix_vector(e: Sum, ctx: Context) -> Expr | None:
    m = monomial(e, ctx)
    if m is None or len(m.matrices) != 1:
        return None
    vector = product(*m.vectors) if m.vectors else Call(ones, (), (e.index.dim,))
    return times(m, At(chain(m.matrices[0], vector), m.ends))


@rule(Stage.RECOMBINE, Sum, title="Recognise a matrix product",
      states=r"\textstyle\sum_j A_{ij}\,v_j\,B_{jk} = (A\operatorname{diag}(\mathbf v)B)_{ik}",
      because=r"The sum over {j}, an index of both matrices, is an entry of their product[: {(AB)_{ik}}|].", terms=lambda e, new: {"j": e.index, "(AB)_{ik}": told.last_entry(new)},
      reference="the method", examples=("[[sum(A[i, j] * A[k, j] for j in range(n)) for k in range(m)] for i in range(m)]",
                "[[sum(A[i, j] * x[j] * B[j, k] for j in range(n)) for k in range(p)] for i in range(m)]"))  # fmt: skip
def matrix_product(e: Sum, ctx: Context) -> Expr | None:
    m = monomial(e, ctx)
    if m is None or len(m.matrices) != 2:
        return None
    between = (Call(diag, (product(*m.vectors),)),) if m.vectors else ()
    return times(m, At(chain(m.matrices[0], *between, transposed(m.matrices[1])), m.ends))


@rule(Stage.RECOMBINE, Sum, title="Recognise a sum of entries", states=r"\textstyle\sum_i v_i = \operatorname{sum}(\mathbf v)",
      because=r"[{\textstyle\sum_i v_i} adds up all entries of {\mathbf v}|The sum adds up all entries of a vector].", terms=lambda e, new: {r"\textstyle\sum_i v_i": e, r"\mathbf v": told.arguments(new)}, examples=("sum(a * exp(x)[i] for i in range(n))", "sum(M[i, i] for i in range(n))"))  # fmt: skip
def sum_of_entries(e: Sum, ctx: Context) -> Expr | None:
    m = monomial(e, ctx)
    if m is None or m.matrices or len(m.vectors) != 1:
        return None
    (v,) = m.vectors
    if isinstance(v, Call) and v.op is diag:
        return times(m, Call(trace, v.args))
    return times(m, Call(sum_, (v,)))


@rule(Stage.RECOMBINE, Mul, title="Name the diagonal matrix", states=r"u_i\,\delta_{ij} = \operatorname{diag}(\mathbf u)_{ij}",
      because=told.ON_DIAGONAL, terms=told.diagonal,
      reference="element-wise operators",
      examples=("[[x[i] * (i == j) for j in range(n)] for i in range(n)]", "[[a * (i == j) for j in range(n)] for i in range(n)]", "[[M[i, j] * (i == j) for j in range(n)] for i in range(n)]",
                "[[partial(x[i] <> y[i], x[i]) * (i == j) for j in range(n)] for i in range(n)]"))  # fmt: skip
def name_diagonal(e: Mul, ctx: Context) -> Expr | None:
    factors = factors_of(e)
    pair = next((f for f in factors if isinstance(f, Delta)), None)
    if pair is None or not (isinstance(pair.left, Index) and isinstance(pair.right, Index)):
        return None
    i, j = pair.left, pair.right
    if i == j or i in ctx.sample_indices or j in ctx.sample_indices:
        return None
    scalars: list[Expr] = []
    vectors: list[Expr] = []
    for f in factors:
        if f is pair:
            continue
        f = rename(f, {j: i})
        array = as_array(f, (i,), ctx)
        if not live(f, ctx):
            scalars.append(f)
        elif array is not None:
            vectors.append(array)
        elif live(f, ctx) == {i} and _pending(f):
            vectors.append(Build((i,), f))  # a derivative that stays to be taken, such as that of a generic operator
        else:
            return None
    matrix = Call(diag, (product(*vectors),)) if vectors else Call(eye, (), (i.dim,))
    return product(*scalars, At(matrix, (i, j)))


def _pending(e: Expr) -> bool:
    return any(isinstance(part, Partial) for part in walk(e))


@rule(Stage.RECOMBINE, Add, Mul, Power, Call, Cases, title="Read the entries as an array",
      states=r"\varphi(u_i) = \varphi(\mathbf u)_i,\quad u_i \bigcirc v_i = (\mathbf u \bigcirc \mathbf v)_i",
      because=r"[{u_i \bigcirc v_i} is the same operation in every entry: an entry of {\mathbf u \bigcirc \mathbf v}|The same is done in every entry, so this is an entry of {\mathbf u \bigcirc \mathbf v}|The same is done with the entries at every place, so it is done with the arrays].", terms=lambda e, new: {r"u_i \bigcirc v_i": e, r"\mathbf u \bigcirc \mathbf v": new.array}, reference="element-wise operators",
      examples=("[x[i] * y[i] for i in range(n)]", "[exp(x[i]) - 2 * y[i] + a for i in range(n)]", "[1 / (1 + x[i]) for i in range(n)]",
                "[where(x[i] > 0, x[i], 0) for i in range(n)]", "[where(x[i] > 0, 1, 2) for i in range(n)]", "[where((x > 0)[i], 1, 0) for i in range(n)]", "[[A[i, j] + exp(A[i, j]) for j in range(n)] for i in range(m)]"))  # fmt: skip
def lift_entries(e: Expr, ctx: Context) -> Expr | None:
    if e.shape.axes or (isinstance(e, Call) and not is_elementwise(e)) or as_entry(e, ctx) is not None:
        return None
    order = settled_order(e, ctx)
    if not 1 <= len(order) <= 2:
        return None
    # A number beside the identity is written out (expand_to_matrix): I + c looks like I + cI.
    if isinstance(e, Add) and shifts_identity(e, ctx):
        return None
    arrays: list[Expr] = []
    for child in children(e):
        array = (as_array(child, order, ctx) or _scaled(child, order, ctx)) if live(child, ctx) else child
        if array is None:
            return None
        arrays.append(array)
    if isinstance(e, Mul):
        arrays.sort(key=lambda a: a.shape.rank > 0)  # scalars stand before arrays
    if isinstance(e, Cases) and not any(a.shape.axes for a in (*arrays[1::2], arrays[-1])):
        # the conditions alone are arrays: one of the values must say so
        dims = tuple([i.dim for i in order])
        arrays[-1] = Call(zeros, (), dims) if arrays[-1] == ZERO else product(arrays[-1], Call(ones, (), dims))
    return At(with_children(e, tuple(arrays)), order)


def settled_order(e: Expr, ctx: Context) -> tuple[Index, ...]:
    """The live indices of a node in a settled order."""
    return tuple(sorted(live(e, ctx), key=lambda i: (len(i.name), i.name)))


def _scaled(e: Expr, order: tuple[Index, ...], ctx: Context) -> Expr | None:
    """A number times an entry, such as the term -v_i of a sum, as a number times an array."""
    value, rest = split_coefficient(e)
    array = as_array(rest, order, ctx) if rest is not e else None
    return product(Number(value), array) if array is not None else None


def shifts_identity(e: Add, ctx: Context) -> bool:
    """Whether a number is added to an entry of the identity."""
    return any(_is_identity(f) for t in e.terms for f in factors_of(t)) and not all(live(t, ctx) for t in e.terms)


def _is_identity(e: Expr) -> bool:
    """Whether an entry is one of the identity matrix, or of a matrix that the identity stands in."""
    if isinstance(e, Delta):
        return True
    return isinstance(e, At) and any(isinstance(part, Call) and part.op is eye for part in walk(e.array))


@rule(Stage.RECOMBINE, Mul, title="Recognise an outer product", states=r"u_i v_j = (\mathbf u\mathbf v^{\mathsf T})_{ij}",
      because=r"[{u_i v_j}, an entry of a column times an entry of a row, is an entry of {\mathbf u\mathbf v^{\mathsf T}}|An entry of a column times an entry of a row is an entry of their outer product].", terms=told.outer,
      examples=("[[x[i] * a * y[j] for j in range(n)] for i in range(n)]", "[[w[j] * x[i] * y[i] for i in range(n)] for j in range(n)]"))  # fmt: skip
def outer_product(e: Mul, ctx: Context) -> Expr | None:
    found = _two_sided(e, ctx)
    if found is None:
        return None
    scalars, left, matrix, right, order = found
    if matrix is not None or not left or not right:
        return None
    return product(*scalars, At(chain(product(*left), transposed(product(*right))), order))


def _two_sided(
    e: Mul, ctx: Context
) -> tuple[list[Expr], list[Expr], Expr | None, list[Expr], tuple[Index, ...]] | None:
    """A product over two live indices as scalars, vectors on the first, at most one matrix, vectors on the second."""
    order = settled_order(e, ctx)
    if len(order) != 2:
        return None
    scalars: list[Expr] = []
    left: list[Expr] = []
    right: list[Expr] = []
    matrix: Expr | None = None
    for f in e.factors:
        if not live(f, ctx):
            scalars.append(f)
            continue
        found = as_entry(f, ctx)
        if found is None:
            return None
        if len(found[1]) == 2:
            if matrix is not None:
                return None
            matrix = as_array(f, order, ctx)
        else:
            (left if found[1][0] == order[0] else right).append(column(found[0]))
    return scalars, left, matrix, right, order


@rule(Stage.RECOMBINE, Sum, title="Sum term by term", states=r"\textstyle\sum_i (u_i + v_i) = \sum_i u_i + \sum_i v_i",
      because=r"The sum over {i} is taken term by term.", terms=lambda e, _: {"i": e.index}, role="silent",
      examples=("[sum(A[i, j] * x[j] + y[j] for j in range(n)) for i in range(m)]",))  # fmt: skip
def sum_term_by_term(e: Sum, ctx: Context) -> Expr | None:
    if isinstance(e.body, Add) and len(live(e.body, ctx)) > 1 and e.index not in ctx.sample_indices:
        return plus(*(Sum(e.index, t) for t in e.body.terms))
    return None


@rule(Stage.RECOMBINE, Mul, title="Scale rows and columns",
      states=r"u_i A_{ij} v_j = (\operatorname{diag}(\mathbf u)A\operatorname{diag}(\mathbf v))_{ij}",
      because=r"A diagonal matrix on the left scales the rows, one on the right the columns[: {u_i A_{ij} v_j} is an entry of {\operatorname{diag}(\mathbf u)A\operatorname{diag}(\mathbf v)}|].", terms=lambda e, new: {"u_i A_{ij} v_j": e, r"\operatorname{diag}(\mathbf u)A\operatorname{diag}(\mathbf v)": told.array_of(new)},
      examples=("[[u[i] * A[i, j] for j in range(n)] for i in range(m)]", "[[a * A[i, j] * x[j] for j in range(n)] for i in range(m)]"))  # fmt: skip
def scale_rows_columns(e: Mul, ctx: Context) -> Expr | None:
    found = _two_sided(e, ctx)
    if found is None:
        return None
    scalars, left, matrix, right, order = found
    if matrix is None or not (left or right):
        return None
    rows = [Call(diag, (product(*left),))] if left else []
    columns = [Call(diag, (product(*right),))] if right else []
    return product(*scalars, At(chain(*rows, matrix, *columns), order))


@rule(Stage.RECOMBINE, Sum, title="Sum the arrays", states=r"\textstyle\sum_i (\mathbf v_i)_j = (\sum_i \mathbf v_i)_j",
      because=r"The entries are summed over {i}, so each is an entry of the sum of the arrays.", terms=lambda e, _: {"i": e.index},
      examples=("[sum(tanh(A[k])[j] for k in range(m)) for j in range(n)]",
                "[sum(tanh(A[k][j]) * exp(w.T @ A[k]) for k in range(m)) for j in range(n)]",))  # fmt: skip
def sum_arrays(e: Sum, ctx: Context) -> Expr | None:
    if e.index not in ctx.sample_indices or e.body.shape.axes:
        return None
    factors = factors_of(e.body)
    entries = [f for f in factors if live(f, ctx)]
    found = as_entry(entries[0], ctx) if len(entries) == 1 else None
    if found is None:
        return None
    array, places = found
    return At(Sum(e.index, product(*(f for f in factors if f is not entries[0]), column(array))), places)


@rule(Stage.RECOMBINE, Mul, title="Multiply out", states=r"u_i\,(v_i w_j + c_i) = u_i v_i w_j + u_i c_i",
      because=r"[{u_i\,(v_i w_j + c_i)}|A product] is multiplied out: its terms belong to different indices, so each is put together by itself.", terms=lambda e, _: {r"u_i\,(v_i w_j + c_i)": e},
      examples=("[[x[i] * (y[i] * w[j] + x[j]) for j in range(n)] for i in range(n)]",))  # fmt: skip
def multiply_out(e: Mul, ctx: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        # Terms over other indices, or over more than a matrix has, are put together each by itself.
        if (
            isinstance(f, Add)
            and len(live(f, ctx)) > 1
            and (len(live(f, ctx)) > 2 or len({live(t, ctx) for t in f.terms}) > 1)
        ):
            return plus(*(product(*e.factors[:k], t, *e.factors[k + 1 :]) for t in f.terms))
    return None


@rule(Stage.RECOMBINE, Add, title="Expand to a matrix", states=r"A_{ij} + v_i = (A + \mathbf v\mathbf 1^{\mathsf T})_{ij}",
      because=r"A term[ of {A_{ij} + v_i}|] without one of the two indices is the same along it[: {A + \mathbf v\mathbf 1^{\mathsf T}}|].", terms=told.written_matrix,
      examples=("[[A[i, j] + v[i] + a for j in range(n)] for i in range(m)]", "[[A[i, j] + exp(x[j]) for j in range(n)] for i in range(m)]",
                "[[x[i] + y[j] for j in range(n)] for i in range(n)]", "[[(i == j) + a for j in range(n)] for i in range(n)]"))  # fmt: skip
def expand_to_matrix(e: Add, ctx: Context) -> Expr | None:
    order = settled_order(e, ctx)
    if len(order) != 2 or e.shape.axes or as_entry(e, ctx) is not None:
        return None
    new: list[Expr] = []
    for t in e.terms:
        array = as_array(t, order, ctx)
        if array is None and len(live(t, ctx)) == 1:
            found = as_entry(t, ctx)
            if found is None:
                return None
            v, at_first = column(found[0]), found[1] == order[:1]
            other = Call(ones, (), (order[1 if at_first else 0].dim,))
            array = chain(v, transposed(other)) if at_first else chain(other, transposed(v))
        elif array is None and not live(t, ctx):
            array = product(
                t, chain(*(f(Call(ones, (), (i.dim,))) for f, i in zip((column, transposed), order, strict=True)))
            )
        if array is None:
            return None
        new.append(At(array, order))
    return None if plus(*new) == e else plus(*new)


@rule(Stage.RECOMBINE, Build, role="silent", title="Combine the entries", states=r"[v_i]_i = \mathbf v,\quad [A_{ji}]_{ij} = A^{\mathsf T}",
      because=r"[The array with the entries {A_{ij}} is {A}|The entries that were found are put together to an array].", terms=told.combined, reference="the method",
      examples=("[x[i] for i in range(n)]", "[[A[i, j] for i in range(m)] for j in range(n)]", "[x[i] for i in range(n)].T",
                "[(x + y)[i] for i in range(n)].T", "[a for i in range(n)]", "[[a for i in range(n)] for j in range(m)]",
                "[[(i == j) for j in range(n)] for i in range(n)]", "[[0 for i in range(n)] for j in range(m)]", "[[x[i] for j in range(m)] for i in range(n)]",
                "[[x[j] for j in range(n)] for i in range(m)]", "[a * x[i] for i in range(n)].T"))  # fmt: skip
def combine_entries(e: Build, ctx: Context) -> Expr | None:
    if len(e.indices) > 2 or e.bound != e.indices:
        return None
    inner = Context(
        ctx.book, ctx.taken, ctx.sample_indices | (e.body.free - set(e.bound))
    )  # an index from outside is a parameter here
    if not live(e.body, inner):
        value = e.body
        if isinstance(value, Number) and value.value in (0, 1):
            return filled(value, e.shape)
        return product(value, filled(ONE, e.shape))
    scalars = [f for f in factors_of(e.body) if not live(f, inner)]
    rest = product(*(f for f in factors_of(e.body) if live(f, inner)))
    array = as_array(rest, e.bound, inner)
    if array is None:
        found = as_entry(rest, inner)
        if found is None or len(e.indices) < 2:
            return None
        v, place = column(found[0]), found[1]
        first = place[0] == e.indices[0]
        other = Call(ones, (), (e.indices[1 if first else 0].dim,))
        array = chain(v, transposed(other)) if first else chain(other, transposed(v))
    array = with_ones(array, ctx)
    return product(*scalars, _as_row(array) if e.row else array)


def _as_row(v: Expr) -> Expr:
    """A column as a row; a sum of products is transposed term by term, so that common factors show."""
    if (
        isinstance(v, Add)
        and any(isinstance(f, Call) and f.op is matmul for t in v.terms for f in factors_of(t))
        and all(t.shape.axes for t in v.terms)
    ):
        return plus(*(_as_row(t) for t in v.terms))
    if isinstance(v, Mul):
        arrays = [f for f in v.factors if f.shape.axes]
        if len(arrays) == 1:
            return product(*(_as_row(f) if f is arrays[0] else f for f in v.factors))
    if isinstance(v, Call) and v.op is matmul:
        return chain(*(transposed(f) for f in reversed(v.args)))
    if isinstance(v, Sum):
        return Sum(v.index, _as_row(v.body))
    return transposed(v)
