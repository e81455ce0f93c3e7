"""`salam up`: database, tables, site and worker."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from types import FrameType
from typing import Final, NoReturn

import click
from django.core.management import call_command

from salam.commands.runtime import answer, console, ready, stop_database
from salam.core.errors import DomainError

STOP_SECONDS: Final = 8
# A worker that cannot start is tried again without pressing; meanwhile its jobs wait.
WORKER_PAUSE_SECONDS: Final = 3
_LOOK_SECONDS: Final = 0.5
_PR_SET_PDEATHSIG: Final = 1

Child = subprocess.Popen[bytes]


class PortTaken(DomainError):
    code = "port_taken"

    def __init__(self, port: int) -> None:
        super().__init__(
            f"درگاه {port} در اختیار برنامهٔ دیگری است؛ "
            "آن را ببندید یا با --port درگاه دیگری بدهید.",
        )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def up(host: str, port: int) -> None:
    """Start the database if need be, bring the tables up to date, serve the site and do
    its jobs until Ctrl-C.
    """
    require_free_port(host, port)
    started_database = ready()
    serve(host=host, port=port, is_database_ours=started_database)


class HostUnknown(DomainError):
    code = "host_unknown"

    def __init__(self, host: str) -> None:
        super().__init__(f"نشانی {host} روی این ماشین نیست؛ با --host نشانی دیگری بدهید.")


def require_free_port(host: str, port: int) -> None:
    """Raise PortTaken or HostUnknown now, rather than after minutes of preparation."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise HostUnknown(host) from None
    with socket.socket(family, kind) as probe:
        # As the server itself binds: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as refusal:
            if refusal.errno == errno.EADDRNOTAVAIL:
                raise HostUnknown(host) from None
            raise PortTaken(port) from None


class ServerDied(DomainError):
    code = "server_died"

    def __init__(self, exit_code: int) -> None:
        super().__init__(
            f"کارگزار سایت خودبه‌خود از کار افتاد (کد {exit_code})؛ پیام‌های بالا علتش را می‌گویند.",
        )


def serve(*, host: str, port: int, is_database_ours: bool) -> None:
    """Run the HTTP server and a worker in child processes; afterwards stop the database that we
    started.

    Ends quietly when asked to (Ctrl-C, SIGTERM, a closed terminal). Raises ServerDied when the
    server ends by itself, so that whoever watches over `salam up` starts it again.
    """
    call_command("collectstatic", verbosity=0, interactive=False)
    # Before the children are there: a signal in between would leave them behind. What the caller
    # ignores (nohup) stays ignored.
    previous = {
        number: signal.signal(number, _interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    children: dict[str, Child] = {}
    try:
        children["server"] = _start_server(host, port)
        children["worker"] = _start_worker()
        answer(
            f"سلام روی http://localhost:{port} آماده است. برای خاموش کردن Ctrl-C را بزنید.",
        )
        _watch(children)
    except KeyboardInterrupt:
        pass
    finally:
        _stop(children.values())
        for number, handler in previous.items():
            signal.signal(number, handler)
        if is_database_ours:
            stop_database()


def _watch(children: dict[str, Child]) -> NoReturn:
    """Wait for the server to die, and raise ServerDied. A worker that ends is started again: the
    site can do without it for a while, and jobs are not lost.
    """
    while True:
        time.sleep(_LOOK_SECONDS)
        server, worker = children["server"], children["worker"]
        if server.poll() is not None:
            raise ServerDied(server.returncode)
        if worker.poll() is not None:
            console.print(f"کارگر ایستاد (کد {worker.returncode})؛ دوباره به کار می‌افتد.")
            time.sleep(WORKER_PAUSE_SECONDS)
            children["worker"] = _start_worker()


def _start_server(host: str, port: int) -> Child:
    arguments = (
        "-m",
        "granian",
        "--interface=wsgi",
        f"--host={host}",
        f"--port={port}",
        "--workers=1",
        "--blocking-threads=4",
        f"--workers-kill-timeout={STOP_SECONDS}",
        "--no-access-log",
        "--log-level=warning",
        "salam.config.wsgi:application",
    )
    return _start(arguments, {"SALAM_POOL": "8", **os.environ})


def _start_worker() -> Child:
    """`salam work`. It keeps its own few connections, so the site's pool is not for it."""
    environment = {name: value for name, value in os.environ.items() if name != "SALAM_POOL"}
    return _start(("-c", "from salam.commands.main import main; main()", "work"), environment)


def _start(arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
    """A child with its own children in a process group, which can be ended as one."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and fixed arguments
        [sys.executable, *arguments],
        env=environment,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
    )


def _end_with_parent() -> None:
    """Runs in the child: the kernel ends it when `salam up` is killed, and the port is free again.

    PR_SET_PDEATHSIG has no door in Python's library. The parent has one thread here.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(children: Collection[Child]) -> None:
    """Ask all, wait, then end the whole groups: nobody may keep the port or go on alone."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    patience = time.monotonic() + STOP_SECONDS + 2
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, patience - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    del signal_number, frame
    raise KeyboardInterrupt
