"""`salam up`: database, tables, site."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from types import FrameType

import click
from django.core.management import call_command

from salam.commands.runtime import answer, ready, stop_database
from salam.core.errors import DomainError


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
    """Start the database if need be, bring the tables up to date, serve the site until Ctrl-C."""
    require_free_port(host, port)
    started_database = ready()
    serve(host=host, port=port, is_database_ours=started_database)


def require_free_port(host: str, port: int) -> None:
    """Raise PortTaken now, rather than after minutes of preparation."""
    with socket.socket() as probe:
        # As the server itself binds: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(port) from None


def serve(*, host: str, port: int, is_database_ours: bool) -> None:
    """Run the HTTP server in a child process; afterwards stop the database that we started."""
    call_command("collectstatic", verbosity=0, interactive=False)
    server = subprocess.Popen(  # noqa: S603 - our own interpreter and fixed arguments
        [
            sys.executable,
            "-m",
            "granian",
            "--interface=wsgi",
            f"--host={host}",
            f"--port={port}",
            "--workers=1",
            "--blocking-threads=4",
            "--no-access-log",
            "--log-level=warning",
            "salam.config.wsgi:application",
        ],
        env={"SALAM_POOL": "8", **os.environ},
    )
    previous = signal.signal(signal.SIGTERM, _interrupt)
    answer(f"سلام روی http://localhost:{port} آماده است. برای خاموش کردن Ctrl-C را بزنید.")
    try:
        server.wait()
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
    finally:
        signal.signal(signal.SIGTERM, previous)
        if is_database_ours:
            stop_database()


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    del signal_number, frame
    raise KeyboardInterrupt
