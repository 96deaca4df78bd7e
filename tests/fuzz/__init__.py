"""Random expressions over the whole dialect, against automatic differentiation that shares no line with derivgen."""
