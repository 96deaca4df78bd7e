"""The events of a build: settings in, all derivations prepared side by side, pages, and what went wrong at the end."""

from __future__ import annotations

import gc
import logging
import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import get_relative_url
from mkdocs.utils.meta import get_data

from derivgen.equations import Equations
from derivgen.errors import nearest
from derivgen.files import CONFIGURATION, write_whole
from derivgen.markdown import DerivgenExtension
from derivgen.mkdocs import listing
from derivgen.mkdocs.settings import BuildSettings, Settings, options_of
from derivgen.mkdocs.site import Site, content_of, title_of
from derivgen.site import references
from derivgen.site.answer import RECORDS
from derivgen.site.assets import math_font, script, stylesheet
from derivgen.site.block import page_defaults
from derivgen.site.front_matter import front_matter
from derivgen.site.markdown_page import Problem
from derivgen.site.notebook_cells import fenced_cells
from derivgen.site.record import Record
from derivgen.version import __version__
from derivgen.work.cache import Cache
from derivgen.work.store import Store
from derivgen.work.workers import Workers

if TYPE_CHECKING:
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page as SitePage

log = logging.getLogger("mkdocs.plugins.derivgen")

RARELY = 20_000, 20, 20
"""How many objects more are made than let go before their cycles are searched for: a page makes thousands."""

FONTS = (".woff2", ".woff", ".otf", ".ttf")
STYLE, SCRIPT = "assets/derivgen/derivgen.css", "assets/derivgen/derivgen.js"


