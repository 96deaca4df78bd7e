"""What a step that a method makes as a whole tells: the letters, the links and the entries that it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from derivgen.catalog.base import Formula
from derivgen.catalog.build import (
    factors_of,
    number,
    plus,
    product,
    split_coefficient,
    terms_of,
    without,
)
from derivgen.catalog.linear import diag
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    Add,
    At,
    Build,
    Call,
    Definition,
    Delta,
    Expr,
    Index,
    Mul,
    Partial,
    Sum,
    Symbol,
    children,
    depends_on,
    indices_in,
    rename,
    symbols,
    walk,
)
from derivgen.expr.text import text
from derivgen.rules import told
from derivgen.rules.reason import Reason, Terms, filled, listing
from derivgen.rules.step import Step
from derivgen.rules.told_of_chains import without_slope

MOST_LETTERS = 3
"""How many letters a sentence explains; a longer chain is in the step that names them."""

MOST_MORE = 4
"""How many further letters it lists by their names alone."""

LONGEST_OUTER = 28
"""Signs of a value, as text, in the letter of its one intermediate up to which a sentence says it."""

LONGEST_JACOBIAN = 24
"""Nodes of the Jacobian of a link up to which the sentence that carries back by it says what it is."""

ENDINGS = ("inner-product-as-sum", "simplex-sum")
"""Laws that finish what is carried and are worth a word more than the slope of the link."""


def derivatives(e: Expr | None) -> Iterator[Expr]:
    """The derivatives in names that stand in an expression, each whole: ∂y/∂u, not its entry."""
    match e:
        case None:
            return
        case Partial() | Build(_, Partial()):
            yield e
        case _:
            for child in children(e):
                yield from derivatives(child)


def value_of(derivative: Expr) -> Expr:
    """y of ∂y/∂u, also of a second derivative; of a family the member."""
    body = partial_in(derivative).body
    return _member(body.body if isinstance(body, Partial) else body, derivative)


def variable_of(derivative: Expr) -> Expr:
    """u of ∂y/∂u; of a family the member."""
    return _member(partial_in(derivative).wrt, derivative)


def partial_in(derivative: Expr) -> Partial:
    """The entry of a derivative: of an array of these the one at its own indices."""
    inner = derivative.body if isinstance(derivative, Build) else derivative
    assert isinstance(inner, Partial)
    return inner


def _member(e: Expr, derivative: Expr) -> Expr:
    """What an entry is one of, the places that the derivative runs over left out."""
    own = set(indices_in(derivative.indices)) if isinstance(derivative, Build) else set()
    if not isinstance(e, At):
        return e
    kept = tuple(p for p in e.places if not own & set(indices_in((p,))))
    return At(e.array, kept) if kept else e.array


def name_of(d: Definition) -> Expr:
    """The name that a definition explains; of a family the member at its indices."""
    match d.value:
        case Build(indices, At(_, own)) if len(own) < len(indices) and indices[-len(own) :] == own:
            return At(d.symbol, indices_in(indices[: -len(own)]))
        case Build(indices) if d.symbol.shape.rank == len(indices):
            return At(d.symbol, indices_in(indices))
        case _:
            return d.symbol


def of_table(s: Step) -> Terms | None:
    """The entry of the value, and of the variable, at which the table of partials begins."""
    match next(derivatives(s.left), None):
        case Build(_, Partial(At(_, (Index() as i, *_)) as y, wrt)):
            return {"i": i, "y_i": y, "x_j": wrt}
        case _:
            return None


def of_diagonal(s: Step) -> Terms | None:
    """What stands on a diagonal, and its index; None where the step found no diagonal."""
    match s.after:
        case Build((Index() as i, Index() as j), body):
            kept = plus(*(product(*(f for f in factors_of(t) if not isinstance(f, Delta))) for t in terms_of(body)))
            return {"i": i, "u_i": rename(kept, {j: i})}
        case _:
            return None


def named_within(x: Expr, u: Expr, inner: Expr, y: Expr, outer: Expr) -> Reason:
    """Why one intermediate has a name: the variable stands in the value only within what it names."""
    said = "{x} stands in {y} only within {inner}; with the letter {u} for it, {y} is {outer}."
    if len(text(outer)) > LONGEST_OUTER:
        said = "{x} stands in {y} only within {inner}, so this has a letter, {u}."
    return filled(said, {"x": x, "y": y, "u": u, "inner": inner, "outer": outer})


def named_on_ways(x: Expr, y: Expr) -> Reason:
    """Why names are given to all that lies on several ways from the variable to the value."""
    return filled("{x} reaches {y} in more than one way, and each leads through what is named here.", {"x": x, "y": y})


def named_product(dot: Expr, entries: Expr, u: Expr) -> Reason:
    """What an inner product is, in the letter of the products of entries that it adds up."""
    return filled("{a} multiplies entry by entry and adds up: it is the sum of the entries of {b}, which has the letter {u}.",
                  {"a": dot, "b": entries, "u": u})  # fmt: skip


def of_letter(s: Step) -> Terms | None:
    """The letter that the step introduces last; None where it introduces none."""
    return {r"\mathbf g": name_of(s.introduces[-1])} if s.introduces else None


def of_link(s: Step) -> Terms | None:
    """The value and the variable of the derivative on the left; None where there is none."""
    found = next(derivatives(s.left), None)
    return None if found is None else {r"\mathbf u": value_of(found), r"\mathbf x": variable_of(found)}


def of_chain(s: Step) -> Terms | None:
    """Both ends of a chain and what stands between; None where it has no two links."""
    whole = next(derivatives(s.left), None)
    links = next((found for e in (*s.via, s.before, s.after) if len(found := list(derivatives(e))) > 1), [])
    if whole is None or len(links) < 2:
        return None
    between = tuple(variable_of(d) for d in reversed(links[:-1]))
    return {r"\mathbf x": variable_of(whole), r"\mathbf y": value_of(whole), r"\mathbf u": between}


def of_carried(s: Step) -> Terms | Reason | None:
    """Through what a variable acts on the value: one link, or several, whose parts are added up."""
    whole = next(derivatives(s.left), None)
    links = [d for sub in s.substeps if sub.rule == "derive-link" for d in derivatives(sub.left)]
    if whole is None or not links:
        return None
    z, c, through = variable_of(whole), value_of(whole), tuple(value_of(d) for d in links)
    column = isinstance(whole, Build) and not whole.shape.row
    of = "the transpose of " if column and any(a.shape.axes for a in through) else ""
    if len(links) > 1 and c in through:
        others = without(through, c)
        each = "each of " if len(others) > 1 else ""
        return filled(
            f"{{z}} stands in {{C}} itself, and acts on it through {each}{{a}} besides: what was found for each is multiplied by "
            f"{of}its link, and all is added up.",
            {"z": z, "C": c, "a": tuple(others)},
        )
    if len(links) > 1:
        rates = [sub for sub in s.substeps if sub.rule == "derive-link"]
        own = [f"{{d{k}}} for {{a{k}}}" for k in range(len(rates))]
        listed = f"{', '.join(own[:-1])} and {own[-1]}"
        return filled(
            f"{{z}} acts on {{C}} through each of {{a}}: what was found for each is multiplied by {of}its link[, {listed}|], and "
            "the products are added up.",
            {
                "z": z,
                "C": c,
                "a": through,
                **{f"{w}{k}": e for k, s in enumerate(rates) for w, e in (("a", through[k]), ("d", s.after))},
            },
        )
    (link,) = (sub for sub in s.substeps if sub.rule == "derive-link")
    known = "" if link.after.written > LONGEST_JACOBIAN else " = {d}"
    op = next((e.op for e in walk(link.before) if isinstance(e, Call)), None)
    by_name = (
        known and isinstance(op, Formula) and any(isinstance(e, Call) and e.args == (z,) for e in walk(link.before))
    )
    known += f", the Jacobian of {op.name}" if by_name and op is not None else ""
    on = link.after.args[0] if isinstance(link.after, Call) and link.after.op is diag else None
    entries = (
        f": each entry of the {'column' if column else 'row'} by that of {{v}} in its place"
        if known and on is not None and on.shape.rank == 1
        else ""
    )
    # a diagonal matrix is its own transpose, and a number has a column for its derivative
    by = "the transpose of " if column and value_of(links[0]).shape.axes and not entries else ""
    carried = filled(
        f"{{z}} acts on {{C}} through {{a}} alone, so what was found for {{a}} is multiplied by {by}{{j}}{known}{entries}.",
        {"z": z, "C": c, "a": through, "j": links[0], "d": link.after, "v": on},
    )
    last, off = s.substeps[-1], without_slope((link.after,))
    if last.rule in ENDINGS:
        return carried + last.reason + off
    if by_name:
        return carried + next((sub.reason.first for sub in s.substeps if sub.rule == "multiply-out-diagonal"), Reason())
    return carried + link.reason.at_once + off


def of_last_link(s: Step) -> Terms | None:
    """The outer derivative's value and variable, and the value of the inner one; None where the two are one."""
    whole = s.left if isinstance(s.left, Partial) else None
    inner = next((d for d in derivatives(s.before) if isinstance(d, Partial)), None)
    if whole is None or inner is None or inner == whole:
        return None
    return {"W_{jk}": whole.wrt, "C": whole.body, "z_i": inner.body}


