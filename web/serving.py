"""The socket and the server under the page."""

import contextlib
import errno
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from index.errors import InputError

DEFAULT_PORT = 7860
_PORTS_TRIED = 100
_START_SECONDS = 60.0


def open_socket(host: str, port: int | None) -> socket.socket:
    """Take a port before anything else is loaded, so that a taken one is known at once.

    Args:
        host: address or name of this computer to listen on.
        port: the port to take, or ``None`` for the first free one from 7860.

    Raises:
        InputError: there is no such host, or the port cannot be had.
    """
    wanted = range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED) if port is None else (port,)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.getaddrinfo(host, None, family)
    except (socket.gaierror, UnicodeError) as error:
        raise InputError(f"There is no host named {host} here. Try --host 127.0.0.1.") from error
    for candidate in wanted:
        try:
            return socket.create_server((host, candidate), family=family)
        except PermissionError as error:
            raise InputError(f"Port {candidate} needs administrator rights. Choose another with --port.") from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise InputError(f"{host} is not an address of this computer. Try --host 127.0.0.1.") from error
            if error.errno != errno.EADDRINUSE:
                raise InputError(f"Cannot listen on {host}, port {candidate}: {error.strerror or error}") from error
    if port is None:
        last = DEFAULT_PORT + _PORTS_TRIED - 1
        raise InputError(f"Ports {DEFAULT_PORT} to {last} are all in use. Choose another with --port.")
    raise InputError(f"Port {port} is already in use. Choose another with --port, or stop the program that uses it.")


def url_of(listener: socket.socket) -> str:
    """The address to open in a browser on this computer."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A quiet server; open event streams of browsers do not hold up its end."""
    config = uvicorn.Config(app, log_level="critical", access_log=False, server_header=False, ws="none", lifespan="on")
    config.timeout_graceful_shutdown = 1
    return uvicorn.Server(config)


@contextlib.contextmanager
def serving_in_background(app: ASGIApp, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve ``app`` on a free port from a thread; gives its address and ends the server afterwards.

    Raises:
        RuntimeError: the server did not come up.
    """
    with socket.create_server((host, 0)) as listener:
        server = make_server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the page did not start")
            time.sleep(0.02)
        try:
            yield url_of(listener)
        finally:
            server.should_exit = True
            thread.join()