class DerivgenPlugin(BasePlugin[BuildSettings]):  # type: ignore[no-untyped-call]
    """Derivations in a site of MkDocs."""

    config_class = Settings
    _site: Site
    """The build that is under way."""

    def __init__(self) -> None:
        self.serving = False
        self.store: Store[Record] | None = None
        self._thresholds: tuple[int, int, int] | None = None

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Note whether the site is served, and built again and again."""
        self.serving = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Begin a build: the processes and the cache, the options, the extension of Markdown."""
        if not self.config.enabled:
            return config
        if self.store is None:
            folder = Path(config.config_file_path or ".").resolve().parent / self.config.cache_dir
            cache = Cache(folder) if self.config.cache else None
            workers = Workers(self.config.jobs or None)
            if cache is not None and cache.is_empty():
                workers.start()  # there will be work for them
            self.store = Store(RECORDS, cache, workers, float(self.config.timeout))
            self.equations = Equations(str(folder) if cache else "", cache, workers, config.config_file_path)
        self._calm()
        options = options_of(self.config)
        self._site = Site(self.store, options, _math(options.math, config), self.equations, self.config.rules_page)
        config.markdown_extensions.append(DerivgenExtension(self._site))  # type: ignore[arg-type]
        own_settings = Path(config.config_file_path or ".").resolve().parent / CONFIGURATION
        if own_settings.is_file():
            config.watch.append(str(own_settings))  # it says how equations are read
        config.extra_css.insert(0, STYLE)
        config.extra_javascript.append(SCRIPT)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the styles, the script, and the lists that are made and that no author wrote."""
        if not self.config.enabled:
            return files
        files.append(File.generated(config, STYLE, content=stylesheet() + self._font(files)))
        files.append(File.generated(config, SCRIPT, content=script()))
        for kind in listing.KINDS:
            wanted = self.config[f"{kind}_page"]
            if wanted and files.get_file_from_path(wanted) is None:
                files.append(File.generated(config, wanted, content=listing.fresh(kind)))
        return files

    def _font(self, files: Files) -> str:
        """The style for the font of mathematics that the site hosts."""
        wanted = self.config.math_font
        if not wanted:
            return ""
        found = files.get_file_from_path(wanted)
        if found is None:
            near = nearest(wanted, [f.src_uri for f in files if f.src_uri.endswith(FONTS)])
            hint = f" (did you mean {near}?)" if near else " (it is seen from docs_dir)"
            raise PluginError(f"derivgen: math_font: there is no file {wanted}{hint}")
        return math_font(get_relative_url(found.url, STYLE))

    @event_priority(-100)
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """All pages are known: what they ask is derived side by side, while the pages are made."""
        if not self.config.enabled:
            return nav
        site = self._site
        self.equations.begin()
        order = {page.file.src_uri: k for k, page in enumerate(nav.pages)}
        included = InclusionLevel.is_in_serve if self.serving else InclusionLevel.is_included
        pages = sorted(
            files.documentation_pages(inclusion=included), key=lambda f: (order.get(f.src_uri, len(order)), f.src_uri)
        )
        texts: dict[str, tuple[str, str]] = {}
        for file in pages:
            content = content_of(file)
            for cell in fenced_cells(content) if file.src_uri.endswith(".ipynb") else ():
                log.warning("%s: cell %d: a derivation block in a notebook is not made (write %%%%derive in a cell of "
                            "code, after %%load_ext derivgen)", file.src_uri, cell)  # fmt: skip
            if "derivation" in content or "derivgen" in content:
                texts[file.src_uri] = (content, "")
            self._ask_equations(file, content)
        self.equations.prepare(lambda done, count: log.info("derivgen: equations of %d of %d pages", done, count))
        asked: list[dict[str, Any]] = [{"book": kind, "math": site.math} for kind in self._books()]
        for file in files.documentation_pages(inclusion=included):  # the order in which MkDocs makes them
            if file.src_uri not in texts:
                continue
            name, content = file.src_uri, texts[file.src_uri][0]
            text, meta = get_data(content)
            texts[name] = (content, text)
            asked += site.page_of(name, content, text, meta, quiet=True).questions(text)
            site.ahead[name] = partial(site.survey, name, content, text, meta)
        site.store.prepare(asked, lambda done, count: log.info("derivgen: %d of %d derivations", done, count))
        site.store.forget(asked)
        # what lists the derivations is made last: macros may write derivations into any other page
        for file in pages:
            content = texts.get(file.src_uri, ("", ""))[0]
            if any(found["kind"] in listing.KINDS for found in listing.MARKER.finditer(content)):
                files.remove(file)
                files.append(file)
        site.order = [file.src_uri for file in pages]
        site.urls = {file.src_uri: file.url for file in pages}
        for file in pages:
            if file.page is not None and file.src_uri in texts:
                site.titles[file.src_uri] = title_of(file.page, texts[file.src_uri][1])
        return nav

    def _ask_equations(self, file: File, content: str) -> None:
        """Have the equations of a page checked, if it says nothing else."""
        if file.generated_by is not None or not file.abs_src_path:
            return
        own, _ = page_defaults(front_matter(content).get("derivgen"), self._site.options)  # said where it is made
        path = Path(os.path.relpath(file.abs_src_path))
        self.equations.add(file.src_uri, path, content, self._site.options, own.check_equations)

    @event_priority(-100)
    def on_page_markdown(self, markdown: str, *, page: SitePage, config: MkDocsConfig, files: Files) -> str:
        """Begin a page: find out its title, and put made tables in the place of their marks."""
        if not self.config.enabled:
            return markdown
        site, name = self._site, page.file.src_uri
        content = content_of(page.file)
        if not self.config.search_made_pages and name in self._made_pages():
            page.meta["search"] = {"exclude": True}  # as the search of Material has it
        site.kept[name] = []
        site.text = get_data(content)[0]
        site.coming = site.now = site.page_of(name, content, site.text, dict(page.meta))
        site.titles.setdefault(name, title_of(page, markdown))
        return listing.MARKER.sub(lambda found: self._made(found, name), markdown) if "<!--" in markdown else markdown

    def _made(self, marker: re.Match[str], name: str) -> str:
        """What stands in the place of a marker."""
        from derivgen.mkdocs import manual

        kind = marker["kind"]
        if kind in listing.KINDS:
            return marker["lead"] + self._listed(kind, name)
        return marker["lead"] + manual.TABLES[kind]() if kind in manual.TABLES else marker[0]

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> None:
        """Note that all pages are read: from now on links to all derivations are known."""
        if self.config.enabled:
            self._site.read = True

    def on_page_content(self, html: str, *, page: SitePage, config: MkDocsConfig, files: Files) -> str:
        """Number the derivations of a page, and let its anchors be known."""
        made = self._site.made.get(page.file.src_uri) if self.config.enabled else None
        if made is None:
            return html
        self._site.number(html, page.file.src_uri)
        own = [p for p in made.placed if p.anchor]
        if page.present_anchor_ids is not None:
            page.present_anchor_ids |= {p.anchor for p in own} | set(self.equations.anchors(made.file).values())
        autorefs = next((config.plugins[n] for n in ("autorefs", "mkdocs-autorefs") if n in config.plugins), None)
        for p in own:
            if autorefs is not None and p.block.options.id:
                autorefs.register_anchor(page=page, identifier=p.anchor, anchor=p.anchor, title=p.title)  # type: ignore[attr-defined]
        return html

    @event_priority(100)
    def _before_the_search(self, context: Any, *, page: SitePage, config: MkDocsConfig, nav: Navigation) -> Any:
        """The page is put together: now its derivations are waited for, and the words to be found come in."""
        if not self.config.enabled:
            return context
        name = page.file.src_uri
        self._settled(name)
        if page.content is not None:
            page.content = self._site.filled(page.content, name, lambda kept: kept.stub(_plain(kept.words())))
        return context

    @event_priority(-100)
    def _behind_the_search(self, context: Any, *, page: SitePage, config: MkDocsConfig, nav: Navigation) -> Any:
        """The search has read the page: now the mathematics comes in."""
        if not self.config.enabled:
            return context
        if page.content is not None:
            page.content = self._site.filled(
                page.content, page.file.src_uri, lambda kept: self._site.with_links(kept.html(), page.url)
            )
            page.content = references.resolved(page.content, lambda wanted: self._reference(wanted, page))
        self._site.kept.pop(page.file.src_uri, None)
        if not self.config.search_made_pages and page.file.src_uri in self._made_pages():
            for plugin in config.plugins.values():
                index: Any = getattr(plugin, "search_index", None)
                if isinstance(getattr(index, "_entries", None), list):  # the search of MkDocs has no choice of its own
                    own = page.url
                    index._entries = [e for e in index._entries if str(e.get("location", "")).partition("#")[0] != own]
        return context

    on_page_context = CombinedEvent(_before_the_search, _behind_the_search)

    def _reference(self, wanted: str, page: SitePage) -> tuple[str, str] | None:
        """The address and the title for a reference that was not known when its page was read."""
        here, placed = page.file.src_uri, self._site.placed()
        found = references.find(wanted, here, placed)
        if found is None:
            near = references.near(wanted, placed)
            log.warning(
                "Doc file '%s' has a reference to '%s', but there is no derivation with that id.%s",
                here, wanted, f" Did you mean '{near}'?" if near else "",
            )  # fmt: skip
            return None
        url = get_relative_url(self._site.urls.get(found.file, ""), page.url) if found.file != here else ""
        return f"{url}#{found.anchor}", references.title_of(found)

    @event_priority(-100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Wait for all answers, write the report, and say what is wrong.

        Raises:
            PluginError: the report cannot be written, or something is wrong and the build is to fail then.
        """
        if not self.config.enabled:
            return
        site = self._site
        pages = site.pages()
        for page in pages.values():
            page.settle()
        problems = [x for page in pages.values() for x in page.problems]
        doubted = [x for name in self.equations.pages for x in self.equations.problems(name)]
        reports = self.equations.reports()
        if self.config.report:
            placed = site.placed()
            target = Path(config.site_dir) / self.config.report
            checked = None
            if reports:
                from derivgen.notes.reports.formats import as_data

                checked = as_data(reports)
            data = listing.as_json(placed, site.urls, dict.fromkeys((*problems, *doubted)), __version__, checked)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_whole(target, data.encode("ascii"))
            except OSError as refused:
                raise PluginError(f"derivgen: cannot write {target}: {refused.strerror or refused}") from refused
        for name in dict.fromkeys((*pages, *self.equations.pages)):
            self._settled(name)
        self._end()
        if reports:
            from derivgen.mkdocs.equations import coverage

            log.info("derivgen: %s", coverage(reports, self.equations.take_made()))
        if site.store.made:
            log.info("derivgen: %d derivations made, the others taken from the cache", site.store.made)
            site.store.made = 0
        wrong, false = (sum(x.level == "error" for x in several) for several in (problems, doubted))
        if (wrong or false) and self._failing:
            what = "1 derivation is" if wrong == 1 else f"{wrong} derivations are"
            said = [f"{what} broken or refuted"] if wrong else []
            said += [f"{false} equation{' is' if false == 1 else 's are'} refuted"] if false else []
            raise PluginError(f"derivgen: {' and '.join(said)}; the pages show where")

    def on_build_error(self, *, error: Exception) -> None:
        """End the build before its time."""
        self._end()

    def on_shutdown(self) -> None:
        """End the processes and close the cache."""
        self._stir()
        if self.store is not None:
            self.store.close()

    # --- parts ---

    @property
    def _failing(self) -> bool:
        return bool(self.config.on_failure == "fail" and not self.serving)

    def _settled(self, name: str) -> None:
        """Wait for the derivations of a page, and say what is wrong with them, once."""
        site = self._site
        page = site.made.get(name) or site.surveyed.get(name)
        if page is not None and name not in site.told:
            site.told.add(name)
            page.settle()
            self._tell(page.problems)
        if name in self.equations.pages and f"{name} equations" not in site.told:
            site.told.add(f"{name} equations")
            self._tell(self.equations.problems(name))

    def _tell(self, problems: list[Problem]) -> None:
        for problem in dict.fromkeys(problems):  # what the front matter says holds for several derivations
            level = logging.ERROR if problem.level == "error" and self._failing else logging.WARNING
            log.log(level, "%s", problem)

    def _calm(self) -> None:
        """Let the search for cycles be rare while pages are made, and pass over what is there now: it stays to the end."""
        if not gc.get_freeze_count():
            self._thresholds = gc.get_threshold()
            gc.freeze()
            gc.set_threshold(*RARELY)

    def _stir(self) -> None:
        """The usual search for cycles again."""
        if self._thresholds is not None:
            gc.unfreeze()
            gc.set_threshold(*self._thresholds)
            self._thresholds = None

    def _end(self) -> None:
        self._stir()
        if self.store is not None and not self.serving:
            self.store.close()

    def _made_pages(self) -> set[str]:
        return {str(self.config[f"{kind}_page"]) for kind in listing.KINDS}

    def _books(self) -> list[str]:
        return [kind for kind in ("rules", "operations") if self.config[f"{kind}_page"]]

    def _listed(self, kind: str, here: str) -> str:
        """The Markdown in place of a marker."""
        site = self._site
        placed = site.placed()

        def keep(html: str) -> str:
            return site.keep(here, lambda: html)

        if kind == "index":
            return listing.index(placed, here, site.titles, keep)
        if kind == "report":
            reported = listing.report(placed, here)
            if not self.equations.pages:
                return reported
            from derivgen.mkdocs.equations import listed

            return reported + listed(self.equations, here, site.titles, keep)
        record = site.store.get({"book": kind, "math": site.math})
        used = kind == "rules" and self.config.rules == "used"
        return listing.book(listing.entries(record), kind, placed, here, used, keep)


def _math(wanted: str, config: MkDocsConfig) -> str:
    """How mathematics is set: as the site does it already where it has a script, else as MathML."""
    if wanted != "auto":
        return wanted
    scripts = " ".join(str(getattr(s, "path", s)) for s in config.extra_javascript).lower()
    ready = "pymdownx.arithmatex" in config.markdown_extensions and ("mathjax" in scripts or "katex" in scripts)
    return "arithmatex" if ready else "mathml"


def _plain(body: str) -> str:
    return re.sub(r"[<>&]", " ", body)