def of_total(s: Step) -> Terms | None:
    """Through whose entries a change passes."""
    between = tuple(name_of(d) for d in s.definitions[:-1] if d.symbol.shape.axes)
    whole = s.left if isinstance(s.left, Partial) else None
    return {"x_j": whole.wrt, "y_i": whole.body, r"\mathbf g": between} if whole is not None and between else None


def of_letters(s: Step) -> Reason | None:
    """The letters that are gone, each with what it stands for in the letters of the question."""
    gone = symbols(s.before).keys() - symbols(s.after).keys()
    names = {name_of(d): d for d in s.definitions if d.symbol.name in gone}
    return letters({name: d.value for name, d in names.items() if name == d.symbol}, names)


def letters(stand_for: Mapping[Expr, Expr], met: Collection[Expr]) -> Reason | None:
    """What the letters stand for that are met, or that stand in what one of these stands for, in a sentence.

    What is too long for a sentence has no word there: a reader would look for "this product" in the line.
    """
    seen = set(met)
    gone: dict[Expr, Expr] = {}
    for name, value in stand_for.items():
        if name in seen:
            gone[name] = value
            seen.update(walk(value))
    told, more = [*gone.items()][:MOST_LETTERS], [*gone][MOST_LETTERS:]
    said = Reason()
    for k, (name, value) in enumerate(told):
        comma = (", and " if k == len(told) - 1 and not more else ", ") if k else ""
        stands = " stands" if not k else ""
        words = f"{comma}[{{name}}{stands} for {{value}}|{{name}}{stands} for the value given to it above]"
        said = said.going_on(filled(words, {"name": name, "value": value}))
    if more:
        rest = "{more}" if len(more) <= MOST_MORE else "the other letters"
        said = said.going_on(filled(f", and likewise {rest}", {"more": tuple(more)}))
    return said.going_on(Reason((".",))) if told else None


