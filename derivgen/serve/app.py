"""The application: the page, its style and its script, and answers, each made by a process with bounds on time and memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from derivgen.deadline import USUAL_SECONDS
from derivgen.errors import DerivgenError
from derivgen.serve.answer import FUNCTION
from derivgen.serve.guard import Guard
from derivgen.serve.page import behaviour, page, style
from derivgen.site.block import LONGEST
from derivgen.site.record import Trouble, compact
from derivgen.work.workers import Workers

MOST_BYTES = 4 * LONGEST
"""Of a question as it is sent."""

PATIENCE = 10.0
"""Seconds that a question may take to arrive."""

MOST_WAITING = 200
"""Questions that are under way at a time; who asks more is told to come again."""

MOST_KEPT = 20_000_000
"""Bytes of answers that are kept in memory, to be given again."""


class Answers:
    """Answers to questions: those given lately from memory, the others from the processes that derive."""

    def __init__(self, workers: Workers, seconds: float | None = None) -> None:
        self.workers, self.seconds = workers, USUAL_SECONDS if seconds is None else seconds
        self.waiting = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    async def get(self, question: dict[str, Any], request: Request) -> bytes | None:
        """The answer; None where the one who asked has gone, so that nobody waits for it any more."""
        key = json.dumps(question, sort_keys=True)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self.waiting += 1
        coming = asyncio.wrap_future(self.workers.ask(FUNCTION, question, self.seconds))
        leaving = asyncio.ensure_future(_left(request))
        both: set[asyncio.Future[Any]] = {coming, leaving}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                return None
            found = coming.result()
        except DerivgenError as error:  # of the process, which has ended: the next time may go better
            return compact({"trouble": _plain(error)}).encode()
        finally:
            self.waiting -= 1
            coming.cancel()
            leaving.cancel()
        self._keep(key, found)
        return found

    def _keep(self, key: str, answer: bytes) -> None:
        if key not in self._kept:
            self._kept[key] = answer
            self._size += len(answer) + len(key)
        while self._size > MOST_KEPT:
            old, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest) + len(old)


async def _left(request: Request) -> None:
    """Wait until the one who asked has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _plain(error: DerivgenError) -> dict[str, Any]:
    trouble = Trouble.of(error)
    return {name: getattr(trouble, name) for name in ("kind", "message", "hint", "source", "start", "end")}


async def _body(request: Request) -> bytes:
    """What was sent, of at most so many bytes, in at most so many seconds."""
    data = b""
    async with asyncio.timeout(PATIENCE):
        async for part in request.stream():
            data += part
            if len(data) > MOST_BYTES:
                return data
    return data


def _question(data: bytes) -> dict[str, Any] | None:
    """What is asked; None where it is nothing that the page would send."""
    try:
        found = json.loads(data)
        expression, options = found["expression"], found["options"]
        texts = [expression, *options.keys()]
        for value in options.values():
            texts += value if isinstance(value, list) else [value]
        "".join(texts).encode()  # only texts join, and only those that have no half of a character
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    part = {"part": "markdown"} if found.get("part") == "markdown" else {}
    return {"expression": expression, "options": options, **part}


def application(workers: Workers, *, names: Collection[str] = (), seconds: float | None = None) -> Starlette:
    """The application for a server.

    Args:
        workers: the processes that answer; they are ended with the application.
        names: under which it is reached, besides localhost and numbers.
        seconds: of processor time that a question may take, 8 without it.
    """
    answers = Answers(workers, seconds)

    async def answered(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Response(status_code=415)  # what a form of another site can send is none
        try:
            data = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=408)
        if len(data) > MOST_BYTES:
            return Response(status_code=413)
        question = _question(data)
        if question is None:
            return Response(status_code=400)
        if answers.waiting >= MOST_WAITING:
            return Response(status_code=503, headers={"Retry-After": "1"})
        found = await answers.get(question, request)
        return Response(found, media_type="application/json") if found is not None else Response(status_code=499)

    def fixed(text: str, kind: str) -> Any:
        async def shown(request: Request) -> Response:
            return Response(text, media_type=kind)

        return shown

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        workers.start()
        yield
        await asyncio.to_thread(workers.stop)

    return Starlette(
        routes=[
            Route("/", fixed(page(), "text/html")),
            Route("/serve.css", fixed(style(), "text/css")),
            Route("/serve.js", fixed(behaviour(), "text/javascript")),
            Route("/answer", answered, methods=["POST"]),
        ],
        middleware=[Middleware(Guard, names=names)],
        lifespan=lifespan,
    )
