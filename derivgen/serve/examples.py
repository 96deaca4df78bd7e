"""Questions to start from."""

from __future__ import annotations

EXAMPLES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("A neuron", "max(0, w.T @ x + b)", {"wrt": "w", "where": "w, x in R^n; b in R"}),
    ("Squared error over data", "sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N",
     {"wrt": "w", "where": "w in R^n; b in R; y in R^N; X in R^(N*n)"}),
    ("Least squares, in LaTeX", r"\|A\mathbf{x} - \mathbf{b}\|_2^2", {"wrt": r"\mathbf{x}", "layout": "gradient"}),
    ("Softmax", "softmax(x)", {"wrt": "x", "where": "x in R^n"}),
    ("A layer", "V @ tanh(W @ x + b)",
     {"wrt": "x", "where": "V in R^(k*m); W in R^(m*n); x in R^n; b in R^m", "method": "chain"}),
    ("The chain rule", "f(g(x))", {"wrt": "x", "where": "x in R^n; g: R^n -> R^k; f: R^k -> R^m", "method": "chain"}),
    ("Cross entropy", "-sum(y * log(softmax(z)))", {"wrt": "z", "where": "z in R^k; y in Simplex(k)", "layout": "gradient"}),
    ("A determinant", "log(det(X))", {"wrt": "X", "where": "X in PD(n)", "layout": "gradient"}),
    ("A matrix by a matrix", "A @ X @ B", {"wrt": "X", "where": "A in R^(k*m); X in R^(m*n); B in R^(n*p)"}),
    ("A Hessian", "log(1 + exp(-w.T @ x))", {"wrt": "w", "where": "w, x in R^n", "order": "2"}),
)  # fmt: skip
"""The name of each, its expression and its options."""
