"""What may be said in mkdocs.yml: the options of derivations, made from the one record, and those of the build."""

from __future__ import annotations

from typing import Any

from mkdocs.config import config_options as c
from mkdocs.config.base import BaseConfigOption, Config, ValidationError

from derivgen.errors import DerivgenError, proposal
from derivgen.option import Option
from derivgen.options import Options, declared


class Chosen(BaseConfigOption[Any]):
    """One option of derivations, with the values and the errors that it has everywhere."""

    def __init__(self, option: Option) -> None:
        super().__init__()
        self.option = option

    def run_validation(self, value: Any) -> Any:
        """The value as the option reads it, and MkDocs' own error where it refuses."""
        try:
            return self.option.value(value)
        except DerivgenError as error:
            raise ValidationError(error.advised) from None


class BuildSettings(Config):  # type: ignore[no-untyped-call]
    """What concerns the build."""

    enabled = c.Type(bool, default=True)
    """Whether the plugin does anything."""

    on_failure = c.Choice(("fail", "warn"), default="fail")
    """What a block that is broken or refuted does to the build: it fails at its end, or there is a warning."""

    cache = c.Type(bool, default=True)
    """Whether results are kept between builds."""

    cache_dir = c.Type(str, default=".cache/plugin/derivgen")
    """The folder for them, seen from that of mkdocs.yml."""

    jobs = c.Type(int, default=0)
    """How many processes derive at once; 0 is one for each processor."""

    timeout = c.Type(int, default=60)
    """Seconds that one derivation may take."""

    report = c.Type(str, default="derivations.json")
    """The file of the site that has every derivation with its verdicts; an empty text writes none."""

    math_font = c.Type(str, default="")
    """A font of mathematics among the files of the site, such as `fonts/STIXTwoMath.woff2`, for all formulas of cards."""

    index_page = c.Type(str, default="")
    """The page that lists all derivations; one that is not there is made."""

    rules_page = c.Type(str, default="")
    """The page of the rules."""

    rules = c.Choice(("used", "all"), default="used")
    """Which rules it has: those that the site uses, or the whole book."""

    operations_page = c.Type(str, default="")
    """The page of all operations."""

    report_page = c.Type(str, default="")
    """The page of the verdicts."""

    search_made_pages = c.Type(bool, default=True)
    """Whether the search finds the pages that are made: the index, the rules, the operations and the verdicts."""


class _Settings(BuildSettings):  # type: ignore[no-untyped-call]
    """Settings whose names are as well looked after as their values."""

    def validate(self) -> tuple[Any, Any]:
        failed, warnings = super().validate()
        unknown = [key for key in self if key not in self._schema_keys]
        failed += [
            (key, ValidationError(f"there is no such option ({proposal(key, self._schema_keys)})")) for key in unknown
        ]
        return failed, [warning for warning in warnings if warning[0] not in unknown]


Settings: Any = type("Settings", (_Settings,), {o.key: c.Optional(Chosen(o)) for o in declared("site")})
"""All settings: those of the build, and each option of derivations that a site can choose."""


def options_of(settings: Any) -> Options:
    """The options of derivations that a site chose."""
    given = {o.name: settings[o.key] for o in declared("site")}
    return Options(**{name: value for name, value in given.items() if value is not None})
