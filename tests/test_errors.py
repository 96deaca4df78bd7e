"""An error on one screen: the place is underlined, whatever the letters and however long the line."""

from __future__ import annotations

from derivgen.errors import DerivgenError, ParseError, ShapeError, Span, render


def screen(source: str, place: str, message: str = "wrong") -> list[str]:
    start = source.index(place)
    error = ParseError(message, span=Span(start, start + len(place)), source=source, hint="do this")
    return render(error).splitlines()


def test_the_place_is_underlined() -> None:
    assert screen("w.T @ foo + b", "foo") == ["cannot read: wrong", "  w.T @ foo + b", "        ^^^", "hint: do this"]


def test_kinds() -> None:
    assert render(ShapeError("two shapes")) == "shapes do not fit: two shapes"
    assert render(DerivgenError("no")) == "error: no"


def test_wide_and_combining_letters() -> None:
    assert screen("ｘ + 中文 + y", "中文")[1:3] == ["  ｘ + 中文 + y", "       ^^^^"]
    assert screen("e\u0301 + y", "y")[2] == "      ^"


def test_a_long_line_is_cut_around_the_place() -> None:
    source = "a + " * 100 + "HERE" + " + b" * 100
    _, shown, carets, _ = screen(source, "HERE")
    assert shown.startswith("  …")
    assert shown.endswith("…")
    assert len(shown) <= 82
    at = carets.index("^")
    assert shown[at : at + 4] == "HERE"
    assert carets.count("^") == 4


def test_the_ends_of_a_long_line() -> None:
    source = "HERE" + " + b" * 100 + " THERE"
    assert screen(source, "HERE")[2] == "  ^^^^"
    _, shown, carets, _ = screen(source, "THERE")
    assert shown.endswith("THERE")
    assert shown[carets.index("^") :] == "THERE"


def test_several_lines() -> None:
    assert screen("w +\nfoo * x", "foo")[1:3] == ["  foo * x", "  ^^^"]
    shown = screen("f(x,\n  y,\n  z,\n  u,\n  v)", "x,\n  y,\n  z,\n  u,\n  v")
    assert shown[1:3] == ["  f(x,", "    ^^"]
    assert shown[3:5] == ["    y,", "  ^^^^"]
    assert len(shown) == 10


def test_what_is_not_visible_is_shown_as_such() -> None:
    assert screen("x\x00y", "\x00")[1] == "  x\N{REPLACEMENT CHARACTER}y"
    assert "\x1b" not in "\n".join(screen("x\x1b[31m", "\x1b", message="a \x1b[31m message"))


def test_a_place_beyond_the_end() -> None:
    assert render(ParseError("m", span=Span(9, 12), source="abc")).splitlines()[0] == "cannot read: m"
    assert render(ParseError("m", span=Span(0, 0), source="")) == "cannot read: m"


def test_colours() -> None:
    error = ParseError("m", span=Span(0, 1), source="abc")
    assert "\x1b[" in render(error, color=True)
    assert "\x1b[" not in render(error)
