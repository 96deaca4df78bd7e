"""Every choice that a user has, declared once: flags, keys, settings, keywords and the tables of the manual are made from it.

A face is a place that offers choices: the commands ``derive``, ``equal``, ``eval``, ``rules``, ``run``, ``render``,
``exercise``, ``serve``, ``check``; "notes", an author's text that is checked; "list", the file that ``run`` reads; "block", a derivation in a page; "page" and "site", which set what holds for all blocks;
the functions of Python in ``PYTHON``; and "json", which says what was chosen. A new choice is a field of ``Options``: it says
which faces show it, each face builds what it needs from ``declared(face)``, and the record goes on to the engine as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any, Literal, TypedDict, TypeVar, get_args, get_type_hints

from derivgen.codes import known_codes
from derivgen.errors import DerivgenError, ParseError, proposal
from derivgen.formats import FORMATS, format_of
from derivgen.option import Option, identifier, named, split_names, taken_apart, visible

T = TypeVar("T")

Layout = Literal["numerator", "denominator", "gradient"]
Convention = Literal["within", "entries", "free"]
Method = Literal["auto", "scalar", "chain"]
Detail = Literal["brief", "normal", "full"]
NotationName = Literal["notes", "modern"]
Dialect = Literal["auto", "text", "latex"]
TensorSign = Literal["hadamard", "kronecker", "outer"]
ReportForm = Literal["text", "json", "github", "sarif"]
Part = Literal["steps", "answer", "graph", "pattern", "code"]
Fold = Literal["auto", "always", "never", "row"]

DOCUMENTS = ("markdown", "text", "latex", "tex", "pdf", "html", "mathml", "beamer")
"""The formats in which a reader sees steps."""

WRITTEN = frozenset({"list", "block", "page", "site", "notes"})
"""The faces where an option is written as ``key: value``."""


def _option(default: T, help: str, faces: str, *flags: str, **more: Any) -> T:
    """A field of the record; ``more`` are further attributes of its option, ``values`` those that a face has instead."""
    about = {"help": help, "faces": frozenset(faces.split()), "flags": flags, **more}
    found: T = field(default=default, metadata=about)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user may choose; the defaults are what one gets without choosing."""

    wrt: tuple[str, ...] = _option(
        (), "Differentiate by this variable. Several are given by repeating the flag or with commas, each a derivation "
        "of its own; '[x, y]' is one Jacobian by a list of scalars.",
        "derive list eval block", "--wrt", metavar="NAME", required=("derive", "block"), split=split_names,
    )  # fmt: skip
    where: str = _option(
        "", "Declare the variables: 'w, x in R^n; b in R; A in R^(m*n); f: R^n -> R^m'.",
        "derive list equal eval block page site render check notes", "--where", metavar="DECLARATIONS", separator="; ",
    )  # fmt: skip
    let: tuple[str, ...] = _option(
        (), "Name an intermediate: 'u = w * x'. May be repeated.",
        "derive list equal block", "--let", metavar="NAME=EXPR",
    )  # fmt: skip
    define: tuple[str, ...] = _option(
        (), "Define a function of numbers by a formula: 'mish(z) = z*tanh(softplus(z))'. May be repeated.",
        "derive list equal eval block page site render check notes", "--define", metavar="FUNCTION", adds=True,
    )  # fmt: skip
    order: Literal[1, 2] = _option(1, "Differentiate once, or a scalar twice (the Hessian).", "derive list eval block page site render json", "--order")  # fmt: skip
    layout: Layout = _option(
        "numerator", "Lay the derivative out: 'numerator' makes a gradient a row, 'denominator' transposes it all, "
        "'gradient' gives a gradient the shape of its variable. For numbers there is 'tensor': the axes of the value first.",
        "derive list equal eval block page site render json check notes", "--layout", values={"eval": (*get_args(Layout), "tensor")},
    )  # fmt: skip
    structured: Convention = _option(
        "within", "Derive by a symmetric or diagonal matrix within the matrices of its kind, by its free 'entries', each "
        "counted once, or 'free', each entry by itself as if nothing were declared.",
        "derive list eval block page site render json check notes", "--structured",
    )  # fmt: skip
    method: Method = _option(
        "auto", "Derive entry by entry ('scalar'), through named intermediates ('chain'), or as a teacher would.",
        "derive list block page site render json", "--method",
    )  # fmt: skip
    detail: Detail = _option("normal", "Show few steps, the usual ones, or all that was folded too.", "derive list block page site render", "--detail")  # fmt: skip
    example: int | None = _option(
        None, "Begin with a small example: so many entries for each size that is a letter, all written out.",
        "derive list block", "--example", metavar="N", least=1,
    )  # fmt: skip
    compare: bool = _option(False, "Show a second way, by the other method, and that both agree.", "derive list block", "--compare")  # fmt: skip
    exercise: str = _option(
        "", "Leave these steps blank, such as '3, 5', or 'auto' for every second, with hints and solutions behind.",
        "derive list block", "--exercise", metavar="STEPS",
    )  # fmt: skip
    solutions: bool = _option(
        True, "Leave the solutions of an exercise out.", "derive list block", "--no-solutions",
        on="Show the solutions of an exercise, folded away or at the end.",
    )  # fmt: skip
    numbers: str = _option(
        "", "Put numbers in at the end, such as 'w=[1, -2], b=0.5', or 'chosen' ones, and nudge an entry.",
        "derive list block", "--numbers", metavar="POINT",
    )  # fmt: skip
    changes: bool = _option(False, "Mark what is new in each line, by a colour and a line under it.", "derive list block", "--changes")  # fmt: skip
    sense: bool = _option(False, "Check by words whether the answer makes sense: shape, sign, zero, one sample.", "derive list block", "--sense")  # fmt: skip
    notation: NotationName = _option(
        "notes", "Write the element-wise product as ⊗ ('notes') or as ⊙ ('modern').",
        "derive list block page site render json", "--notation",
    )  # fmt: skip
    dialect: Dialect = _option(
        "auto", "Read the expression in this language, or in the one that it looks like.",
        "derive list equal eval block page site render", "--from",
    )  # fmt: skip
    einstein: bool = _option(
        False, "Sum over what stands twice below the letters of a product, in LaTeX: Einstein's convention.",
        "derive list equal eval block page site render check notes", "--einstein",
    )  # fmt: skip
    product: TensorSign = _option(
        "hadamard", "Read ⊗ in LaTeX as this product, where it does not follow from the sizes which one is meant.",
        "derive list equal eval block page site render check notes", "--product",
    )  # fmt: skip
    preamble: str = _option(
        "", r"Read \newcommand and \DeclareMathOperator from this file, for expressions in LaTeX.",
        "derive list equal eval check", "--preamble", metavar="FILE", file=True,
    )  # fmt: skip
    to: str | None = _option(
        None, "Print in this format. Without it the suffix of the output file decides, else it is text.",
        "derive list equal eval rules exercise", "--to",
        values={"derive": FORMATS, "list": FORMATS, "exercise": DOCUMENTS, "equal": ("text", "json"), "eval": ("text", "json"),
                "rules": ("text", "markdown", "json")},
    )  # fmt: skip
    output: str | None = _option(
        None, "Write the answer to this file instead of standard output.",
        "derive list equal eval rules check", "--output", "-o", metavar="FILE",
    )  # fmt: skip
    check: bool = _option(
        True, "Leave out the numeric check of each step.", "derive list block page site render", "--no-check",
        on="Check each step with numbers.",
    )  # fmt: skip
    at: str | None = _option(
        None, "Take the values of the variables from this .npz or JSON file; - is JSON on standard input.",
        "eval", "--at", metavar="FILE", required=("eval",),
    )  # fmt: skip
    seed: int = _option(
        0, "Draw the points of the checks from this seed.", "derive list equal block page site render check", "--seed",
        metavar="N", least=0,
    )  # fmt: skip
    samples: int | None = _option(
        None, "Check at this many points instead of as many as the judge thinks enough.",
        "derive list equal block page site render", "--samples", metavar="N", least=1,
    )  # fmt: skip
    timeout: float | None = _option(
        None, "Give a derivation so many seconds of processor time, instead of 8 (in pages 60), or a formula of a text instead of 2. Checks take what is left of them.",
        "derive list equal eval run exercise render serve check", "--timeout", metavar="SECONDS",
    )  # fmt: skip
    title: str = _option("", "Head the derivation with this.", "list block", metavar="TEXT", split=visible)
    id: str = _option(
        "", "Name the derivation so: in links to it, or its files, if there is no 'output'.", "list block", metavar="NAME", split=identifier,
    )  # fmt: skip
    output_dir: str = _option(
        "derivations", "Write the files to this folder, which is made where there is none.",
        "run exercise", "--output-dir", "-o", metavar="FOLDER",
    )  # fmt: skip
    jobs: int | None = _option(
        None, "Derive so many at once; without it, as many as there are processors.", "run render serve check", "--jobs", "-j",
        metavar="N", least=1,
    )  # fmt: skip
    cache: bool = _option(
        True, "Derive everything anew, and keep nothing for the next time.", "run render check", "--no-cache"
    )
    cache_dir: str = _option(
        ".cache/derivgen", "Keep results here, to be taken again while nothing that they depend on has changed.",
        "run render check", "--cache-dir", metavar="FOLDER",
    )  # fmt: skip
    host: str = _option(
        "127.0.0.1", "Listen at this address of the machine; 0.0.0.0 is all of them.", "serve", "--host", metavar="ADDRESS",
    )  # fmt: skip
    port: int = _option(8765, "Listen at this port; 0 takes a free one.", "serve", "--port", metavar="N", least=0)
    names: tuple[str, ...] = _option(
        (), "Answer under this name too, as it stands in the address of the page. May be repeated.",
        "serve", "--name", metavar="NAME",
    )  # fmt: skip
    report: ReportForm = _option(
        "text", "Report for a person, as JSON, as annotations of GitHub, or as SARIF.", "check", "--format",
    )  # fmt: skip
    select: tuple[str, ...] = _option(
        (), "Report only what has one of these codes. Several are given by repeating the flag or with commas.",
        "check", "--select", metavar="CODES", split=known_codes,
    )  # fmt: skip
    ignore: tuple[str, ...] = _option(
        (), "Report nothing of an author's equations that has one of these codes.", "check notes page site", "--ignore",
        metavar="CODES", split=known_codes, unquoted=("false",),
    )  # fmt: skip
    baseline: str | None = _option(
        None, "Report nothing that stands in this file, which --write-baseline makes.", "check", "--baseline", metavar="FILE",
    )  # fmt: skip
    write_baseline: str | None = _option(
        None, "Write what is found to this file, and do not report it.", "check", "--write-baseline", metavar="FILE",
    )  # fmt: skip
    explain: str | None = _option(
        None, "Say how the formulas at FILE:LINE are read, what they are worth, and derive what is only stated there.",
        "check", "--explain", metavar="FILE:LINE",
    )  # fmt: skip
    declare: bool = _option(
        False, "Propose the header that settles what had to be guessed, instead of a report.", "check", "--declare",
    )  # fmt: skip
    watch: bool = _option(False, "Go on, and check again what has changed.", "check", "--watch")
    show: tuple[Part, ...] = _option(
        ("steps",), "Show the steps with the answer, the answer alone, the computational graph, the pattern of zeros, or "
        "the answer as code. Several are written with commas.", "block page site",
    )  # fmt: skip
    fold: Fold = _option(
        "auto", "Fold the steps of a page in HTML away: where they do not fit one screen ('auto'), 'always' or 'never'. "
        "'row' folds all of a card to its question and answer, one row of a table.",
        "derive list block page site", "--fold",
    )  # fmt: skip
    paper: Literal["screen", "all"] = _option(
        "screen", "Print of a page in HTML what is open on the screen, or 'all' that is folded too.",
        "derive list block page site", "--paper",
    )  # fmt: skip
    width: int | None = _option(
        None, "Break the lines of text at this column, instead of where the terminal ends, or at 88.",
        "derive list", "--width", metavar="COLUMNS", least=40,
    )  # fmt: skip
    contents: bool = _option(
        False, "List derivations in the table of contents of their page.", "block page site",
        on="List derivations in the table of contents of their page.",
    )  # fmt: skip
    check_equations: Literal["no", "yes", "strict"] = _option(
        "no", "Check the equations that stand on pages: one that is refuted has a box beside it and is a warning, or, if "
        "it is 'strict', an error.",
        "page site",
    )  # fmt: skip
    math: Literal["auto", "mathml", "arithmatex"] = _option(
        "auto", "Set mathematics as MathML, which needs no script, or hand LaTeX to the script that the site has.", "site",
    )  # fmt: skip

    def format(self) -> str:
        """The output format: the one asked for, else that of the output file's suffix, else text."""
        return self.to or (format_of(self.output) if self.output else None) or "text"


