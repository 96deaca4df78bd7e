"""The plugin for MkDocs: a thin face of ``derivgen.markdown`` that knows pages, links and builds."""

from derivgen.mkdocs.plugin import DerivgenPlugin

__all__ = ["DerivgenPlugin"]
