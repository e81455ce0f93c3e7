"""One installation of our own: `salam` as an operator runs it, in a home that is gone
afterwards.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from salam.config import postgres

SALAM = Path(sys.executable).with_name("salam")


@dataclass
class House:
    """A home folder with its own embedded database and vault key."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        return {
            **inherited,
            "SALAM_HOME": str(self.home / "var"),
            "SALAM_VAULT_KEY_FILE": str(self.home / "keys" / "vault.key"),
            "COLUMNS": "200",
        }

    def salam(self, *arguments: str, timeout: float = 900) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SALAM, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self.environment,
        )

    def python(self, code: str) -> str:
        """What a few lines print that run inside this installation."""
        finished = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "salam.config.settings"},
        )
        return finished.stdout.strip()

    @contextmanager
    def up(self, *, port: int | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """`salam up` on a free port, ready to answer; stopped afterwards as by Ctrl-C."""
        port = port or free_port()
        server = subprocess.Popen(
            [SALAM, "up", f"--port={port}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            start_new_session=True,
            preexec_fn=_as_from_a_terminal,  # noqa: PLW1509 - only sets signals
        )
        address = f"http://localhost:{port}"
        try:
            _wait_for(address, server)
            yield server, address
        finally:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)
                server.wait(60)
            if server.stdout:
                server.stdout.close()


@contextmanager
def make_house() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="salam-house-"))
    folder.chmod(0o755)
    house = House(folder)
    try:
        yield house
    finally:
        postgres.stop(home=folder / "var")
        shutil.rmtree(folder)


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=20) as response:  # noqa: S310 - our own server
        return response.status, response.read().decode()


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)],
        check=False,
        capture_output=True,
        text=True,
    )
    return [int(line) for line in listed.stdout.split()]


def workers_of(pid: int) -> list[int]:
    return [child for child in children_of(pid) if is_worker(child)]


def is_worker(pid: int) -> bool:
    """Whether a worker runs under this number: numbers are given out anew."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)],
        check=False,
        capture_output=True,
        text=True,
    )
    return listed.stdout.strip().endswith("main() work")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _as_from_a_terminal() -> None:
    """A shell starts background jobs deaf to Ctrl-C, and whatever they start: tests may run so."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _wait_for(address: str, server: subprocess.Popen[str]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            output = server.stdout.read() if server.stdout else ""
            raise AssertionError(f"salam up ended: {output}")
        try:
            get(address)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("salam up did not answer")