# --- faces ------------------------------------------------------------------------------------------------------------


class Comparing(TypedDict, total=False):
    """The options that ``derivgen.equal`` takes, for those who check types."""

    let: Sequence[str]
    layout: Layout
    define: Sequence[str]
    dialect: Dialect
    product: TensorSign
    einstein: bool
    preamble: str
    seed: int
    samples: int | None
    timeout: float | None


class Choices(Comparing, total=False):
    """The options that ``derivgen.derive`` takes."""

    order: int
    structured: Convention
    method: Method
    notation: NotationName
    check: bool


class Showing(TypedDict, total=False):
    """The options that ``Derivation.to`` takes."""

    detail: Detail
    title: str
    example: int | None
    compare: bool
    exercise: str
    solutions: bool
    numbers: str
    changes: bool
    sense: bool
    width: int | None


PYTHON = {
    "derivgen.derive": Choices.__optional_keys__,
    "derivgen.equal": Comparing.__optional_keys__,
    "derivgen.Derivation.to": Showing.__optional_keys__,
}
"""The functions that take options as keywords, by their public names."""


@lru_cache(maxsize=64)
def declared(face: str = "") -> tuple[Option, ...]:
    """The options that ``face`` shows, in the order declared; all of them, by the names of their fields, without a face."""
    hints = get_type_hints(Options)
    found = []
    for f in fields(Options):
        about = dict(f.metadata)
        faces, values, required = about.pop("faces"), about.pop("values", {}), about.pop("required", ())
        if not (not face or face in faces or f.name in PYTHON.get(face, ())):
            continue
        kind, many, allowed = taken_apart(hints[f.name])
        by_name = not face or face in PYTHON
        key = about["flags"][0] if about["flags"] and not by_name else f.name
        about |= {"typed": by_name, "file": about.get("file", False) and not by_name}
        if face in WRITTEN:
            key = f.name if kind is bool else key.removeprefix("--")
        about |= {"name": f.name, "key": key, "default": f.default, "required": face in required}
        found.append(Option(kind=kind, many=many, values=values.get(face, allowed), **about))
    return tuple(found)


