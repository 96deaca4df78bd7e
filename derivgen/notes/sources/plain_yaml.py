"""YAML as plain data, with whatever tags it has passed over: nothing that a file names is imported or run."""

from __future__ import annotations

from typing import Any

from derivgen.errors import DerivgenError


def plain_yaml(text: str) -> Any:
    """What a YAML text holds.

    Raises:
        DerivgenError: it is no YAML, or nested too deeply.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """Unknown tags are passed over."""

    def passed_over(loader: Any, suffix: str, node: Any) -> Any:
        match node:
            case yaml.ScalarNode():
                return loader.construct_scalar(node)
            case yaml.SequenceNode():
                return loader.construct_sequence(node, deep=True)
            case _:
                return loader.construct_mapping(node, deep=True)

    Loader.add_multi_constructor("", passed_over)
    try:
        return yaml.load(text, Loader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as wrong:
        line = getattr(getattr(wrong, "problem_mark", None), "line", None)
        where = "" if line is None else f" (line {line + 1})"
        raise DerivgenError(
            f"this is no YAML{where}: {' '.join(str(getattr(wrong, 'problem', wrong)).split())[:120]}"
        ) from None
