"""Many threads at once get what one gets, to the byte, and of what belongs to the whole process nothing is changed."""

from __future__ import annotations

import decimal
import gc
import json
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple
from functools import partial
from typing import Any

import flint
import numpy as np
import pytest

import derivgen
from derivgen.check.compare import precise
from derivgen.check.pattern import pattern
from derivgen.check.verdict import Verdict
from derivgen.deadline import TooLong, bounded
from derivgen.errors import DerivgenError
from derivgen.expr import Add, Expr, Symbol
from derivgen.formats import FORMATS
from derivgen.read import parse_text
from derivgen.rules import glance
from derivgen.work.cache import Cache
from tests import limited

THREADS = 8
WRITTEN = tuple(name for name in FORMATS if name != "pdf")
PRINTED = ("text", "html")

Question = Callable[[], object]


def told(v: Verdict | None) -> object:
    return None if v is None else repr(astuple(v))


def derived(
    expr: str, wrt: str, where: str = "", formats: Sequence[str] = PRINTED, at: Any = None, **choices: Any
) -> object:
    """All that there is to see of a derivation."""
    d = derivgen.derive(expr, wrt, where, **choices)
    shown = {name: d.to(name, detail="full") if name in ("text", "latex") else d.to(name) for name in formats}
    verdicts = [told(v) for v in d.report.verdicts] if d.report else []
    return shown, verdicts, None if at is None else repr(d.evaluate(at).tolist()), repr(d), d._repr_latex_()


def judged(a: str, b: str, where: str, **choices: Any) -> object:
    return told(derivgen.equal(a, b, where, **choices))


def late() -> object:
    """What takes longer than it may: where it is ended differs, that it is does not."""
    with pytest.raises(TooLong):
        derivgen.derive(
            "sum(exp(A @ x + y) * tanh(A @ y * x) + relu(y))", "x", "x, y in R^n; A in R^(n*n)", timeout=0.001
        )
    return TooLong


def in_time() -> object:
    """A bound that is never reached, set in the midst of those that are."""
    return derived("x.T @ tanh(x)", "x", "x in R^n", timeout=500)


def zeros_of(expr: str, where: str) -> object:
    return pattern(parse_text(expr, where)).entries.tolist()


DEEP = [f"u{k} = tanh(u{k - 1})" for k in range(2, 16)]

QUESTIONS: dict[str, Question] = {
    "a layer": partial(derived, "max(0, w.T @ x + b)", "w", "w, x in R^n; b in R", WRITTEN, {"w": [1, 2], "x": [3, 4], "b": 0.5}),
    "a softmax": partial(derived, "softmax(W @ x)", "x", "W in R^(m*n); x in R^n"),
    "a matrix": partial(derived, "trace(inv(X) @ A)", "X", "X, A in R^(n*n)", ("latex", "json")),
    "a determinant": partial(derived, "logdet(S)", "S", "S in PD(n)", ("markdown", "torch")),
    "a Hessian": partial(derived, "log(sum(exp(x)))", "x", "x in R^n", order=2),
    "entry by entry": partial(derived, "A @ tanh(x)", "x", "A in R^(m*n); x in R^n", ("html", "svg"), method="scalar"),
    "what ties": partial(derived, "max(x**2, x*x)", "x", "x in R"),
    "what ties on a diagonal": partial(derived, "max(x + x.T)", "x", "x in R^n", ("text",)),
    "a function of a reader": partial(derived, "sum(gelu(x))", "x", "x in R^n", define=["gelu(z) = z*(1 + erf(z/sqrt(2)))/2"]),
    "one by cases": partial(derived, "f(x)", "x", "x in R", define=["f(t) = max(t, 0)**2 + sin(t)*cos(t)"]),
    "a declared function": partial(derived, "f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m", method="chain"),
    "names": partial(derived, "u15", "x", "x in R", ("text",), let=["u1 = tanh(x)", *DEEP], check=False),
    "LaTeX": partial(derived, r"\|A\mathbf x - \mathbf b\|_2^2", r"\mathbf x"),
    "LaTeX with macros": partial(derived, r"\R{w}^{\mathsf T}\R{x} + b", r"\R{w}", preamble=r"\newcommand{\R}[1]{\mathbf{#1}}"),
    "too large for floats": partial(derived, "log(sum(exp(x)))", "x", "x in R^n", at={"x": [1000, 1001, -2000]}),
    "a row of zeros": partial(zeros_of, "diag(x) @ A / norm(x)", "A in R^(n*n); x in R^n"),
    "beyond a double": partial(judged, "x*(1 + 1e-320)", "x", "x in R"),
    "near one": partial(judged, "exp(10**(-60)*x.T@x)", "1", "x in R^n"),
    "far from one": partial(judged, "sin(x) + exp(-5000)", "sin(x)", "x in R"),
    "nearly": partial(judged, "sin(x + 10**(-120))", "sin(x)", "x in R"),
    "an identity": partial(judged, "log(exp(x))", "x", "x in R"),
    "branches": partial(judged, "relu(x) - relu(-x)", "x", "x in R^n"),
    "sizes": partial(judged, "n**2", "3*n - 2", "x in R^n"),
    "a pole": partial(judged, "x/x", "1", "x in R"),
    "no text": partial(derived, "x +", "x", "x in R"),
    "no LaTeX": partial(derived, r"\frac{x}{", "x", "x in R"),
    "no shapes": partial(derived, "A @ x.T", "x", "A in R^(m*n); x in R^n"),
    "no rule": partial(derived, "sum(x)", "x", "x in R^n", order=3),
    "late": late,
    "in time": in_time,
}  # fmt: skip


