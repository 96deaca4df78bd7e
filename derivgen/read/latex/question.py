"""What a reader gives in LaTeX, read together: declarations, named intermediates, the expression, the variable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from derivgen.catalog import GLOSSARY
from derivgen.catalog.glossary import Glossary
from derivgen.catalog.letters import Spelling
from derivgen.deadline import refusals
from derivgen.errors import ParseError, Span
from derivgen.expr import At, Definition, Expr, Symbol
from derivgen.options import Layout
from derivgen.read.context import Circumstances
from derivgen.read.declarations import Declarations, check_name
from derivgen.read.declare import declare
from derivgen.read.elaborate import context
from derivgen.read.kinds.letters import Letters, Written
from derivgen.read.kinds.meaning import Variable
from derivgen.read.kinds.understand import understand
from derivgen.read.latex.customary import customary
from derivgen.read.latex.einstein import with_sums
from derivgen.read.latex.formula import elaborated, expression, macros, surface
from derivgen.read.latex.names import Lexicon, plain_name, spelling, taken_apart
from derivgen.read.latex.scope import written_derivative
from derivgen.read.reading import Choice, Read, Reading
from derivgen.read.user_functions import read_own


def read_latex(
    sources: Sequence[str],
    where: str | Mapping[str, str] | Declarations | None = None,
    lets: str | Iterable[str] | Mapping[str, str] = (),
    preamble: str = "",
    define: str | Iterable[str] = (),
    glossary: Glossary = GLOSSARY,
    wrt: str = "",
    einstein: bool = False,
    product: str = "hadamard",
    layout: Layout = "numerator",
) -> tuple[tuple[Expr, ...], Declarations, tuple[Definition, ...], Reading]:
    """Formulas that belong together: what each says, what is declared or was understood, the intermediates, the reading.

    A derivative by ``wrt`` that the formula is as a whole is left out, and counted in the reading. With ``einstein``, what
    stands twice below the letters of a product is summed over. Derivatives that are written are in the ``layout``.
    """
    given = read_own(define, declare(where, glossary), preamble) if define else declare(where, glossary)
    given = _with_sizes(sources, given)
    known = given  # with a number in place of what each intermediate is, for its name only is known so far
    formulas: list[Written] = []
    for let in _lets(lets):
        formulas.append(_definition(let, known, preamble))
        known = known.with_definition(Symbol(formulas[-1].name))
    lexicon = Lexicon(known)
    formulas += [Written(source, expression(source, known, preamble, lexicon=lexicon)) for source in sources]
    name = latex_variable(wrt, known, preamble, lexicon) if wrt.strip(" $")[:1] not in ("", "[", "(") else None
    asked, written = written_derivative(formulas[-1].tree, name, lexicon) if name else (formulas[-1].tree, 0)
    if written:
        formulas[-1] = replace(formulas[-1], tree=asked)
    if einstein:
        formulas = [replace(f, tree=with_sums(f.tree, f.source, known.names)) for f in formulas]
    places = frozenset(re.findall("[a-z]", wrt.partition("_")[2]))
    own = (name or "").partition("_")[0]
    understood = understand(known, tuple(formulas), avoid=places, product=product, layout=layout, variable=own)
    names = {formula.name for formula in formulas}
    symbols = {x: s for x, s in understood.declarations.symbols.items() if x not in names}
    declarations = replace(understood.declarations, symbols=symbols, defined=given.defined)
    choices: dict[Choice, None] = {}
    if written:
        taken = f"the derivative by {name} that is written is the one that is asked for"
        choices[Choice(asked.span, formulas[-1].source, taken)] = None
    defined = macros(preamble)
    choices |= {choice: None for f in formulas for choice in customary(f.source, defined)}
    found: list[Expr] = []
    definitions: list[Definition] = []
    for number, formula in enumerate(formulas):
        of = Circumstances(latex=True, asked=True, given=given, number=number, layout=layout)
        e, guessed = elaborated(formula, declarations, understood, of)
        choices |= dict.fromkeys(guessed)
        if formula.name:
            symbol = Symbol(formula.name, e.shape)
            definitions.append(Definition(symbol, e))
            declarations = declarations.with_definition(symbol)
        else:
            found.append(e)
    declared = (s for name, s in symbols.items() if name not in understood.symbols)
    letters = [Read(symbol, "declared") for symbol in declared]
    letters += [Read(f, "declared") for f in given.functions.values()]
    letters += [Read(d.symbol, "defined") for d in definitions]
    return (
        tuple(found),
        declarations,
        tuple(definitions),
        Reading((*letters, *understood.letters), tuple(choices), written=written),
    )


_SIZED = re.compile(
    r"(?P<name>\\math\w+\s*\{\s*\w\s*\}|\\(?!math)[A-Za-z]+|[A-Za-z])\s*_\s*\{\s*(?P<rows>\w+)\s*\\times\s*(?P<columns>\w+)\s*\}"
)


def _with_sizes(sources: Sequence[str], known: Declarations) -> Declarations:
    r"""What is declared, and the arrays whose sizes stand below them: X_{n\times p}."""
    for source in sources:
        for found in _SIZED.finditer(source):
            with refusals():
                one = declare(rf"{found['name']} \in R^({found['rows']}*{found['columns']})", known.glossary)
                if not one.symbols.keys() & {*known.names, "I", "K", "e"}:
                    sizes = dict.fromkeys((*known.sizes, *one.sizes))
                    known = replace(known, symbols={**known.symbols, **one.symbols}, sizes=tuple(sizes))
    return known


def _lets(lets: str | Iterable[str] | Mapping[str, str]) -> list[str]:
    if isinstance(lets, str):
        return [part for part in re.split(r"(?<!\\);|\n", lets) if part.strip()]
    if isinstance(lets, Mapping):
        return [f"{name} = {value}" for name, value in lets.items()]
    return list(lets)


def _definition(let: str, known: Declarations, preamble: str) -> Written:
    r"""\mathbf u = \mathbf w \otimes \mathbf x names an intermediate."""
    left, equals, right = let.partition("=")
    name = None
    if equals and right.strip():
        name = plain_name(surface(left, Declarations(glossary=known.glossary), preamble)) if left.strip() else None
    if name is None:
        raise ParseError("a name for an intermediate is given as name = expression", span=Span(0, len(let)),
                         source=let, hint=r"write \mathbf u = \mathbf w \otimes \mathbf x")  # fmt: skip
    span = Span(0, len(left.rstrip()))
    if name in known.names:
        raise ParseError(f"{name} has a meaning already", span=span, source=let, hint="choose another name")
    check_name(name, span, let)
    return Written(let, expression(let, known, preamble, start=len(left) + 1), name)


def latex_entry(source: str, declarations: Declarations, preamble: str = "") -> At | None:
    """An entry of an array or a member of a family that is given as LaTeX, x_2 or X_{ij}; None for what is no such thing.

    Raises:
        DerivgenError: a place is none of the array.
    """
    s = surface(source, declarations, preamble)
    match Letters(declarations, (Written(source, s),), settled=True, free_indices=True).look_up(s):
        case Variable(_, (_, *_)):
            of = Circumstances(latex=True, free_indices=True)
            here = (Written(source, s),)
            found = context(source, declarations, of, lambda: understand(declarations, here, free_indices=True)).run(s)
            return found if isinstance(found, At) and isinstance(found.array, Symbol) else None
        case _:
            return None


def latex_variable(
    source: str, declarations: Declarations, preamble: str = "", lexicon: Lexicon | None = None
) -> str | None:
    """The plain name of a variable given as LaTeX, None where it is no name."""
    lexicon = lexicon or Lexicon(declarations)
    if len(source) == 1 and source.isascii() and source.isalpha():
        return lexicon.find(Spelling(source)) or source
    s = surface(source, declarations, preamble, lexicon=lexicon)
    head = taken_apart(s)
    if head is None:
        return None
    return lexicon.find(spelling(head[0].stem, head[1])) or plain_name(s)
