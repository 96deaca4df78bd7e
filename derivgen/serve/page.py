"""The page itself: a form made from the options, so that a new option appears on it, and the files that it needs."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from urllib.parse import urlencode

from derivgen.option import Option
from derivgen.serve.answer import offered
from derivgen.serve.examples import EXAMPLES
from derivgen.site.assets import script, stylesheet
from derivgen.version import __version__

AT_HAND = ("layout", "method", "detail", "notation", "order")
"""What is chosen without opening anything."""

PROMPTS = {"wrt": "Differentiate by", "where": "Declarations", "show": "Show", "from": "Read it as"}
"""What is written beside an option whose key does not say it to one who has not seen it."""


def asset(name: str) -> str:
    """The text of a file that the page comes with."""
    return files("derivgen.serve").joinpath("static", name).read_text(encoding="utf-8")


@cache
def page() -> str:
    """The HTML of the page."""
    options = offered()
    written = [o for o in options if o.required or o.separator]
    chosen = sorted((o for o in options if o.key in AT_HAND), key=lambda o: AT_HAND.index(o.key))
    rest = [o for o in options if o not in written and o not in chosen]
    parts = {
        "VERSION": escape(__version__),
        "EXAMPLES": "\n".join(
            f'<li><a href="#{escape(urlencode({"expression": expression, **more}))}">{escape(name)}</a></li>'
            for name, expression, more in EXAMPLES
        ),
        "WRITTEN": "\n".join(map(_control, written)),
        "CHOSEN": "\n".join(map(_control, chosen)),
        "REST": "\n".join(map(_control, rest)),
    }
    text = asset("page.html")
    for name, html in parts.items():
        text = text.replace(f"<!-- {name} -->", html)
    return text


@cache
def style() -> str:
    """The styles of the page and of what it shows."""
    return stylesheet() + asset("serve.css")


@cache
def behaviour() -> str:
    """The script of the page and of what it shows."""
    return script() + asset("serve.js")


def _control(o: Option) -> str:
    """What one chooses or writes for an option, with its name and what it does."""
    key, prompt = escape(o.key), escape(PROMPTS.get(o.key, o.key))
    about = f'id="o-{key}" name="{key}" data-default="{escape(_default(o))}" title="{escape(o.on or o.help)}"'
    if o.kind is bool:
        checked = " checked" if o.default else ""
        return (
            f'<div class="switch"><input type="checkbox" {about}{checked}><label for="o-{key}">{prompt}</label></div>'
        )
    label = f'<label for="o-{key}">{prompt}</label>'
    if o.values:
        several = f" multiple size={len(o.values)}" if o.many else ""
        default = o.default if o.many else (o.default,)
        choices = "".join(f"<option{' selected' if v in default else ''}>{escape(str(v))}</option>" for v in o.values)
        return f'<div class="option">{label}<select {about}{several}>{choices}</select></div>'
    if o.kind is not str:
        least = f' min="{o.least}"' if o.least is not None else ""
        return f'<div class="option">{label}<input type="number" {about}{least}></div>'
    lines = ' data-lines=""' if o.many and o.split is None else ""
    alone = "" if lines or o.separator else ' data-alone=""'
    return f'<div class="option">{label}{field(about + lines + alone)}</div>'


def field(about: str, rows: int = 1) -> str:
    """A place to write in. Behind it lies the same text, where a mistake is underlined."""
    how = 'spellcheck="false" autocapitalize="off" autocomplete="off" autocorrect="off"'
    return f'<div class="field"><div class="marks" aria-hidden="true"></div><textarea rows="{rows}" {how} {about}></textarea></div>'


def _default(o: Option) -> str:
    if o.kind is bool:
        return "yes" if o.default else "no"
    return ", ".join(o.default) if isinstance(o.default, tuple) else "" if o.default is None else str(o.default)
