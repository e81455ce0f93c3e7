"""What is left after the worst: kill -9, a reused process number, two starts at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from salam.config import postgres
from salam.config.postgres import (
    UNSAFE_AND_FAST,
    State,
    accounts,
    binaries,
    cluster,
    layout,
    lock,
    postmaster,
    system_user,
    waiting,
)

START = """
import sys
from pathlib import Path
from salam.config import postgres
print(postgres.start(home=Path(sys.argv[1]), report=print).url())
"""


def keep_word(server: postgres.Server) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'committed' AS word")


def kept_word(server: postgres.Server) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute("SELECT word FROM kept").fetchone()
    return row and row[0]


def kill_server(home: Path, *, with_children: bool) -> int:
    """kill -9 the server; wait until it is gone."""
    pid = postgres.status(home=home).pid
    assert pid is not None
    place = layout.locate(home=home)
    children = postmaster._orphans(place) if with_children else []
    for victim in (pid, *children):
        os.kill(victim, signal.SIGKILL)
    assert waiting.until(lambda: postgres.status(home=home).state is State.STOPPED, seconds=10)
    return pid


@contextmanager
def unrelated_process() -> Iterator[int]:
    """A living process of the server's user that is no server."""
    owner = accounts.expected()
    assert owner is not None
    identity = {"user": owner.uid, "group": owner.gid} if accounts.is_root() else {}
    process = subprocess.Popen(["sleep", "60"], cwd="/", **identity)
    try:
        yield process.pid
        assert process.poll() is None  # nothing has touched it
    finally:
        process.kill()
        process.wait()


def test_committed_data_survives_a_kill(home: Path) -> None:
    server = postgres.start(home=home)
    keep_word(server)

    for with_children in (False, True):
        killed = kill_server(home, with_children=with_children)
        assert postgres.start(home=home) == server
        assert kept_word(server) == "committed"
        assert postgres.status(home=home).pid != killed


def test_process_number_taken_by_another_does_not_block(home: Path) -> None:
    server = postgres.start(home=home)
    keep_word(server)
    killed = kill_server(home, with_children=True)
    place = layout.locate(home=home)

    with unrelated_process() as pid:
        for name in (place.data / "postmaster.pid", place.sockets / ".s.PGSQL.5432.lock"):
            name.write_text(name.read_text().replace(str(killed), str(pid), 1))
        # PostgreSQL by itself takes the number at its word …
        programs = binaries.find(folder=None)
        with pytest.raises(cluster.NotStarted):
            cluster.launch(
                place, account=system_user.for_server(data=place.data), binaries=programs
            )
        assert "already exists" in place.startup_log.read_text()
        assert postgres.status(home=home).state is State.STOPPED
        assert not postgres.stop(home=home)
        # … and we look who it is.
        postgres.start(home=home)

        assert kept_word(server) == "committed"


def test_orphan_at_work_is_ended_before_a_new_server_starts(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.start(home=home, extra_settings={"fsync": "off"})
    keep_word(server)
    connection = psycopg.connect(server.url())
    orphan = connection.info.backend_pid
    # Busy with counting, it does not notice that its parent has died.
    busy = threading.Thread(target=run_until_cut_off, args=[connection])
    busy.start()
    assert waiting.until(lambda: "SELECT" in postmaster._command_line(orphan), seconds=10)
    kill_server(home, with_children=False)
    monkeypatch.setattr(postmaster, "ORPHAN_GRACE_SECONDS", 0.2)

    os.kill(orphan, signal.SIGSTOP)
    with monkeypatch.context() as patch:
        patch.setattr(postmaster, "ORPHAN_SECONDS", 0.2)
        with pytest.raises(postmaster.OrphansLeft, match=str(orphan)):
            postgres.start(home=home)
    os.kill(orphan, signal.SIGCONT)
    postgres.start(home=home)

    assert not postmaster._command_line(orphan)
    busy.join()
    assert kept_word(server) == "committed"


def run_until_cut_off(connection: psycopg.Connection) -> None:
    with connection, pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT count(*) FROM generate_series(1, 100000000000)")


def test_two_first_starts_at_once_make_one_cluster(home: Path) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-X", "utf8", "-c", START, home],
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for _ in range(2)
    ]
    told = [start.communicate(timeout=60)[0].splitlines() for start in starts]

    url = postgres.connection_for(home=home).url()
    assert [start.returncode for start in starts] == [0, 0]
    assert [lines[-1] for lines in told] == [url, url]
    made = [line for lines in told for line in lines if line == "پایگاه داده ساخته می‌شود…"]
    assert len(made) == 1
    assert not list((home / "postgres").glob("making-*"))
    with psycopg.connect(url) as connection:
        connection.execute("SELECT 1")


def test_interrupted_making_is_cleared_away(home: Path) -> None:
    first = subprocess.Popen([sys.executable, "-c", START, home], stdout=subprocess.DEVNULL)
    assert waiting.until(lambda: any((home / "postgres").glob("making-*/data/base")), seconds=30)
    first.kill()
    first.wait()
    assert postgres.status(home=home).state is State.NOT_INITIALISED

    server = postgres.start(home=home)

    keep_word(server)
    assert not list((home / "postgres").glob("making-*"))


def test_zombie_is_not_taken_for_a_server() -> None:
    # Ended but not yet waited for: the kernel still knows its number.
    process = subprocess.Popen(["true"])
    assert waiting.until(lambda: not postmaster._command_line(process.pid), seconds=10)

    assert postmaster._is_alive(process.pid)
    assert not postmaster._is_postmaster(process.pid, Path("/srv/data"))

    process.wait()


def test_silent_server_is_waited_for_and_never_doubled(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.start(home=home, extra_settings=UNSAFE_AND_FAST)
    pid = postgres.status(home=home).pid
    assert pid is not None
    monkeypatch.setattr("salam.config.postgres.server.CONNECT_SECONDS", 1)

    os.kill(pid, signal.SIGSTOP)
    with monkeypatch.context() as patch:
        patch.setattr("salam.config.postgres.manager.ANSWER_SECONDS", 0)
        patch.setattr(postmaster, "STOP_SECONDS", 0.2)
        with pytest.raises(cluster.StillStarting):
            postgres.start(home=home)
        with pytest.raises(postmaster.StillStopping):
            postgres.stop(home=home)
    os.kill(pid, signal.SIGCONT)  # and now it stops, as it was told

    assert postgres.start(home=home) == server
    assert postgres.status(home=home).pid not in {None, pid}


def test_lock_held_too_long_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.connection_for(home=home)
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.2)
    told: list[str] = []

    with lock.held(layout.locate(home=home).lock), pytest.raises(lock.StillBusy):
        postgres.start(home=home, report=told.append)

    assert told == ["فرمان دیگری پایگاه داده را آماده می‌کند؛ صبر می‌کنیم…"]
