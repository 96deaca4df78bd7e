"""The language server: what the checker and the blocks of derivations say, in an editor as one types."""
