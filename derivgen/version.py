"""The version of derivgen."""

__version__ = "1.0.0"