@lru_cache(maxsize=64)
def keys(face: str = "") -> Mapping[str, Option]:
    """The options of a face by the keys that they have there."""
    return {o.key: o for o in declared(face)}


class WrongOption(ParseError):
    """An option that there is not, or a value that it cannot have; ``key`` is the name that was written."""

    def __init__(self, key: str, error: DerivgenError) -> None:
        super().__init__(error.message, hint=error.hint)
        self.key = key


def chosen(given: Mapping[Any, Any], face: str = "", base: Options | None = None) -> Options:
    """What was given on a face by key, as text or as plain data, on top of what holds already.

    Raises:
        WrongOption: a key or a value is not known.
    """
    base = base or Options()
    values: dict[str, Any] = {}
    for key, value in given.items():
        try:
            o = option_of(key, face)
            found = o.value(value)
        except DerivgenError as error:
            raise WrongOption(str(key)[:40] if isinstance(key, str) else "", error) from None
        before = getattr(base, o.name)
        joined = (
            o.separator.join(filter(None, (before, found))) if o.separator else (*before, *found) if o.adds else found
        )
        values[o.name] = joined
    return replace(base, **values)


def option_of(key: object, face: str) -> Option:
    """The option that a face spells so, or an error that proposes one.

    Raises:
        ParseError: the face has no such option.
    """
    known = keys(face)
    if not isinstance(key, str) or key not in known:
        shown = repr(key[:40]) if isinstance(key, str) else named(key)
        raise ParseError(
            f"there is no option {shown}", hint=proposal(str(key)[:40], known) if isinstance(key, str) else None
        )
    return known[key]