def answer(question: Question) -> object:
    try:
        return question()
    except DerivgenError as error:
        return type(error).__name__, str(error), error.hint


def answers(names: Sequence[str]) -> dict[str, object]:
    return {name: answer(QUESTIONS[name]) for name in names}


def shuffled(seed: int) -> list[str]:
    names = list(QUESTIONS)
    random.Random(seed).shuffle(names)
    return names


def at_once(asked: Sequence[Callable[[], Any]]) -> list[Any]:
    """What functions return that begin at one moment, each in a thread of its own."""
    gate = threading.Barrier(len(asked))

    def through(ask: Callable[[], Any]) -> Any:
        gate.wait()
        return ask()

    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(through, asked))


@contextmanager
def in_small_slices() -> Iterator[None]:
    """Threads that take turns often, so that they meet in the midst of what they do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-4)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@pytest.fixture(scope="module")
def alone() -> dict[str, object]:
    return answers(list(QUESTIONS))


def settings() -> dict[str, object]:
    """What belongs to the whole process, as far as anybody can ask for it."""
    import mpmath
    import sympy.core.random
    from sympy.core.parameters import global_parameters

    drawn = [found.getstate() for found in vars(sympy.core.random).values() if isinstance(found, random.Random)]
    fields = [name for name in dir(flint.ctx) if not name.startswith("_") and not callable(getattr(flint.ctx, name))]
    numbers = [n for n in signal.valid_signals() if n not in (signal.SIGKILL, signal.SIGSTOP)]
    stack = threading.stack_size()
    return {
        "flint": {name: getattr(flint.ctx, name) for name in fields},
        "mpmath": (mpmath.mp.prec, mpmath.mp.dps, mpmath.mp.pretty, mpmath.iv.prec),
        "sympy": (drawn, dict(vars(global_parameters))),
        "recursion": sys.getrecursionlimit(),
        "slices": sys.getswitchinterval(),
        "digits": sys.get_int_max_str_digits(),
        "hooks": (sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook, sys.gettrace(), sys.getprofile()),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "path": (list(sys.path), list(sys.meta_path), list(sys.path_hooks)),
        "decimal": (repr(decimal.getcontext()), repr(decimal.DefaultContext)),
        "numpy": (np.geterr(), np.geterrcall(), np.getbufsize(), np.get_printoptions()),
        "warnings": (list(warnings.filters), warnings.showwarning),
        "locale": locale.setlocale(locale.LC_ALL),
        "signals": {n: signal.getsignal(n) for n in numbers},
        "timers": [signal.getitimer(which) for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)],
        "memory": (gc.isenabled(), gc.get_threshold(), bool(gc.get_freeze_count()), gc.get_debug(), list(gc.callbacks)),
        "random": (random.getstate(), repr(np.random.get_state())),
        "stack": stack,
        "environment": (dict(os.environ), os.getcwd()),
        "logging": (logging.root.level, list(logging.root.handlers), logging.root.manager.disable),
    }  # fmt: skip


@pytest.mark.slow
def test_eight_threads_get_what_one_gets(alone: dict[str, object]) -> None:
    before = settings()
    for turn in range(2):
        with in_small_slices():
            found = at_once([partial(answers, shuffled(THREADS * turn + k)) for k in range(THREADS)])
        wrong = {name for got in found for name in QUESTIONS if got[name] != alone[name]}
        assert not wrong
    after = settings()
    assert {name: after[name] for name in before if after[name] != before[name]} == {}


def test_the_precision_of_the_reader_is_neither_used_nor_changed(alone: dict[str, object]) -> None:
    for bits in (20, 3000):
        with flint.ctx.workprec(bits):
            found = answers(list(QUESTIONS))
            assert flint.ctx.prec == bits
        assert not {name for name in QUESTIONS if found[name] != alone[name]}


def test_threads_share_a_derivation() -> None:
    d = derivgen.derive("softmax(W @ x)", "x", "W in R^(m*n); x in R^n")
    asked: list[Callable[[], object]] = [partial(d.to, name) for name in WRITTEN]
    asked += [d._repr_latex_, lambda: repr(d.check(seed=3)), lambda: d.evaluate({"W": np.eye(2), "x": [0, 1]}).tolist()]
    one_by_one = [ask() for ask in asked]
    with in_small_slices():
        assert at_once(asked) == one_by_one


FIRST = (
    "derivgen.derive('sum(x*x)', 'x', 'x in R^n').to('html')",
    "derivgen.derive('A @ x', 'x', 'A in R^(m*n); x in R^n').result._repr_latex_()",
    r"derivgen.derive(r'\|A\mathbf x\|_2^2', r'\mathbf x').to('text')",
    "derivgen.derive('f(x)', 'x', 'x in R', define=['f(z) = z*erf(z)']).to('json')",
    "repr(derivgen.equal('sin(x)**2 + cos(x)**2', '1', 'x in R'))",
    "derivgen.Derivation.__name__",
    "derivgen.derive('relu(x)', 'x', 'x in R^n').to('pattern')",
    "derivgen.derive('tanh(x)', 'x', 'x in R^n').evaluate({'x': [1, 2]}).tolist()",
)
"""What a program may ask first of all."""


@pytest.mark.parametrize("seed", [1, 2])
def test_the_first_questions_may_come_at_once(seed: int) -> None:
    """Modules are loaded, and what is made once is made, while others ask for it; the order of sets is another."""
    program = (
        "import json, sys, threading; from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "sys.setswitchinterval(1e-5); gate = threading.Barrier(8); import derivgen\n"
        "print(json.dumps(list(Pool(8).map(lambda e: (gate.wait(), eval(e))[1], sys.argv[1:]))))"
    )
    ended = limited.run([sys.executable, "-c", program, *FIRST], environment={"PYTHONHASHSEED": str(seed)})
    assert ended.status == 0, ended.stderr
    assert json.loads(ended.stdout) == [eval(e) for e in FIRST]


# --- time -----------------------------------------------------------------------------------------------------------


def test_a_turn_is_waited_for_in_no_time_of_ones_own() -> None:
    here, go = threading.Event(), threading.Event()

    def hold() -> None:
        with precise(30):
            here.set()
            go.wait(20)

    with ThreadPoolExecutor(2) as pool:
        held = pool.submit(hold)
        here.wait(20)
        asked = pool.submit(derivgen.equal, "exp(x)*exp(-x)", "1", "x in R", timeout=0.3)
        threading.Event().wait(0.6)
        assert not asked.done()
        go.set()
        assert asked.result().status == "verified"
        held.result()


def test_haste_leaves_no_trace() -> None:
    """What is found in too little time is not kept for those who have more."""
    formula = "({z} + 1)*sin({z})*cos({z}) + {z}*(cos({z})**2 - sin({z})**2)/2"
    for seconds in (0.05, 0.1, 0.2):
        try:
            derivgen.derive("f(x)", "x", "x in R", define=[f"f(z) = {formula.format(z='z')}"], timeout=seconds)
        except TooLong:
            continue
    slow, fresh = (
        derivgen.derive("f(x)", "x", "x in R", define=[f"f({z}) = {formula.format(z=z)}"]).result for z in "zt"
    )
    assert slow == fresh


def test_values_that_were_not_in_time_are_computed_again() -> None:
    e = parse_text("exp(sin(x + 0.123456)) * cos(x)", "x in R^n")
    with bounded(1e-9), pytest.raises(TooLong):
        glance._values(e, glance.FEWEST, 0)
    assert glance._values(e, glance.FEWEST, 0) is not None


# --- what is shared -------------------------------------------------------------------------------------------------


def test_equal_expressions_point_at_each_other_one_way() -> None:
    """If one thread could make the second point at the first, and another the reverse, both would look for ever."""

    def tower(letter: str) -> Expr:
        e: Expr = Symbol(letter)
        for _ in range(20):
            e = Add((e, e))
        return e

    towers = [tower("x") for _ in range(6)]
    for a in towers:
        for b in towers:
            assert a == b
    twins = [(e, twin) for e in towers if (twin := getattr(e, "_twin", None)) is not None]
    assert len(twins) == len(towers) - 1
    assert all(id(twin) < id(e) for e, twin in twins)


def test_what_is_used_is_noted_while_others_use_more(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derivgen.work.cache.TRIMMED_AFTER", 20)
    cache = Cache(tmp_path / "cache")

    def put(thread: int) -> None:
        for k in range(60):
            assert cache.put(f"{thread} {k}", b"value")

    with in_small_slices():
        at_once([partial(put, thread) for thread in range(THREADS)])
    assert all(cache.get(f"{thread} {k}") for thread in range(THREADS) for k in range(60))
    cache.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked off here")
def test_a_process_forked_off_need_not_wait_for_threads_that_it_lacks() -> None:
    program = """
import os, threading, time, warnings
import derivgen
from derivgen.check.compare import precise
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork among threads
derivgen.equal("exp(x)*exp(-x)", "1", "x in R")
here = threading.Event()
def hold():
    with precise(30):
        here.set()
        time.sleep(0.3)
threading.Thread(target=hold).start()
here.wait()
child = os.fork()
found = derivgen.equal("sin(x)**2 + cos(x)**2", "1", "x in R").status
if not child:
    os._exit(found != "verified")
for _ in range(100):
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        break
    time.sleep(0.1)
else:
    os.kill(child, 9)
print(found, "ended" if ended else "hangs", status)
"""
    ended = limited.python(program)
    assert ended.stdout.split() == ["verified", "ended", "0"], ended.stderr
