"""A derivation as source code: a function that computes the derivative in NumPy, JAX or PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import function_declaration, text_of_space
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.jacobian import arrange
from derivgen.derivation.methods.structured import structure_note
from derivgen.expr import Call, Dim, Expr, Index, Shape, Symbol, depends_on, product_dim, substitute, symbols
from derivgen.expr.text import text
from derivgen.show.code.dialect import Dialect
from derivgen.show.code.names import Names
from derivgen.show.code.products import transposed
from derivgen.show.code.stable import stable
from derivgen.show.code.writer import Writer
from derivgen.show.document.context import variables
from derivgen.show.formats import Format


def in_dialect(dialect: Dialect) -> Format:
    """The format of modules for an array library."""
    return Format(lambda ds, wishes: module(ds, dialect))


def module(ds: Sequence[Derivation], dialect: Dialect) -> str:
    """The source of a module: a function for each derivation, and below them what they call."""
    names: set[str] = set()
    helpers: dict[str, str] = {}
    parts = ["\n".join(dialect.imports)]
    for d in ds:
        name = f"{_kind(d)}_of_{d.name.name}"
        if len(ds) > 1:
            name += f"_by_{'_'.join(v.name for v in variables(d))}"
        parts.append(_function(d, dialect, name, names, helpers))
    parts += helpers.values()
    return "\n\n\n".join(parts) + "\n"


def _function(d: Derivation, dialect: Dialect, wanted: str, others: set[str], helpers: dict[str, str]) -> str:
    """The source of one function; ``others`` are the names of those before it, ``helpers`` what all of them call."""
    result = _tensor(d)
    arguments = _arguments(d, result)
    names = Names(dialect.words | others, [s.name for s in arguments])
    name = names.fresh(wanted)
    others.add(name)
    like = next((names[s.name] for s in arguments if s.shape.axes), next((names[s.name] for s in arguments), ""))
    places = {i: names.fresh(i.name) for i in sorted(d.problem.expression.free, key=lambda index: index.name)}
    writer = Writer(dialect, names, result, like, _letters(d), places)
    returned = writer.whole(result)
    if writer.plain(result):
        returned = dialect.number.format(returned)
    sizes, given = _sizes(names, arguments)
    parameters = [names[s.name] for s in arguments] + [*places.values()] + [*writer.functions] + given
    body = [*_docstring(d, result, arguments, writer, given), *_read(arguments, names, dialect), *sizes,
            *writer.body.lines, f"return {returned}"]  # fmt: skip
    helpers |= writer.helpers
    lines = [f"def {name}({', '.join(parameters)}):", *(f"    {line}" for line in body)]
    return "\n".join(line.rstrip() for line in lines)


def _tensor(d: Derivation) -> Expr:
    """The answer with the axes of the value first, then those of the variable."""
    result = stable(d.result)
    if d.problem.options.order == 2 or result.shape.rank != 2:
        return result
    out = tuple(Index(f"f{k}", n) for k, n in enumerate(d.problem.expression.shape.axes))
    by = (Dim(len(variables(d))),) if isinstance(d.problem.wrt, tuple) else d.problem.variable.shape.axes
    at = tuple(Index(f"x{k}", n) for k, n in enumerate(by))
    turned = arrange(out, at, d.problem.options.layout)[0] != (*out, *at)
    return transposed(result) if turned else result


def _arguments(d: Derivation, result: Expr) -> list[Symbol]:
    """The variables of the expression, and those that it is differentiated by, in the order declared."""
    found = {**symbols(d.problem.expression), **{v.name: v for v in variables(d)}, **symbols(result)}
    declared = [name for name in d.problem.symbols if name in found]
    return [found[name] for name in dict.fromkeys([*declared, *found])]


def _letters(d: Derivation) -> dict[Expr, str]:
    """The letters that the derivation gave to intermediates, by what they stand for."""
    values: dict[str, Expr] = {}
    for definition in (*d.problem.definitions, *(n for s in d.steps for n in s.introduces)):
        value = definition.value
        name = definition.symbol.name
        if name not in values and not depends_on(value, name):
            values[name] = substitute(value, {n: values[n] for n in symbols(value) if n in values})
    return {value: name for name, value in values.items()}


def _kind(d: Derivation) -> str:
    if d.problem.options.order == 2:
        return "hessian"
    if d.problem.expression.shape.axes:
        return "jacobian"
    return "gradient" if d.result.shape.axes else "derivative"


def _read(arguments: list[Symbol], names: Names, dialect: Dialect) -> list[str]:
    """Lines that make arrays of what is given."""
    reads = {s.name: dialect.reads if s.shape.axes else dialect.reads_number for s in arguments}
    return [f"{names[name]} = {how.format(names[name])}" for name, how in reads.items()]


def _sizes(names: Names, arguments: list[Symbol]) -> tuple[list[str], list[str]]:
    """Lines that read the lengths off the arguments, and the lengths that must be given."""
    lines, later, given = [], [], []
    done: set[str] = set()
    while todo := [size for size in names.sizes if size not in done]:  # a quotient may bring in another length
        for size in todo:
            done.add(size)
            name = names.sizes[size]
            found = ((s, k) for s in arguments for k, dim in enumerate(s.shape.axes) if dim.size == size)
            place = next(found, None)
            quotient = None if place else _divided(size, names, arguments)
            if place is not None:
                lines.append(f"{name} = {names[place[0].name]}.shape[{place[1]}]")
            elif quotient is not None:
                later.append(f"{name} = {quotient}")
            else:
                given.append(name)
    return lines + later, given


def _divided(size: str, names: Names, arguments: list[Symbol]) -> str | None:
    """A length by division: N where an axis is N times n long, and another one n."""
    read = {dim.size for s in arguments for dim in s.shape.axes if isinstance(dim.size, str)}
    for s in arguments:
        for k, dim in enumerate(s.shape.axes):
            rest = [f for f in dim.factors if f != size]
            if len(rest) == len(dim.factors) - 1 and all(isinstance(f, int) or f in read for f in rest):
                under = names.size(product_dim(map(Dim, rest)))
                return f"{names[s.name]}.shape[{k}] // {under if len(rest) == 1 else f'({under})'}"
    return None


# --- the docstring ---------------------------------------------------------------------------------------------------


def _docstring(d: Derivation, result: Expr, arguments: list[Symbol], writer: Writer, given: list[str]) -> list[str]:
    by = ", ".join(v.name for v in variables(d))
    kind = _kind(d)
    again = " twice" if d.problem.options.order == 2 else ""
    titled = kind.title() if kind in ("jacobian", "hessian") else kind
    lines = [f"The {titled} of {d.name.name} with respect to {by}{again}.", ""]
    lines += [f"    {d.name.name} = {text(d.problem.expression)}"]
    lines += [f"    {text(Call(f, f.parameters))} = {text(f.formula)}" for f in d.problem.user_functions]
    lines += [f"    {kind} = {_formula(d)}", "", "Args:"]
    lines += [f"    {writer.names[s.name]}: {_sort(s.shape, s)}" for s in arguments]
    lines += [f"    {name}: a place, from 0 to {i.dim} - 1" for i, name in writer.body.bound.items()]
    lines += [f"    {name}: {_described(op)}" for name, op in writer.functions.items()]
    lines += [f"    {name}: a length" for name in given]
    lines += ["", "Returns:", f"    {_sort(result.shape)}. {_axes(d)}"]
    if d.conditions:
        lines += ["", *(f"{one[:1].upper()}{one[1:]}." for one in map(str, d.conditions))]
    for note in structure_note(variables(d), d.problem.options.structured):
        lines += ["", *wrap(note + ".", 100)]
    safe = [line.replace("\\", "\\\\").replace('"""', "'''") for line in lines]
    return ['"""' + safe[0], *safe[1:], '"""']


