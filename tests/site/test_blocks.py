"""Blocks are found where a reader sees them, and read as they are written."""

from __future__ import annotations

from textwrap import dedent

import pytest

from derivgen.errors import ParseError
from derivgen.options import Options, declared
from derivgen.site.block import Block, page_defaults, read_block, read_inline
from derivgen.site.fences import Fence, Span, found, misnamed


def places(text: str) -> list[Fence | Span]:
    return list(found(dedent(text).split("\n")))


def block(text: str, defaults: Options | None = None) -> Block:
    return read_block(dedent(text).strip("\n").split("\n"), defaults or Options())


def test_fences_of_every_kind_are_found() -> None:
    kinds = [
        "```derivation\nx\n```", "~~~derivation\nx\n~~~", "````derivation\nx\n````", "``` derivation\nx\n```",
        "``` { .derivation }\nx\n```", "- item\n\n    ```derivation\n    x\n    ```", "> ```derivation\n> x\n> ```",
        '!!! note\n    ```derivation\n    x\n    ```', '=== "Tab"\n\n    ```derivation\n    x\n    ```',
    ]  # fmt: skip
    for text in kinds:
        (place,) = places(text)
        assert isinstance(place, Fence)
        assert (place.body, place.closed) == (("x",), True), text


def test_what_is_shown_as_code_is_left_alone() -> None:
    assert places("````markdown\n```derivation\nx\n```\n````") == []
    assert places("text\n\n    ```derivation\n    x\n    ```") == []
    assert places("<!--\n```derivation\nx\n```\n-->") == []
    assert places("```python\n# `derivation: x`\n```") == []
    assert places("two backticks: `` `derivation: x` ``") == []
    assert places("```derivations\nx\n```") == []
    assert places("the word `derivation:` alone, and `derivation`") == []


def test_spans_are_found_with_their_line() -> None:
    assert places("a\n\nThis `derivation: x | wrt: x` and `derivation: y | wrt: y`.") == [
        Span(2, "derivation: x | wrt: x"), Span(2, "derivation: y | wrt: y"),
    ]  # fmt: skip


def test_spans_over_several_lines_are_found_with_their_first_line() -> None:
    assert places("a\n\nThis `` ` `` `derivation: x\n  | wrt: x` and `b` on.") == [
        Span(2, "derivation: x\n| wrt: x", 1)
    ]
    assert places("> a `derivation: x |\n>   wrt: x\n> | where: x in R` b") == [
        Span(0, "derivation: x |\nwrt: x\n| where: x in R", 2)
    ]
    assert places("a `derivation: x\n\n| wrt: x` b") == []
    assert places("a `derivation: x | wrt: x` `derivation: y\n| wrt: y`") == [
        Span(0, "derivation: x | wrt: x"), Span(0, "derivation: y\n| wrt: y", 1),
    ]  # fmt: skip


def test_fences_that_were_meant_to_be_derivations() -> None:
    def wrong(info: str) -> str:
        return " ".join(said for _, said in misnamed(f"a\n\n```{info}\nx\n```".split("\n")))

    for info in ("derivaton", "Derivation", "derviation", "{.derivations}"):
        assert "did you mean derivation?" in wrong(info), info
    for info in ("derivation w", "derivation: w", "{.derivation #a}"):
        assert "options stand on lines below" in wrong(info), info
    for info in ("", "derivation", "{ .derivation }", "derivative", "python", "text"):
        assert wrong(info) == "", info
    assert list(misnamed(["````", "```derivaton", "```", "````", "", "    ```derivaton", "", "```derivaton"])) == [
        (7, "the fence says 'derivaton', so it is no derivation (did you mean derivation?)")
    ]


def test_strokes_without_spaces_get_a_hint() -> None:
    read = read_inline("w*x|wrt: w|where: w, x in R", Options())
    assert read.error is not None
    assert "spaces around each upright stroke" in str(read.error.hint)


def test_block_that_is_not_closed_ends_at_a_blank_line() -> None:
    (place,) = places("```derivation\nx\nwrt: x\n\nThe text goes on.")
    assert isinstance(place, Fence)
    assert (place.end, place.closed) == (3, False)


def test_options_are_verbatim_to_the_end_of_the_line() -> None:
    read = block(
        """
        f(g(x))
          + 1
        wrt: x
        where: x in R^n
        where: g: R^n -> R^k; f: R^k -> R^m
        title: What: "quotes", # no comment
        check: no
        order: 2
        show: graph, steps
        """
    )
    assert read.error is None
    assert read.expression == "f(g(x))\n  + 1"
    o = read.options
    assert o.where == "x in R^n; g: R^n -> R^k; f: R^k -> R^m"
    assert (o.wrt, o.title, o.check, o.order, o.show) == (
        ("x",), 'What: "quotes", # no comment', False, 2, ("graph", "steps"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "key", ["wrt", "where", "order", "layout", "method", "detail", "notation", "title", "id", "show", "check"]
)
def test_every_option_of_the_interface_is_one_of_a_block(key: str) -> None:
    assert key in {o.key for o in declared("block")}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("x\nwrt: x\nlayout: numerater", 2, "did you mean numerator"),
        ("x\nwrt: x\nlayuot: gradient", 2, "did you mean layout"),
        ("x\nwrt: x\nand so on", 2, "is no option"),
        ("x\nwrt: x\nmethod: chain\nmethod: scalar", 3, "2 are given"),
        ("x\nwrt: x\norder: three", 2, "is no value of order"),
        ("x\nwrt: x\nid: <script>", 2, "is no id"),
        ("x\nwrt: x\ncheck: maybe", 2, "yes or no"),
        ("wrt: x", 0, "no expression"),
        ("let: u = 2*x\nu**2\nwrt: x", 1, "stands below an option"),
        ("x\nlayuot: gradient", 1, "by what"),
    ],
)
def test_mistakes_have_their_line(text: str, line: int, said: str) -> None:
    read = block(text)
    assert read.error is not None
    assert said in f"{read.error.message} {read.error.hint}"
    assert read.error_line == line


def test_places_in_declarations_are_found() -> None:
    read = block("x\nwrt: x\nwhere: x in R^n\nwhere: b on R")
    at = read.options.where.index("on")
    assert read.place(read.options.where, at) == (3, len("where: b "))


def test_inline_form() -> None:
    for inside in (r"|x| * y | wrt: y | where: x, y in R", r"|x| * y \| wrt: y \| where: x, y in R"):  # as in a table
        read = read_inline(inside, Options(layout="gradient"))
        assert (read.expression, read.options.wrt, read.options.layout) == ("|x| * y", ("y",), "gradient")
        assert read.options.where == "x, y in R"


def test_page_sets_defaults() -> None:
    site = Options(where="b in R")
    page, wrong = page_defaults({"layout": "gradient", "where": "x in R^n", "check": False, "layuot": "x"}, site)
    assert [str(error) for error in wrong] == ["there is no option 'layuot' (did you mean layout?)"]
    assert (page.layout, page.where, page.check) == ("gradient", "b in R; x in R^n", False)
    assert page_defaults(None, site) == (site, [])


def test_endless_values_of_a_page_are_refused_and_not_shown() -> None:
    endless: list[object] = []
    endless += [endless, endless]
    for given in (endless, {"layout": endless}, {"layout": {"a": endless}}, {("a",): 1}):
        _, wrong = page_defaults(given, Options())
        assert wrong
        assert all(isinstance(error, ParseError) and len(f"{error.message}{error.hint}") < 400 for error in wrong)
