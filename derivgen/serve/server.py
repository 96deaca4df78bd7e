"""A server of one process, which holds the page; others derive."""

from __future__ import annotations

import socket
from collections.abc import Callable

from derivgen.errors import DerivgenError
from derivgen.options import Options

MOST_CONNECTIONS = 1_000


def run(options: Options, say: Callable[[str], None]) -> None:
    """Serve the page until the process is told to end.

    Raises:
        DerivgenError: the extra is not installed, or the address cannot be had.
    """
    try:
        import uvicorn

        from derivgen.serve.app import application
    except ImportError as missing:
        raise DerivgenError(
            f"derivgen serve needs the package {missing.name}", hint='pip install "derivgen[serve]"'
        ) from missing
    from derivgen.work.workers import Workers

    taken = _socket(options.host, options.port)
    app = application(Workers(options.jobs), names=(options.host, *options.names), seconds=options.timeout)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, ws="none",
        limit_concurrency=MOST_CONNECTIONS, timeout_graceful_shutdown=1,
    )  # fmt: skip
    host, port = taken.getsockname()[:2]
    say(f"derivgen is at http://{f'[{host}]' if ':' in host else host}:{port}/ (Ctrl+C ends it)")
    with taken:
        uvicorn.Server(config).run(sockets=[taken])


def _socket(host: str, port: int) -> socket.socket:
    if port > 65_535:  # the system would take what is left of it by division
        raise DerivgenError(f"cannot serve at {host}: there is no port {port}", hint="ports go up to 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=512)
    except (OSError, OverflowError, UnicodeError) as wrong:
        why = getattr(wrong, "strerror", None) or str(wrong)
        raise DerivgenError(
            f"cannot serve at {host}, port {port}: {why}", hint="choose another --port or --host"
        ) from wrong
