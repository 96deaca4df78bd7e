"""Text to tree: declarations, and expressions as a NumPy user types them."""

from derivgen.read.declarations import Declarations
from derivgen.read.declare import declare
from derivgen.read.question import parse_text, parse_variable, read, read_definitions

__all__ = ["Declarations", "declare", "parse_text", "parse_variable", "read", "read_definitions"]
