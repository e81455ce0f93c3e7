"""Start, stop, look, connect: one server from the first start to its removal."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from salam.config import postgres
from salam.config.postgres import UNSAFE_AND_FAST, State, accounts, cluster, layout, postmaster
from salam.config.postgres.server import PasswordRefused

DEBIAN = Path("/usr/lib/postgresql/15/bin")
PROGRAMS = [pytest.param(None, id="wheel")]
if DEBIAN.exists():
    PROGRAMS.append(pytest.param(DEBIAN, id="debian"))

PHONE = "09121234567"
MISLEADING = {
    "PGDATA": "/nowhere/data",
    "PGHOST": "/nowhere/socket",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "15432",
    "PGUSER": "someone",
    "PGOPTIONS": "-c no_such_setting=1",
    "LC_ALL": "fa_IR",
    "SALAM_SECRET": "not for the server",
}


@pytest.fixture(scope="module")
def shared(shared_home: Path) -> postgres.Server:
    """A server started by a process that has ended, in a misleading environment."""
    code = "import sys; from pathlib import Path; from salam.config import postgres; "
    code += "postgres.start(home=Path(sys.argv[1]), report=print)"

    # Would wait until the time is up if the server held the pipe.
    told = subprocess.run(
        [sys.executable, "-c", code, shared_home],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **MISLEADING, "PYTHONUTF8": "1"},
        timeout=60,
    )

    assert told.stdout.splitlines() == ["پایگاه داده ساخته می‌شود…", "پایگاه داده روشن می‌شود…"]
    assert postgres.status(home=shared_home).state is State.RUNNING
    return postgres.connection_for(home=shared_home)


@pytest.fixture(scope="module")
def stopped_home(other_shared_home: Path) -> Path:
    """The home of a complete cluster; a test that changes it puts it back."""
    postgres.start(home=other_shared_home, extra_settings=UNSAFE_AND_FAST)
    postgres.stop(home=other_shared_home)
    return other_shared_home


def ask(server: postgres.Server, query: str) -> tuple[object, ...]:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("programs", PROGRAMS)
def test_server_from_first_start_to_last_stop(home: Path, programs: Path | None) -> None:
    assert postgres.status(home=home).state is State.NOT_INITIALISED

    server = postgres.start(home=home, binaries=programs)
    running = postgres.status(home=home)
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE TABLE kept AS SELECT 'سلام' AS word")

    assert running.state is State.RUNNING
    assert running.pid is not None
    assert running.unix_user == os.environ.get(accounts.USER_VARIABLE, accounts.current().name)
    assert running.binaries is not None
    assert (running.binaries / "postgres").exists()
    assert programs in {None, running.binaries}

    assert postgres.stop(home=home)
    assert postgres.status(home=home).state is State.STOPPED
    assert not postgres.stop(home=home)

    postgres.start(home=home, binaries=programs)
    assert ask(server, "SELECT word FROM kept") == ("سلام",)
    # Letters of every script are letters, and order is by code point.
    assert ask(server, "SELECT show_trgm('سلام') <> '{}', upper('é')") == (True, "É")
    assert ask(server, "SELECT to_tsvector('سلام دنیا')::text") == ("'دنیا':2 'سلام':1",)
    assert ask(server, "SELECT 'Z' < 'a', 'ب' < 'پ'") == (True, True)
    assert ask(server, "SHOW server_encoding") == ("UTF8",)
    assert ask(server, "SHOW data_checksums") == ("on",)


def test_connection_is_known_before_the_first_start(home: Path) -> None:
    server = postgres.connection_for(home=home / "new")

    assert postgres.connection_for(home=home / "new") == server
    password = home / "new" / "postgres" / "password"
    assert password.stat().st_mode & 0o777 == 0o600
    assert password.read_text() == server.password
    assert server.password not in repr(server)
    assert not (home / "new" / "postgres" / "data").exists()


def test_url_survives_every_character() -> None:
    server = postgres.Server(
        host="/srv/Home of سلام/50%?#&@", port=5432, user="s:@/", password="p%:@/?#", database="d/ب"
    )

    assert conninfo_to_dict(server.url()) == {
        "host": server.host,
        "port": "5432",
        "user": server.user,
        "password": server.password,
        "dbname": server.database,
    }


def test_settings_are_ours_and_the_administrators_file_wins(stopped_home: Path) -> None:
    server = postgres.start(home=stopped_home, extra_settings={"work_mem": "5MB", "fsync": "off"})
    assert ask(server, "SHOW work_mem") == ("5MB",)
    postgres.stop(home=stopped_home)
    local = stopped_home / "postgres" / "conf.d" / "90-local.conf"
    local.write_text("max_connections = 33\n")
    postgres.start(home=stopped_home)

    expected = {
        "listen_addresses": "",
        "max_connections": "33",
        "work_mem": "4MB",
        "fsync": "on",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
        "password_encryption": "scram-sha-256",
        "is_superuser": "off",
    }
    assert {name: ask(server, f"SHOW {name}")[0] for name in expected} == expected
    assert ask(server.for_administrator(), "SHOW is_superuser") == ("on",)

    postgres.stop(home=stopped_home)
    local.unlink()


def test_broken_settings_point_to_the_log(stopped_home: Path) -> None:
    local = stopped_home / "postgres" / "conf.d" / "90-local.conf"
    local.write_text("no_such_setting = 1\n")

    with pytest.raises(cluster.NotStarted, match=r"startup\.log"):
        postgres.start(home=stopped_home)

    assert "no_such_setting" in (stopped_home / "postgres" / "startup.log").read_text()
    local.unlink()


def test_data_of_another_version_is_refused(stopped_home: Path) -> None:
    version = stopped_home / "postgres" / "data" / "PG_VERSION"
    written = version.read_text()
    version.write_text("14\n")

    with pytest.raises(cluster.VersionMismatch, match="PostgreSQL 14"):
        postgres.start(home=stopped_home)

    version.write_text(written)


def test_password_of_other_data_is_said(stopped_home: Path) -> None:
    password = stopped_home / "postgres" / "password"
    written = password.read_text()
    password.write_text("of another cluster")

    with pytest.raises(PasswordRefused, match="password"):
        postgres.start(home=stopped_home)

    password.write_text(written)
    postgres.stop(home=stopped_home)


@pytest.mark.parametrize(
    ("name", "value"), [("work_mem = 1; port", "1"), ("work_mem", "1MB\nport = 1")]
)
def test_extra_setting_of_two_lines_is_refused(stopped_home: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL setting"):
        postgres.start(home=stopped_home, extra_settings={name: value})


def test_wrong_password_is_refused(shared: postgres.Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(shared.url().replace(shared.password, "guess"))


def test_log_never_holds_what_people_typed(shared: postgres.Server, shared_home: Path) -> None:
    for target in (shared, shared.for_administrator()):
        with psycopg.connect(target.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE person (phone text PRIMARY KEY)")
            connection.execute("INSERT INTO person VALUES (%s)", [PHONE])
            with pytest.raises(psycopg.errors.UniqueViolation, match=PHONE):
                connection.execute("INSERT INTO person VALUES (%s)", [PHONE])
    with (
        psycopg.connect(shared.url()) as connection,
        pytest.raises(psycopg.errors.InvalidTextRepresentation, match=PHONE),
    ):
        connection.execute(f"SELECT 'x{PHONE}'::int")

    logs = [path.read_text() for path in (shared_home / "postgres" / "data" / "log").iterdir()]
    assert "duplicate key value" in "".join(logs)  # of the administrator, without the value
    assert PHONE not in "".join(logs)


def test_second_start_is_quick_and_changes_nothing(
    shared: postgres.Server, shared_home: Path
) -> None:
    pid = postgres.status(home=shared_home).pid

    begun = time.perf_counter()
    again = postgres.start(home=shared_home)
    seconds = time.perf_counter() - begun

    assert again == shared
    assert postgres.status(home=shared_home).pid == pid
    assert seconds < 1


def test_callers_environment_does_not_reach_the_server(
    shared: postgres.Server, shared_home: Path
) -> None:
    pid = postgres.status(home=shared_home).pid

    environment = Path(f"/proc/{pid}/environ").read_bytes().decode()

    assert not [value for value in MISLEADING.values() if value in environment]
    assert "LC_ALL=C.UTF-8" in environment


def test_server_is_found_without_proc(
    shared: postgres.Server, shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = postgres.status(home=shared_home)
    monkeypatch.setattr(postmaster, "_has_proc", lambda: False)  # as on macOS and the BSDs

    assert postgres.status(home=shared_home) == seen
    assert postmaster._orphans(layout.locate(home=shared_home))


def test_folder_of_something_else_is_left_alone(home: Path) -> None:
    (home / "postgres" / "data").mkdir(parents=True)
    (home / "postgres" / "data" / "letter.txt").write_text("mine")

    with pytest.raises(cluster.NotADataFolder):
        postgres.start(home=home)

    assert (home / "postgres" / "data" / "letter.txt").read_text() == "mine"


def test_temporary_server_leaves_nothing(home: Path) -> None:
    with postgres.temporary(home=home, settings=UNSAFE_AND_FAST) as server:
        assert ask(server, "SHOW fsync") == ("off",)
        assert list(home.iterdir()) != []

    assert list(home.iterdir()) == []