def _formula(d: Derivation) -> str:
    """The answer as text; a long one with the letters that the derivation has for its parts."""
    where = "; ".join(f"{n.symbol.name} = {text(n.value)}" for n in d.where_names)
    printed = text(d.printed_result)
    return f"{printed}, where {where}" if where else printed


def _sort(shape: Shape, symbol: Symbol | None = None) -> str:
    if not shape.axes:
        return "a number"
    sizes = ", ".join(map(str, shape.axes)) + ("," if shape.rank == 1 else "")
    said = f"an array of shape ({sizes})"
    if symbol is not None and {"symmetric", "positive-definite", "diagonal", "simplex"} & {*symbol.traits}:
        said += f", of {text_of_space(symbol)}"
    return said


def _described(op: Abstract) -> str:
    """What a function that is only declared must compute."""
    said = function_declaration(Abstract(op.name, op.domain, op.codomain, op.pointwise))
    what = "the function"
    if op.orders:
        what = "the derivative by argument " + ", then ".join(str(k + 1) for k in op.orders) + " of the function"
    if op.pointwise:
        return f"{what} {said}, entry by entry on arrays"
    shape = Shape((*op.codomain.axes, *(n for k in op.orders for n in op.domain[k].axes)))
    return f"{what} {said}; its value is {_sort(shape)}"


def _axes(d: Derivation) -> str:
    """What the axes of the returned array mean."""
    by = ", ".join(v.name for v in variables(d))
    name = d.name.name
    rank = d.problem.expression.shape.rank
    if d.problem.options.order == 2:
        return f"Entry [i, j] is the derivative by entries i and j of {by}."
    if not rank:
        return f"It has the shape of {by}." if not isinstance(d.problem.wrt, tuple) else f"Its axis is that of [{by}]."
    return f"The axes are those of {name}, then those of {by}; a vector has one axis."