def plain(options: Options, face: str = "") -> dict[str, Any]:
    """The options of a face by the names of their fields, as JSON has them: what ``chosen`` reads back."""
    return {o.name: getattr(options, o.name) for o in declared(face)}


def described(face: str) -> str:
    """The options of a function, for its docstring."""
    told = ((o.key, f"{_told(o, face)} Without it {o.default!r}.") for o in declared(face))
    return "\n".join(f"        {key}: {help}" for key, help in told)


def table(face: str = "") -> str:
    """The options as a Markdown table, for the manual."""
    rows = ["| Option | Values | Default | What it does |", "| --- | --- | --- | --- |"]
    switches = {True: "yes", False: "no"} if face in WRITTEN else {True: "True", False: "False"}
    for o in declared(face):
        names, values, default = (o.key,) if _has_values(face) else o.flags, o.values or (o.metavar,), o.default
        if o.kind is bool:
            values, default = (tuple(switches.values()), switches[o.default]) if _has_values(face) else ((), "")
        default = ", ".join(default) if isinstance(default, tuple) else default
        cells = [", ".join(f"`{v}`" for v in some if v not in (None, "")) for some in (names, values, (default,))]
        rows.append(f"| {' | '.join(cells)} | {_told(o, face)} |")
    return "\n".join(rows) + "\n"


def _has_values(face: str) -> bool:
    """Whether every option has a value there, also a switch."""
    return face in WRITTEN or face in PYTHON


def _told(o: Option, face: str) -> str:
    help = (o.on or o.help) if o.kind is bool and _has_values(face) else o.help
    return help.replace("this file", "this text") if face in PYTHON else help
