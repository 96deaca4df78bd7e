"""What a reader gives, read together: declarations, named intermediates, the expression, the variable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from derivgen.arguments import require
from derivgen.catalog import GLOSSARY
from derivgen.catalog.base import GENERIC, Abstract
from derivgen.catalog.glossary import Glossary
from derivgen.catalog.letters import GREEK
from derivgen.catalog.soundness import refuse_unsound
from derivgen.catalog.user_functions import user_functions
from derivgen.errors import DerivgenError, NameUnknown, ParseError, Span
from derivgen.expr import At, Call, Definition, Dim, Expr, Size, Sum, Symbol, walk
from derivgen.options import Dialect, Options
from derivgen.read.declarations import Declarations, check_name
from derivgen.read.declare import declare
from derivgen.read.elaborate import elaborate
from derivgen.read.reading import NOTHING_READ, Choice, Read, Reading
from derivgen.read.text.characters import plain_name
from derivgen.read.text.numpy_like import surface
from derivgen.read.text.scan import looks_like_latex
from derivgen.read.user_functions import read_own
from derivgen.read.wording import described, nearest

Lets = str | Iterable[str] | Mapping[str, str]


def parse_text(
    source: str, declarations: str | Mapping[str, str] | Declarations = "", *, free_indices: bool = False
) -> Expr:
    """The expression that ``source`` says. With ``free_indices``, an undeclared name between brackets is an index."""
    require(source, str, "an expression is read from text", 'such as "w.T @ x + b"')
    known = declare(declarations)
    return elaborate(surface(source, known.glossary), source, known, free_indices=free_indices)


def read(
    source: str | Expr,
    where: str | Mapping[str, str] | Declarations | None = None,
    lets: Lets = (),
    define: str | Iterable[str] = (),
    glossary: Glossary = GLOSSARY,
    told: list[Choice] | None = None,
) -> tuple[Expr, Declarations, tuple[Definition, ...]]:
    """The expression, what was declared (the names of intermediates among it), and the intermediates in order.

    An expression that is a tree already brings its own declarations. What could be read otherwise is added to ``told``.
    """
    known = read_own(define, declare(where, glossary)) if define else declare(where, glossary)
    if isinstance(source, Expr):
        refuse_unsound(source, beside={**known.symbols, **known.functions})
        known = declared_by(source, known)
    declarations, definitions = read_definitions(lets, known, told)
    if isinstance(source, Expr):
        return source, declarations, definitions
    require(source, str, "an expression is read from text", 'such as "w.T @ x + b"')
    e = elaborate(surface(source, declarations.glossary), source, declarations, free_indices=True, told=told)
    return e, declarations, definitions


def declared_by(e: Expr, known: Declarations) -> Declarations:
    """What the variables, functions and sizes of a tree say, beside what is known."""
    found = dict(known.symbols)
    functions = dict(known.functions)
    dims: list[Dim] = []
    for here in walk(e):
        dims += here.shape.axes
        match here:
            case Symbol(name):
                found.setdefault(name, here)
            case Size(dim):
                dims.append(dim)
            case Sum(index):
                dims.append(index.dim)
            case Call(Abstract(name) as op) if op.name != GENERIC.name:
                functions.setdefault(name, Abstract(name, op.domain, op.codomain, op.pointwise))
    sizes = dict.fromkeys((*known.sizes, *(size for d in dims for size in d.symbols)))
    defined = {**user_functions(e), **known.user_functions}
    return replace(known, symbols=found, functions=functions, sizes=tuple(sizes), user_functions=defined)


_ENTRY = re.compile(r"\s*[^\W\d]\w*\s*\[[^][]+\]\s*")
_LET = re.compile(r"(?P<before>\s*)(?P<name>[^\W\d]\w*)\s*=(?!=)")


def read_definitions(
    lets: Lets, declarations: Declarations, told: list[Choice] | None = None
) -> tuple[Declarations, tuple[Definition, ...]]:
    """Read "u = w * x" and the like, each in terms of what is known before it; what could be read otherwise goes to ``told``.

    Raises:
        ParseError: one is not of that form, or its name has a meaning already.
    """
    if isinstance(lets, str):
        lets = [part for part in re.split(r"[;\n]", lets) if part.strip()]
    elif isinstance(lets, Mapping):
        lets = [f"{name} = {value}" for name, value in lets.items()]
    found: list[Definition] = []
    for let in lets:
        match = _LET.match(let)
        if match is None:
            raise ParseError("a name for an intermediate is given as name = expression", span=Span(0, len(let)),
                             source=let, hint='write --let "u = w * x"')  # fmt: skip
        name = plain_name(match["name"], match.start("name"), let)
        span = Span(match.start("name"), match.end("name"))
        if name in declarations.names:
            raise ParseError(f"{name} has a meaning already", span=span, source=let, hint="choose another name")
        check_name(name, span, let)
        # what stands before the value is blanked, so that places in errors are those of the whole
        value = elaborate(
            surface(" " * match.end() + let[match.end() :], declarations.glossary), let, declarations, told=told
        )
        symbol = Symbol(name, value.shape)
        found.append(Definition(symbol, value))
        declarations = declarations.with_definition(symbol)
    return declarations, tuple(found)


def parse_variable(text: str, declarations: Declarations) -> Symbol | tuple[Symbol, ...]:
    """The variable to differentiate by: a declared name, or several scalars together, "[x, y]".

    Raises:
        ParseError, NameUnknown: there is none, or one that is not declared, or that cannot be taken together.
    """
    require(text, str, "a variable is named", 'such as "w"')
    require(declarations, Declarations, "declarations are those that were read", 'such as declare("w in R^n")')
    bare = text.strip()
    if bare[:1] in "[(" and bare[:1] and bare[-1:] in "])":
        inside = bare[1:-1]
        start = text.index(bare[0]) + 1
        found: list[Symbol] = []
        for piece in inside.split(","):
            at = start + len(piece) - len(piece.lstrip())
            if piece.strip() or "," not in inside:
                symbol = _variable(piece.strip(), at, text, declarations)
                if symbol.shape.axes:
                    raise ParseError(f"variables that are taken together are scalars; {symbol.name} is "
                                     f"{described(symbol.shape)}", span=Span(at, at + len(piece.strip())), source=text,
                                     hint="differentiate by each array in turn")  # fmt: skip
                if symbol in found:
                    raise ParseError(f"{symbol.name} is named twice", span=Span(at, at + len(symbol.name)), source=text)
                found.append(symbol)
            start += len(piece) + 1
        return tuple(found)
    return _variable(bare, len(text) - len(text.lstrip()), text, declarations)


def _variable(name: str, at: int, text: str, declarations: Declarations) -> Symbol:
    span = Span(at, at + max(len(name), 1))
    if not name:
        raise ParseError("no variable is given to differentiate by", hint=_choices(declarations))
    if not re.fullmatch(r"[^\W\d]\w*", name):
        base = re.match(r"([^\W\d]\w*)\s*(\[|\.T)", name)
        hint = f"differentiate by the whole of {base[1]}" if base else _choices(declarations)
        raise ParseError("the variable to differentiate by is a name", span=span, source=text, hint=hint)
    plain = plain_name(name, at, text)
    symbol = declarations.symbols.get(plain)
    if symbol is not None:
        return symbol
    if plain in declarations.functions:
        raise ParseError(f"{plain} is a function; one differentiates by a variable", span=span, source=text,
                         hint=_choices(declarations))  # fmt: skip
    if plain in declarations.sizes or plain in declarations.glossary.constants:
        raise ParseError(f"{plain} is {'a size' if plain in declarations.sizes else 'a constant'}, not a variable",
                         span=span, source=text, hint=_choices(declarations))  # fmt: skip
    near = nearest(plain, tuple(declarations.symbols))
    hint = f"did you mean {near}?" if near else _choices(declarations)
    entry = next((known for known in declarations.symbols if known.startswith(f"{plain}_")), None)
    if entry is not None:
        hint = f'{entry} is a letter of its own here; an entry of {plain} has a declaration, "{plain} in R^n", and an index: {plain}_k'
    raise NameUnknown(f"{plain} is not declared, so nothing can be differentiated by it",
                      span=span, source=text, hint=hint)  # fmt: skip


def _choices(declarations: Declarations) -> str:
    names = ", ".join(declarations.symbols)
    return f"the variables are {names}" if names else 'declare it in the where text, such as "x in R^n"'


# --- in either dialect ---


@dataclass(frozen=True, slots=True)
class Question:
    """An expression that was read, with all that belongs to it.

    Attributes:
        expression: the expression.
        declarations: what was declared, and, in LaTeX, inferred.
        definitions: the reader's names for intermediates, in order.
        reading: what each letter and each sign was taken for.
    """

    expression: Expr
    declarations: Declarations
    definitions: tuple[Definition, ...] = ()
    reading: Reading = NOTHING_READ


_OF_TEXT = re.compile(r"\*\*|@|\.[A-Za-z]|==|[A-Za-z]\d|_[A-Za-z]\w|\w\[|\bfor\b|\bnp\b")
"""What formulas in mathematics do not have."""


LONGEST_PLAIN = 1_000
"""The most characters of a formula that is LaTeX though no command says so."""

_OF_LATEX = re.compile(r"[\^'|]|[\w)\]}]\s+[\w(\[{]|\)\s*[\w(]|[0-9][A-Za-z]")
"""What may be read by LaTeX only: powers, strokes, primes, and things side by side."""


def is_latex(source: str, dialect: Dialect, known: Declarations) -> bool:
    r"""Whether ``source`` is to be read as LaTeX.

    "auto" takes a command, a braced script or dollar signs for a sign of it, and what only LaTeX reads: x^T A x, |kA|.
    """
    if dialect != "auto" or looks_like_latex(source):
        return dialect != "text"
    if len(source) > LONGEST_PLAIN or _OF_TEXT.search(source) or not _OF_LATEX.search(source):
        return False
    try:
        surface(source, known.glossary)
    except ParseError:
        return _is_plain_latex(source, known)
    return False


def _is_plain_latex(source: str, known: Declarations) -> bool:
    """Whether LaTeX without commands reads a text, and all words of it are functions, names, or a few letters side by side."""
    from derivgen.read.latex.commands import words_of
    from derivgen.read.latex.formula import surface as latex_surface

    words = words_of(known.glossary).functions
    for run in re.findall(r"[A-Za-z]+", source):
        if (len(run) > 3 or run in GREEK) and run not in words and run not in known.names:
            return False
    try:
        latex_surface(source, known)
    except ParseError:
        return False
    return True


def read_any(source: str | Expr, options: Options, glossary: Glossary = GLOSSARY, wrt: str = "") -> Question:
    """An expression in any dialect, with its declarations; an expression brings its own, and may be given more."""
    return read_together((source,), options, glossary, wrt)[0]


def read_together(
    sources: Sequence[str | Expr], options: Options, glossary: Glossary = GLOSSARY, wrt: str = ""
) -> tuple[Question, ...]:
    """Expressions of one question: what nothing declares is one thing in all that are LaTeX.

    A derivative by ``wrt`` that the last of them is as a whole is left out, and counted in the reading.
    """
    for source in sources:
        require(source, (str, Expr), "an expression is a text, or a tree of derivgen.expr", 'such as "w.T @ x + b"')
    o = options
    known = declare(o.where, glossary)
    formulas = [source for source in sources if isinstance(source, str) and is_latex(source, o.dialect, known)]
    if not formulas:
        return tuple([_of_text(source, o, known) for source in sources])
    from derivgen.read.latex.question import read_latex

    found, declarations, definitions, reading = read_latex(
        formulas, known, o.let, o.preamble, o.define, glossary, wrt, o.einstein, o.product, o.layout
    )
    plain = [f for f in formulas if o.dialect == "auto" and not looks_like_latex(f)]
    taken = tuple([Choice(Span(0, len(f)), f, f"{f} is read as LaTeX") for f in plain])
    reading = replace(reading, choices=(*taken, *reading.choices))
    read_already = iter(found)
    return tuple([
        Question(next(read_already), declarations, definitions, reading) if source in formulas
        else _of_text(source, o, known) for source in sources
    ])  # fmt: skip


def _of_text(source: str | Expr, o: Options, known: Declarations) -> Question:
    told: list[Choice] = []
    e, declarations, definitions = read(source, known, o.let, o.define, told=told)
    named = {d.symbol.name for d in definitions}
    letters = [Read(s, "defined" if s.name in named else "declared") for s in declarations.symbols.values()]
    letters += [Read(f, "declared") for f in declarations.functions.values()]
    return Question(e, declarations, definitions, Reading(tuple(letters), choices=(*told, *_places(source, e))))


def _places(source: str | Expr, e: Expr) -> tuple[Choice, ...]:
    """What an index that nothing binds is taken for, where a text has one: softmax(z)[k]."""
    if not isinstance(source, str):
        return ()
    found = []
    for index in sorted(e.free, key=lambda i: i.name):
        place = re.search(rf"\b{re.escape(index.name)}\b(?=[^\[]*\])", source)
        start = place.start() if place is not None else 0
        found.append(
            Choice(
                Span(start, start + len(index.name)), source, f"{index.name} stands for any place, since nothing binds it",
                f"one that is bound: sum(... for {index.name} in range({index.dim}))",
            )
        )  # fmt: skip
    return tuple(found)


def variable_any(
    source: str, question: Question, *, preamble: str = "", latex: bool = False
) -> Symbol | At | tuple[Symbol, ...]:
    r"""The variable to differentiate by, in any dialect: w, \mathbf{w}, a list of scalars, or an entry, x[2] or x_2.

    ``latex`` is the language of the expression: it says whether x_2 is an entry, or a name.
    """
    known = question.declarations
    entry = _ENTRY.fullmatch(source)
    if entry is not None and not latex:
        found = parse_text(source, known, free_indices=True)
        if isinstance(found, At) and isinstance(found.array, Symbol):
            return found
    if "\\" in source or "{" in source or (latex and "_" in source):
        from derivgen.read.latex.question import latex_entry, latex_variable

        if latex and source.strip() not in known.symbols and (at := latex_entry(source, known, preamble)) is not None:
            return at
        bare = source.strip().strip("$").strip()
        several = bare[:1] == "[" and bare[-1:] == "]"
        parts = bare[1:-1].split(",") if several else [bare]
        names = [latex_variable(part, known, preamble) or part for part in parts]
        try:
            return parse_variable(f"[{', '.join(names)}]" if several else names[0], known)
        except DerivgenError as wrong:  # it points into the plain name
            wrong.source, wrong.span = source, Span(0, len(source))
            raise
    return parse_variable(source, known)