def of_sample(s: Step) -> Terms | Reason | None:
    """The value, the index of the sum over samples, and the letter of one sample's part; what stands before the sum."""
    sums = [e for e in walk(s.after) if isinstance(e, Sum)]
    whole = next(derivatives(s.left), None)
    if not sums or not s.introduces or whole is None:
        return None
    one = name_of(s.introduces[-1])
    terms: Terms = {"i": sums[0].index, r"\ell_i": one, "C": value_of(whole)}
    x, constant = _constant_terms(partial_in(s.before))
    if constant:
        does, has = ("do", "each has") if len(constant) > 1 else ("does", "has")
        return filled(
            f"The derivative of a sum is the sum of the derivatives: [{{c}} {does} not contain {{x}} and {has} the derivative 0"
            "|what does not contain {x} has the derivative 0], and of the sum over {i} it is enough to differentiate one term, {l}.",
            {"c": constant, "x": x, "i": sums[0].index, "l": one},
        )
    found = next(derivatives(s.after), None)
    over = [f for f in factors_of(s.after) if isinstance(f, Sum) and next(derivatives(f), None) is not None]
    if isinstance(s.after, Sum) or found is None or found.shape != whole.shape or len(over) != 1:
        return terms
    beside = product(*without(factors_of(s.after), over[0]))
    stays = "the minus sign" if beside == MINUS_ONE else "{c}"
    return filled(
        f"{{C}} is {{sum}}: {stays} stays, and the derivative of a sum is the sum of the derivatives, so it is enough to "
        "differentiate one term, {l}.",
        {
            "c": beside,
            "C": value_of(whole),
            "sum": product(*without(factors_of(s.after), over[0]), Sum(over[0].index, one)),
            "l": one,
        },
    )


