"""A running ``derivgen serve``, and what one can ask of it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

NEURON = ("max(0, w.T @ x + b)", {"wrt": "w", "where": "w, x in R^n; b in R"})


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is served."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    def request(
        self, method: str, path: str, body: bytes | str = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """The status, the headers and the body of what comes back."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers)
            data = body.encode() if isinstance(body, str) else body
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders(data)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def send(self, data: bytes | str, **headers: str) -> tuple[int, bytes]:
        status, _, body = self.request("POST", "/answer", data, **{"Content_Type": "application/json", **headers})
        return status, body

    def ask(self, expression: str, options: dict[str, Any]) -> dict[str, Any]:
        status, body = self.send(json.dumps({"expression": expression, "options": options}))
        assert status == 200, (status, body)
        found: dict[str, Any] = json.loads(body)
        return found


@contextmanager
def served(*flags: str) -> Iterator[Served]:
    """The command in a process of its own, at a free port."""
    command = [sys.executable, "-m", "derivgen", "serve", "--port", "0", *flags]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert "http://" in said, said
        host, _, port = said.partition("http://")[2].partition("/")[0].rpartition(":")
        yield Served(host, int(port))
    finally:
        process.terminate()
        process.wait(20)
