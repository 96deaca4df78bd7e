"""Every choice that a user has, declared once: the command's flags and the table in the manual are made from it.

A face is a place that offers choices: the commands ``derive``, ``equal``, ``eval``, ``rules`` and ``run``, and "list",
the file that ``run`` reads. A new choice is a field of ``Options``; it says which faces show it, and each face builds
what it needs from ``declared(face)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import PurePath
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from derivgen.errors import ParseError
from derivgen.files import read_text

if TYPE_CHECKING:
    from derivgen.derivation import Checking

FORMATS: Mapping[str, tuple[str, ...]] = {
    "text": (".txt",),
    "latex": (),
    "tex": (".tex",),
    "pdf": (".pdf",),
    "beamer": (),
    "markdown": (".md", ".markdown"),
    "html": (".html", ".htm"),
    "mathml": (".mml", ".mathml"),
    "json": (".json",),
    "svg": (".svg",),
    "mermaid": (".mmd", ".mermaid"),
    "pattern": (),
    "numpy": (".py",),
    "jax": (),
    "torch": (),
}
"""The formats that a derivation is printed in, with the suffixes of files that ask for each."""

LONGEST_PREAMBLE = 1_000_000
"""Characters of a file of macros."""

WRITTEN = frozenset({"block", "site"})
"""The faces where an option is written as ``key: value``."""

BINARY = frozenset({"pdf"})
"""The formats that are bytes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the faces must know of an option besides its type and default.

    Attributes:
        help: one sentence, in the imperative.
        faces: who offers it.
        flags: how the command line spells it; the first is the long one. For a switch, the flag that turns it off.
        metavar: what stands for its value in a usage line.
        values: per face, the values allowed there, where these are not all of the type's.
        separator: what joins the values of a flag that is given more than once.
        required: the faces that cannot do without it.
        on: for a switch, what it does when it is on: the faces that write "yes" or "no" say this.
    """

    help: str
    faces: tuple[str, ...]
    flags: tuple[str, ...]
    metavar: str = ""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    separator: str = ""
    required: tuple[str, ...] = ()
    on: str = ""


def _option(default: Any, help: str, faces: str, *flags: str, **more: Any) -> Any:
    return field(default=default, metadata={"choice": Choice(help, tuple(faces.split()), flags, **more)})


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may choose; the defaults are what one gets without choosing."""

    wrt: tuple[str, ...] = _option(
        (), "Differentiate by this variable. Several are given by repeating the flag or with commas, each a derivation "
        "of its own; '[x, y]' is one Jacobian by a list of scalars.",
        "derive list eval block", "--wrt", metavar="NAME", required=("derive", "block"),
    )  # fmt: skip
    where: str = _option(
        "", "Declare the variables: 'w, x in R^n; b in R; A in R^(m*n); f: R^n -> R^m'.",
        "derive list equal eval block site render", "--where", metavar="DECLARATIONS", separator="; ",
    )  # fmt: skip
    let: tuple[str, ...] = _option(
        (), "Name an intermediate: 'u = w * x'. May be repeated.",
        "derive list block", "--let", metavar="NAME=EXPR",
    )  # fmt: skip
    define: tuple[str, ...] = _option(
        (), "Define a function of numbers by a formula: 'gelu(z) = z*(1 + erf(z/sqrt(2)))/2'. May be repeated.",
        "derive list equal eval block", "--define", metavar="FUNCTION",
    )  # fmt: skip
    order: Literal[1, 2] = _option(
        1, "Differentiate once, or a scalar twice (the Hessian).", "derive list eval block site render", "--order",
    )  # fmt: skip
    layout: Literal["numerator", "denominator", "gradient", "tensor"] = _option(
        "numerator", "Lay the derivative out: 'numerator' makes a gradient a row, 'denominator' transposes it all, "
        "'gradient' gives a gradient the shape of its variable. For numbers there is 'tensor': the axes of the value first.",
        "derive list eval block site render", "--layout", values=dict.fromkeys(
            ("derive", "list", "block", "site", "render"), ("numerator", "denominator", "gradient")
        ),
    )  # fmt: skip
    structured: Literal["within", "entries", "free"] = _option(
        "within", "Derive by a symmetric or diagonal matrix within the matrices of its kind, by its free 'entries', each "
        "counted once, or 'free', each entry by itself as if nothing were declared.",
        "derive list eval block site render", "--structured",
    )  # fmt: skip
    method: Literal["auto", "scalar", "chain"] = _option(
        "auto", "Derive entry by entry ('scalar'), through named intermediates ('chain'), or as a teacher would.",
        "derive list block site render", "--method",
    )  # fmt: skip
    detail: Literal["brief", "normal", "full"] = _option(
        "normal", "Show few steps, the usual ones, or all that was folded too.", "derive list block site render", "--detail",
    )  # fmt: skip
    notation: Literal["notes", "modern"] = _option(
        "notes", "Write the element-wise product as ⊗ ('notes') or as ⊙ ('modern').", "derive list block site render", "--notation",
    )  # fmt: skip
    dialect: Literal["auto", "text", "latex"] = _option(
        "auto", "Read the expression in this language; without it, in the one that it looks like.",
        "derive list equal eval block site render", "--from",
        values=dict.fromkeys(("derive", "equal", "eval"), ("text", "latex")),
    )  # fmt: skip
    preamble: str = _option(
        "", r"Read \newcommand and \DeclareMathOperator from this file, for expressions in LaTeX.",
        "derive list equal eval", "--preamble", metavar="FILE",
    )  # fmt: skip
    to: Literal[
        "text", "latex", "tex", "pdf", "beamer", "markdown", "html", "mathml", "json", "svg", "mermaid", "pattern",
        "numpy", "jax", "torch",
    ] | None = _option(
        None, "Print in this format. Without it the suffix of the output file decides, else it is text.",
        "derive list equal eval rules", "--to",
        values={"equal": ("text", "json"), "eval": ("text", "json"), "rules": ("text", "markdown", "json")},
    )  # fmt: skip
    output: str | None = _option(
        None, "Write the answer to this file instead of standard output.",
        "derive list equal eval rules", "--output", "-o", metavar="FILE",
    )  # fmt: skip
    check: bool = _option(
        True, "Leave out the numeric check of each step.", "derive list block site render", "--no-check",
        on="Check each step with numbers.",
    )  # fmt: skip
    at: str | None = _option(
        None, "Take the values of the variables from this .npz or JSON file; - is JSON on standard input.",
        "eval", "--at", metavar="FILE", required=("eval",),
    )  # fmt: skip
    seed: int = _option(
        0, "Draw the points of the checks from this seed.", "derive list equal block site render", "--seed", metavar="N",
    )  # fmt: skip
    samples: int | None = _option(
        None, "Check at this many points instead of as many as the judge thinks enough.",
        "derive list equal block site render", "--samples", metavar="N",
    )  # fmt: skip
    timeout: float | None = _option(
        None, "Give a derivation so many seconds of processor time, instead of 8 (in pages 60). Checks take what is left of them.",
        "derive list equal eval run render", "--timeout", metavar="SECONDS",
    )  # fmt: skip
    title: str = _option("", "Head the derivation with this.", "list block", metavar="TEXT")
    id: str = _option(
        "", "Name the derivation so: in links to it, or its files, if there is no 'output'.", "list block", metavar="NAME",
    )  # fmt: skip
    output_dir: str = _option(
        "derivations", "Write the files to this folder, which is made where there is none.",
        "run", "--output-dir", "-o", metavar="FOLDER",
    )  # fmt: skip
    jobs: int | None = _option(
        None, "Derive so many at once; without it, as many as there are processors.", "run render", "--jobs", "-j", metavar="N",
    )  # fmt: skip
    cache: bool = _option(
        True, "Derive everything anew, and keep nothing for the next time.", "run render", "--no-cache"
    )
    cache_dir: str = _option(
        ".cache/derivgen", "Keep results here, to be taken again while nothing that they depend on has changed.",
        "run render", "--cache-dir", metavar="FOLDER",
    )  # fmt: skip
    show: tuple[Literal["steps", "answer", "graph", "pattern", "code"], ...] = _option(
        ("steps",), "Show the steps with the answer, the answer alone, the computational graph, the pattern of zeros, or "
        "the answer as code. Several are written with commas.", "block site",
    )  # fmt: skip
    math: Literal["auto", "mathml", "arithmatex"] = _option(
        "auto", "Set mathematics as MathML, which needs no script, or hand LaTeX to the script that the site has.", "site",
    )  # fmt: skip

    def format(self) -> str:
        """The output format: the one asked for, else that of the output file's suffix, else text."""
        return self.to or (format_of(self.output) if self.output else None) or "text"


