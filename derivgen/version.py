"""The version of derivgen."""

__version__ = "0.1.0"
