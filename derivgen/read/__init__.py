"""Text to tree: declarations, and expressions as a NumPy user types them."""

from derivgen.read.declare import GENERIC, Declarations, declare
from derivgen.read.question import parse_text, parse_variable, read, read_definitions

__all__ = ["GENERIC", "Declarations", "declare", "parse_text", "parse_variable", "read", "read_definitions"]
