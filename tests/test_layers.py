"""The house stands on its layers: imports go down only, and what is heavy is imported where it is used."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from functools import cache, cached_property
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import derivgen.errors

PACKAGE = Path(__file__).resolve().parent.parent / "derivgen"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "doors", "version"),
    ("files", "deadline", "arguments", "formats", "turns"),
    ("option", "tex"),
    ("codes",),
    ("options",),
    ("expr",),
    ("catalog",),
    ("read", "check"),
    ("rules",),
    ("trials", "plugins"),
    ("world",),
    ("derivation",),
    ("show",),
    ("work", "console", "testing"),
    ("site", "notes", "flags"),
    ("serve", "lsp", "equations"),
    ("cli", "markdown", "extend", "notebook"),
    ("__main__", "mkdocs"),
)
"""From the ground up. What stands on one floor does not import its neighbours there."""

ROOMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "derivation": (("words",), ("methods",)),
    "notes": (("sources",), ("meaning", "reports"), ("judge",), ("faults",)),
}
"""The folders of a layer, from the ground up; what lies beside them puts them together, or is known to all of them."""

HEAVY = (
    "markdown_it", "sympy", "scipy", "mkdocs", "markdown", "click", "pylatexenc", "numpy", "flint", "yaml", "starlette",
)  # fmt: skip
"""What ``import derivgen`` alone must not load."""


def level(layer: str) -> int:
    found = [k for k, floor in enumerate(LAYERS) if layer in floor]
    assert found, f"derivgen.{layer} has no place in LAYERS"
    return found[0]


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> tuple[tuple[str, int], ...]:
    """What a file imports of this package, anywhere in it, without ``derivgen.``, with the line."""
    targets: list[tuple[str, int]] = []
    for found in ast.walk(tree(path)):
        match found:
            case ast.Import(names):
                targets += [(n.name, found.lineno) for n in names]
            case ast.ImportFrom(module, names, 0) if module:
                targets += [(f"{module}.{n.name}", found.lineno) for n in names]
            case ast.ImportFrom():
                pytest.fail(f"{path}:{found.lineno}: relative imports hide the layer that they reach")
            case _:
                pass
    own = "derivgen."
    return tuple((name.removeprefix(own), line) for name, line in targets if name.startswith(own))


def test_imports_go_down() -> None:
    wrong = []
    for path in modules():
        own = module_name(path).partition(".")[0]
        for target, line in imports(path):
            reached = target.partition(".")[0]
            if reached != own and level(reached) >= level(own):
                wrong.append(f"derivgen/{path.relative_to(PACKAGE)}:{line} reaches up to {target}")
    assert wrong == []


@pytest.mark.parametrize("layer", ROOMS)
def test_the_rooms_of_a_layer_stand_on_each_other(layer: str) -> None:
    floor = {room: k for k, rooms in enumerate(ROOMS[layer]) for room in rooms}
    assert floor.keys() == {p.name for p in (PACKAGE / layer).iterdir() if (p / "__init__.py").exists()}
    wrong = []
    for path in modules():
        own = (*module_name(path).split("."), "")
        for target, line in imports(path):
            reached = (*target.split("."), "")
            if (
                own[0] != layer
                or reached[0] != layer
                or own[1] == reached[1]
                or not {own[1], reached[1]} <= floor.keys()
            ):
                continue
            if floor[reached[1]] >= floor[own[1]]:
                wrong.append(f"derivgen/{path.relative_to(PACKAGE)}:{line} reaches up to {target}")
    assert wrong == []


def test_modules_import_in_no_circle() -> None:
    known = {module_name(path): path for path in modules()}
    below = {
        name: {target if target in known else target.rpartition(".")[0] for target, _ in imports(path)} & known.keys()
        for name, path in known.items()
    }
    TopologicalSorter({name: reached - {name} for name, reached in below.items()}).prepare()


def test_the_judge_knows_no_rule() -> None:
    script = "import sys, derivgen.check.judge; print(*sorted(n for n in sys.modules if n.startswith('derivgen.')))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {name.split(".")[1] for name in run.stdout.split()} <= {
        "check", "catalog", "expr", "deadline", "turns", "arguments", "errors", "doors", "version",
    }  # fmt: skip


@pytest.mark.parametrize("start", ["derivgen", "derivgen.expr", "derivgen.options"])
def test_import_is_light(start: str) -> None:
    script = f"import sys, {start}; print(*sorted(set({HEAVY!r}) & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["derive", "--help"], ["run", "--help"]])
def test_help_does_not_load_the_engine(arguments: list[str]) -> None:
    script = (
        "import sys; from derivgen.cli import main; main(sys.argv[1:]);"
        "assert not {'derivgen.expr', 'sympy', 'numpy', 'flint'} & sys.modules.keys()"
    )
    run = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_every_module_says_what_it_is_for() -> None:
    for path in modules():
        text = ast.get_docstring(tree(path))
        assert text, f"{path} has no docstring"


def public(owner: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The functions, classes, methods and properties that are declared in a module or class, and all inside of them."""
    for name, found in vars(owner).items():
        behind = (
            found.fget if isinstance(found, property) else found.func if isinstance(found, cached_property) else found
        )
        behind = inspect.unwrap(getattr(behind, "__func__", behind)) if callable(behind) else behind
        if not name.startswith(
            "_"
        ) and f"{getattr(behind, '__module__', '')}.{getattr(behind, '__qualname__', '')}" == (f"{path}.{name}"):
            yield f"{path}.{name}", found
            if inspect.isclass(found):
                yield from public(found, f"{path}.{name}")


def test_what_is_public_says_what_it_is() -> None:
    """In its own words, or in those of what it overrides; a rule does so in its declaration, and is no function."""
    silent = []
    for module in map(module_name, modules()):
        for path, found in public(import_module(f"derivgen.{module}"), f"derivgen.{module}"):
            if inspect.isclass(found):
                made = f"{found.__name__}("  # what a dataclass gives to one without
                silent += [path] if (found.__doc__ or made).startswith(made) else []
            elif not inspect.getdoc(found):
                silent.append(path)
    assert silent == []


def test_a_module_is_read_at_a_sitting() -> None:
    """What is longer than 400 lines has two subjects."""
    lengths = {module_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_functions_say_what_they_raise() -> None:
    """Those that others may call, where they raise an error of ours themselves."""
    for path in modules():
        for f in tree(path).body:
            if isinstance(f, ast.FunctionDef) and not f.name.startswith("_") and path.name != "cli.py":
                raised = {
                    ast.unparse(r.exc).partition("(")[0] for r in ast.walk(f) if isinstance(r, ast.Raise) and r.exc
                }
                if any(name in vars(derivgen.errors) and name != "InternalError" for name in raised):
                    assert "Raises:" in (ast.get_docstring(f) or ""), f"{path}:{f.lineno} {f.name} raises {raised}"