def format_of(file: str) -> str | None:
    """The format that a file's suffix asks for; None where it asks for none that there is."""
    suffix = PurePath(file).suffix.lower()
    return next((name for name, suffixes in FORMATS.items() if suffix in suffixes), None)


def split_names(given: Sequence[str]) -> tuple[str, ...]:
    """The variables of ``wrt``, split at the commas outside brackets."""
    names: list[str] = []
    for text in given:
        depth, begin = 0, 0
        for k, letter in enumerate(text + ","):
            depth += (letter in "([{") - (letter in ")]}")
            if letter == "," and (depth <= 0 or k == len(text)):
                names.append(text[begin:k].strip())
                begin = k + 1
    if not all(names):
        raise ParseError(
            f"{given[0]!r} names no variable between its commas", hint="write --wrt w,x or repeat the flag"
        )
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Declared:
    """An option as one face shows it: ``kind`` is its Python type, ``values`` those it can have, or empty."""

    name: str
    default: Any
    kind: type
    repeatable: bool
    values: tuple[Any, ...]
    choice: Choice

    @property
    def key(self) -> str:
        """How it is spelled where it is written with its value, as in a block: a switch by what it turns on."""
        return self.choice.flags[0].removeprefix("--") if self.choice.flags and self.kind is not bool else self.name