def of_terms(s: Step) -> Reason | None:
    """Which terms of a sum are differentiated each by itself, and which are constants; None where there are not two."""
    if len(s.introduces) < 2:
        return None
    each = Reason(
        (
            "The derivative of a sum is the sum of the derivatives: ",
            *listing(map(name_of, s.introduces)),
            " are differentiated each by itself",
            ", and constant factors stay." if isinstance(s.after, Mul) else ".",
        )
    )
    x, constant = _constant_terms(partial_in(s.before))
    if not constant:
        return each
    does, has = ("do", "each has") if len(constant) > 1 else ("does", "has")
    return each.also(
        filled(
            f"[{{c}} {does} not contain {{x}} and {has} the derivative 0|what does not contain {{x}} has the derivative 0].",
            {"c": constant, "x": x},
        )
    )


def _constant_terms(derivative: Partial) -> tuple[Symbol, tuple[Expr, ...]]:
    """The variable of a derivative, and the terms of what is derived, once or twice, that do not change with it."""
    x, body = told.variable_of(derivative.wrt), derivative.body
    while isinstance(body, Partial):
        body = body.body
    core = next((f for f in factors_of(body) if isinstance(f, Add) and depends_on(f, x.name)), body)
    still = [t for t in terms_of(core) if not depends_on(t, x.name)]
    return x, tuple(map(_without_sign, still))


def _without_sign(t: Expr) -> Expr:
    count, rest = split_coefficient(t)
    if count > 0:
        return t
    size = number(-count)
    return rest if size == ONE else size if rest == ONE else product(size, rest)


def of_known(s: Step) -> Terms | None:
    """What is differentiated by a derivative that is known."""
    return {r"\varphi(u)": s.before.body} if isinstance(s.before, Partial) else None


def of_value(s: Step) -> Terms | None:
    """The letter of the value that is derived, and what it stands for."""
    own = s.definitions[-1] if s.definitions else None
    return None if own is None else {"y": own.symbol, r"\frac uv": own.value}


def of_left(s: Step) -> Terms | None:
    """The derivative on the left; None where there is none."""
    found = next(derivatives(s.left), None)
    return None if found is None else {r"\frac{\partial\mathbf y}{\partial\mathbf x}": found}


def of_gradient(s: Step) -> Terms | None:
    """The value whose gradient stands on the left; None where there is none."""
    found = next(derivatives(s.left), None)
    return None if found is None else {"f": value_of(found)}


def of_second(s: Step) -> Terms | None:
    """The value that is differentiated twice; None where none is."""
    inner = next((p.body for p in walk(s.left) if isinstance(p, Partial)), None) if s.left is not None else None
    return {"y": inner.body} if isinstance(inner, Partial) else None


def of_variable(s: Step) -> Terms | None:
    """The variable of the derivative on the left, whole where that is by one of its entries; None where it is no letter."""
    found = next(derivatives(s.left), None)
    x = None if found is None else variable_of(found)
    x = x.array if isinstance(x, At) else x
    return {"S": x, "D": x} if isinstance(x, Symbol) else None
