"""``derivgen serve``: what it answers, whom it answers, and what it bears."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from derivgen.errors import DerivgenError
from derivgen.options import Options, chosen, declared
from derivgen.serve.answer import answer, block, offered
from derivgen.serve.examples import EXAMPLES
from derivgen.serve.server import run
from derivgen.site.block import read_block
from tests.serve.served import NEURON, Served, served
from tests.site.test_hostile import BROKEN, _Reader

pytest.importorskip("uvicorn")


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("--jobs", "2", "--name", "derive.example.org") as found:
        yield found


def said(expression: str, part: str = "", **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer({"expression": expression, "options": options, "part": part}))
    return found


# --- what is answered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "expression", "options"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_examples_are_verified_and_become_blocks(name: str, expression: str, options: dict[str, str]) -> None:
    found = said(expression, **options)
    assert (found["trouble"], found["verdict"]) == (None, "verified")
    assert '<article class="derivgen dg-card" id="derivation"' in found["card"]
    assert "dg-anchor-dg" not in found["card"]
    assert said(expression, "markdown", **options)["markdown"].startswith("###")
    fence, *body, end = found["block"].split("\n")
    assert (fence, end) == ("```derivation", "```")
    read = read_block(body, Options())
    assert (read.error, read.expression) == (None, expression)
    assert read.options == chosen(options, "block")


def test_markdown_is_made_when_it_is_asked_for(server: Served) -> None:
    expression, options = NEURON
    assert "markdown" not in server.ask(expression, options)
    asked = json.dumps({"expression": expression, "options": options, "part": "markdown"})
    assert json.loads(server.send(asked)[1]) == said(expression, "markdown", **options)
    assert said("w +", "markdown", **options) == {}
    other = json.dumps({"expression": expression, "options": options, "part": ["card"]})
    assert "card" in json.loads(server.send(other)[1])


def test_the_card_is_that_of_a_site() -> None:
    from derivgen.site.answer import make
    from derivgen.site.record import question

    expression, options = NEURON
    site = make(question(expression, chosen(options, "block"), "mathml")).html
    assert said(expression, **options)["card"] == site.replace("dg-number-dg", "1").replace(
        "dg-anchor-dg", "derivation"
    )


@pytest.mark.parametrize(
    "options",
    [
        Options(
            wrt=("w", "[x, y]"), where="w in R;\nx, y in R", let=("u = w * x", "v = u * u"), define=("f(z) = z*z",)
        ),
        Options(wrt=("w",), check=False, einstein=True, order=2, seed=7, samples=32, show=("answer", "code")),
        Options(wrt=("w",), title="A title: with a colon", id="one", dialect="latex", layout="gradient"),
    ],
)
def test_a_block_says_all_that_was_chosen(options: Options) -> None:
    _, *body, _ = block(" x +\n y ", options).split("\n")
    read = read_block(body, Options())
    assert (read.error, read.expression) == (None, "x +\n y")
    assert read.options.where == options.where.replace(";\n", "; ")
    assert {o.name: getattr(read.options, o.name) for o in declared("block") if o.name != "where"} == {
        o.name: getattr(options, o.name) for o in declared("block") if o.name != "where"
    }


def test_letters_say_what_they_are_and_how_to_declare_it() -> None:
    found = said(r"\|A\mathbf x - \mathbf b\|_2^2", wrt=r"\mathbf x", where="b in R^3")
    told = {one["name"]: (one["where"], one["how"], one["declared"]) for one in found["letters"]}
    assert told == {
        "b": ("b in R^3", "declared", True), "A": ("A in R^(3*n)", "by custom", False), "x": ("x in R^n", "by font", False),
    }  # fmt: skip
    again = said(r"\|A\mathbf x - \mathbf b\|_2^2", wrt="x", where="; ".join(one[0] for one in told.values()))
    assert {one["how"] for one in again["letters"]} == {"declared"}
    assert all("<math>" in one["shown"] for one in found["letters"])


@pytest.mark.parametrize(
    ("expression", "options", "kind", "letters"),
    [
        ("w.T @ z", {"wrt": "w", "where": "w, x in R^n"}, "unknown name", ["w", "x"]),
        ("w + A", {"wrt": "w", "where": "w in R^n; A in R^(m*n)"}, "shapes do not fit", ["w", "A"]),
        (r"\mathbf a^\top \mathbf x", {}, "cannot read", ["a", "x"]),
        ("x", {"wrt": "x", "where": "x in"}, "cannot read", []),
        ("x", {"wrt": "x", "where": "x in R", "layout": "sideways"}, "cannot read", []),
        ("  ", {"wrt": "x"}, "cannot read", []),
    ],
)
def test_what_is_wrong_is_told_with_the_letters(
    expression: str, options: dict[str, str], kind: str, letters: list[str]
) -> None:
    found = said(expression, **options)
    assert (found["card"], found["trouble"]["kind"]) == ("", kind)
    assert [one["name"] for one in found["letters"]] == letters
    assert found["trouble"]["message"]


def test_a_question_that_can_be_meant_in_two_ways_is_asked_back() -> None:
    found = said(r"b^T a^{-1} b", wrt="b")
    assert found["trouble"]["kind"] == "ambiguous"
    assert len(found["readings"]) > 1
    for one in found["readings"]:
        assert said(r"b^T a^{-1} b", wrt="b", where=one["where"])["trouble"] is None


# --- whom it answers ------------------------------------------------------------------------------------------------


def test_the_page_has_every_option(server: Served) -> None:
    status, headers, body = server.request("GET", "/")
    page = body.decode()
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    for o in offered():
        assert page.count(f' name="{o.key}"') == 1
        assert f'<label for="o-{o.key}">' in page
        assert all(f">{value}</option>" in page for value in o.values if o.kind is not bool)
    assert "<!--" not in page.replace("<!DOCTYPE", "")


def test_no_option_of_the_page_names_a_file() -> None:
    assert not {o.name for o in offered()} & {"output", "preamble", "at", "cache_dir", "output_dir"}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "", "a b", "[::1"]
)
def test_a_name_of_another_site_is_not_answered(server: Served, host: str) -> None:
    for method, path in (("GET", "/"), ("POST", "/answer")):
        assert server.request(method, path, Host=host)[0] in (400, 403)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8765", "127.0.0.1:1", "[::1]:8765", "192.168.0.7", "derive.example.org"]
)
def test_own_names_and_numbers_are_answered(server: Served, host: str) -> None:
    assert server.request("GET", "/", Host=host)[0] == 200


def test_pages_of_others_cannot_ask(server: Served) -> None:
    asked = json.dumps({"expression": "x", "options": {"wrt": "x", "where": "x in R"}})
    assert server.send(asked, Origin="http://evil.example")[0] == 403
    assert server.send(asked, Origin="null")[0] == 403
    assert server.send(asked, Origin=f"http://{server.host}:{server.port}")[0] == 200
    assert server.send(asked, Content_Type="text/plain")[0] == 415
    status, headers, _ = server.request(
        "OPTIONS", "/answer", Access_Control_Request_Method="POST", Origin="http://evil.example"
    )
    assert status in (403, 405)
    assert not any(name.startswith("access-control") for name in headers)


def test_headers_keep_the_page_to_itself(server: Served) -> None:
    _, headers, _ = server.request("GET", "/")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/static/serve.js",
        "/..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/answer/../../x",
        "/serve.css/..",
    ],
)
def test_there_are_no_files(server: Served, path: str) -> None:
    assert server.request("GET", path)[0] in (403, 404, 405)


# --- what it bears --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 400), (b"null", 400), (b"\xff", 400), (b"[" * 100_000, 400),
        (b'{"expression": 1, "options": {}}', 400),
        (b'{"expression": "x", "options": []}', 400),
        (b'{"expression": "x", "options": {"wrt": {"a": 1}}}', 400),
        (b'{"expression": "x", "options": {"wrt": [1]}}', 400),
        (b'{"expression": "\\ud800", "options": {}}', 400),
        (b'{"expression": "' + b"x" * 1_000_000 + b'", "options": {}}', 413),
    ],
)  # fmt: skip
def test_what_the_page_would_not_send(server: Served, data: bytes, status: int) -> None:
    assert server.send(data)[0] == status


@pytest.mark.parametrize("name", BROKEN)
def test_hostile_questions(server: Served, name: str) -> None:
    expression, lines = BROKEN[name]
    options = dict(line.partition(":")[::2] for line in lines.split("\n") if ":" in line)
    status, body = server.send(
        json.dumps({"expression": expression, "options": {k: v.strip() for k, v in options.items()}})
    )
    if status != 200:
        assert (status, name) == (413, "long-line")
        return
    found = json.loads(body)
    assert found["trouble"]["message"]
    reader = _Reader()
    reader.feed(found.get("card", "") + "".join(one["shown"] for one in found["letters"]))
    assert reader.active == []


@pytest.mark.parametrize("key", ["output", "o", "at", "preamble", "cache_dir", "file", "to", "timeout", "__class__"])
def test_options_of_other_faces_are_refused(server: Served, key: str) -> None:
    found = server.ask("x", {"wrt": "x", "where": "x in R", key: "/etc/passwd"})
    assert found["trouble"]["message"] == f"there is no option {key!r}"


def test_no_file_is_opened_and_no_program_started() -> None:
    """In a process that tells of everything it does to the machine, while it answers what would read and write if it could."""
    script = r"""