def declared(face: str = "") -> tuple[Declared, ...]:
    """The options that ``face`` shows, in the order declared; all of them without a face."""
    hints = get_type_hints(Options)
    found = []
    for f in fields(Options):
        choice: Choice = f.metadata["choice"]
        if not face or face in choice.faces:
            kind, repeatable, values = _taken_apart(hints[f.name])
            found.append(Declared(f.name, f.default, kind, repeatable, choice.values.get(face, values), choice))
    return tuple(found)


def _taken_apart(hint: Any) -> tuple[type, bool, tuple[Any, ...]]:
    """A type as (the type of one value, whether there may be several, the values of a Literal)."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Literal:
        values = get_args(hint)
        return type(values[0]), False, values
    if get_origin(hint) is tuple:
        kind, _, values = _taken_apart(get_args(hint)[0])
        return kind, True, values
    return hint, False, ()


def choices_of(options: Options) -> Checking:
    """What ``derive`` is to be told of the options: its keyword arguments.

    Raises:
        DerivgenError: the file with the preamble cannot be read.
    """
    from derivgen.derivation import Checking

    chosen: dict[str, Any] = {name: getattr(options, name) for name in Checking.__annotations__}
    if options.preamble:
        chosen["preamble"] = read_text(options.preamble, LONGEST_PREAMBLE)
    return cast("Checking", chosen)


def table(face: str = "") -> str:
    """The options as a Markdown table, for the manual."""
    rows = ["| Option | Values | Default | What it does |", "| --- | --- | --- | --- |"]
    written = face in WRITTEN
    for o in declared(face):
        names = (o.key,) if written else o.choice.flags
        flags = ", ".join(f"`{name}`" for name in names)
        values = ", ".join(f"`{v}`" for v in o.values) or (f"`{o.choice.metavar}`" if o.choice.metavar else "")
        default, help = o.default, o.choice.help
        if o.kind is bool and written:
            default, values, help = "yes" if o.default else "no", "`yes`, `no`", o.choice.on
        given = (default not in (None, "", ()) and o.kind is not bool) or (o.kind is bool and written)
        shown = ", ".join(default) if isinstance(default, tuple) else default
        rows.append(f"| {flags} | {values} | {f'`{shown}`' if given else ''} | {help} |")
    return "\n".join(rows) + "\n"