import json, sys, pathlib
from derivgen.serve.answer import answer
from derivgen.serve.examples import EXAMPLES
questions = [(e, o) for _, e, o in EXAMPLES] + [
    ("__import__('os').system('touch executed')", {"wrt": "x", "where": "x in R"}),
    ("open('/etc/passwd').read() + x", {"wrt": "x", "where": "x in R"}),
    (r"\input{/etc/passwd} + \mathbf x", {"wrt": r"\mathbf x"}),
    (r"\newcommand{\a}{\write18{touch executed}} \a \mathbf x", {"wrt": r"\mathbf x"}),
    ("x", {"wrt": "x", "where": "x in R", "preamble": "/etc/passwd"}),
    ("x", {"wrt": "x", "where": "@/etc/passwd"}),
    ("x*u", {"wrt": "x", "where": "x in R", "let": ["u = open('/etc/passwd')"], "show": "graph, pattern, code"}),
]
for expression, options in questions:
    answer({"expression": expression, "options": options})  # what is imported late is imported
own = {str(pathlib.Path(p).resolve()) for p in sys.path if p} | {sys.prefix, sys.base_prefix}
done = []
def watch(event, arguments):
    if event == "open":
        path = str(arguments[0])
        if path != "/proc/self/statm" and not (path.endswith((".py", ".pyc", ".so", ".css")) and any(path.startswith(p) for p in own)):
            done.append((event, path))
    elif event.partition(".")[0] in ("os", "subprocess", "socket", "shutil", "ftplib", "urllib") and event not in ("os.listdir", "os.scandir"):
        done.append((event, repr(arguments)))
sys.addaudithook(watch)
for expression, options in questions:
    answer({"expression": expression + " + 0", "options": options})
print(done)
open("/dev/null").close()
assert done[-1] == ("open", "/dev/null")
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert found.stdout == "[]\n"


def test_twenty_at_once(server: Served) -> None:
    def user(k: int) -> list[str]:
        return [server.ask(f"{k + 2}*{q}", o)["verdict"] for _, q, o in EXAMPLES[:1] + EXAMPLES[3:6]]

    with ThreadPoolExecutor(20) as users:
        assert {verdict for found in users.map(user, range(20)) for verdict in found} == {"verified"}


def test_a_long_question_ends_and_leaves_nothing_behind() -> None:
    slow = "*".join(f"sin(x*{k})" for k in range(2, 400))
    options = {"wrt": "x", "where": "x in R", "order": "2"}
    with served("--jobs", "1", "--timeout", "1") as server:
        begun = time.monotonic()
        found = server.ask(slow, options)
        assert found["trouble"]["kind"] in ("too large", "too long")
        once = time.monotonic() - begun
        for k in range(15):  # asked by some who do not wait
            data = json.dumps({"expression": f"{slow}*{k + 2}", "options": options}).encode()
            with socket.create_connection((server.host, server.port)) as gone:
                head = f"POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
                gone.sendall(head.encode() + data)
                time.sleep(0.05)
        begun = time.monotonic()
        assert server.ask(*NEURON)["verdict"] == "verified"
        assert time.monotonic() - begun < 8 * once


# --- the command ----------------------------------------------------------------------------------------------------


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(DerivgenError) as refused:
        run(Options(port=taken.getsockname()[1]), print)
    assert "cannot serve at 127.0.0.1" in refused.value.message


@pytest.mark.parametrize(("host", "port"), [("no such host", 0), ("127.0.0.1", 99_999_999), ("192.0.2.1", 0)])
def test_an_address_that_is_none(host: str, port: int) -> None:
    with pytest.raises(DerivgenError, match="cannot serve at"):
        run(Options(host=host, port=port), print)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(DerivgenError) as refused:
        run(Options(), print)
    assert refused.value.hint == 'pip install "derivgen[serve]"'
