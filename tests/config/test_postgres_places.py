"""Where things lie: long and odd paths, closed folders, root and ordinary users."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from salam.config import postgres
from salam.config.postgres import (
    UNSAFE_AND_FAST,
    State,
    accounts,
    binaries,
    disk,
    layout,
    system_user,
)

LIFE = """
told = {"uid": os.geteuid()}
server = postgres.start(home=home, binaries=programs)
with psycopg.connect(server.url()) as connection:
    told["answer"] = connection.execute("SELECT 1").fetchone()[0]
running = postgres.status(home=home)
told["user"] = running.unix_user
told["data"] = str(running.data)
told["sockets"] = server.host
told["mode"] = oct(Path(server.host).stat().st_mode & 0o777)
told["again"] = postgres.start(home=home, binaries=programs) == server
told["stopped"] = postgres.stop(home=home)
layout.remove(layout.locate(home=home))
print(json.dumps(told))
"""


RunCode = Callable[..., "subprocess.CompletedProcess[str]"]


def modes(folder: Path) -> dict[Path, int]:
    return {place: place.stat().st_mode for place in (folder, *folder.parents)}


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that only its owner enters, as /root is."""
    folder = Path(tempfile.mkdtemp(prefix="salam-test-", dir="/tmp"))
    yield folder
    home = folder / "home"
    if (home / "postgres").exists():
        postgres.stop(home=home)
        layout.remove(layout.locate(home=home))
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["long" * 25, "Home of سلام 50% 'x' #&"])
def test_odd_paths_work(home: Path, name: str) -> None:
    place = home / name
    try:
        server = postgres.start(home=place, extra_settings=UNSAFE_AND_FAST)
        with psycopg.connect(server.url()) as connection:
            row = connection.execute("SELECT 1").fetchone()

        assert row == (1,)
        assert postgres.status(home=place).data == place / "postgres" / "data"
        is_fit = len(os.fsencode(place)) < 80
        assert (Path(server.host) == place / "postgres" / "run") == is_fit
    finally:
        postgres.stop(home=place)
        layout.remove(layout.locate(home=place))
    assert not Path(server.host).exists()


def test_comma_stays_out_of_the_socket_path(home: Path) -> None:
    server = postgres.connection_for(home=home / "one, two")

    assert "," not in server.host
    shutil.rmtree(home / "one, two")


def test_path_that_a_shell_would_read_is_refused(home: Path) -> None:
    with pytest.raises(layout.UnusablePath):
        postgres.start(home=home / "a$HOME")

    assert list(home.iterdir()) == []


def test_roots_closed_home_is_not_opened(closed_folder: Path) -> None:
    home = closed_folder / "home"
    home.mkdir()
    before = modes(home)

    server = postgres.start(home=home, extra_settings=UNSAFE_AND_FAST)
    running = postgres.status(home=home)
    again = postgres.start(home=home)

    assert modes(home) == before
    assert again == server
    assert running.state is State.RUNNING
    if accounts.is_root():
        assert running.data.is_relative_to(layout.STATE)
        assert str(running.data) in (home / "postgres" / layout.NOTE).read_text()
        assert Path(server.host).is_relative_to(layout.STATE)
    else:
        assert running.data == home / "postgres" / "data"
        assert not (home / "postgres" / layout.NOTE).exists()


def test_data_that_is_gone_is_not_replaced_by_an_empty_database(home: Path) -> None:
    postgres.connection_for(home=home)
    (home / "postgres" / layout.NOTE).write_text("# elsewhere\n/srv/unplugged/data\n")

    with pytest.raises(layout.DataFolderMissing, match="/srv/unplugged/data"):
        postgres.start(home=home)
    (home / "postgres" / layout.NOTE).unlink()


def test_programs_behind_a_closed_door_are_copied_for_the_server(
    home: Path, closed_folder: Path
) -> None:
    tree = binaries.find(folder=None).folder.parent
    libraries = tree.parent.parent / binaries.WHEEL_LIBRARIES
    shutil.copytree(tree, closed_folder / tree.parent.name / tree.name, ignore=binaries.NOT_COPIED)
    if libraries.exists():
        shutil.copytree(libraries, closed_folder / libraries.name)
    closed = closed_folder / tree.parent.name / tree.name / "bin"
    copies_before = set(layout.STATE.glob("postgres-*"))

    postgres.start(home=home, binaries=closed, extra_settings=UNSAFE_AND_FAST)

    used = postgres.status(home=home).binaries
    assert used is not None
    if accounts.is_root():
        copy = used.relative_to(layout.STATE).parts[0]
        assert {path.stat().st_uid for path in (layout.STATE / copy).rglob("*")} == {0}
        assert not list(layout.STATE.glob(".copy-*"))
        postgres.stop(home=home)
        if layout.STATE / copy not in copies_before:
            shutil.rmtree(layout.STATE / copy)
    else:
        assert used == closed


def test_folder_without_programs_is_said(home: Path) -> None:
    with pytest.raises(binaries.BinariesMissing):
        postgres.start(home=home, binaries=home)


def test_programs_of_another_machine_are_said(home: Path) -> None:
    programs = home / "bin"
    programs.mkdir()
    for name in binaries.NEEDED:
        (programs / name).write_text("#!/bin/sh\nexit 126\n")
        (programs / name).chmod(0o755)

    with pytest.raises(binaries.BinariesUnusable):
        postgres.start(home=home, binaries=programs)


def test_way_closed_after_the_data_was_made_is_said(home: Path) -> None:
    (home / "postgres" / "data").mkdir(parents=True)
    closed = 0o700 if accounts.is_root() else 0o600
    home.chmod(closed)

    with pytest.raises((layout.DataFolderClosed, disk.FolderClosed)):
        postgres.start(home=home)

    assert stat.S_IMODE(home.stat().st_mode) == closed
    home.chmod(0o755)


def test_shared_folder_that_others_may_change_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.chmod(0o777)
    monkeypatch.setattr(layout, "STATE", home)

    with pytest.raises(layout.ForeignFolder):
        layout.make_state_folder(home / "cluster")


@pytest.mark.parametrize("name", ["", "long" * 25])
def test_ordinary_user_keeps_everything_in_his_home(
    ordinary_home: Path, as_ordinary: RunCode, name: str
) -> None:
    place = ordinary_home / name

    done = as_ordinary(LIFE, home=place)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    uid = told.pop("uid")
    user = told.pop("user")
    sockets = Path(told.pop("sockets"))
    assert uid == ordinary_home.stat().st_uid != 0
    assert user == ordinary_home.owner()
    if name:
        assert sockets.name.startswith(f"salam-{uid}-")
        assert not sockets.exists()
    else:
        assert sockets == place / "postgres" / "run"
    assert told == {
        "answer": 1,
        "data": str(place / "postgres" / "data"),
        "mode": "0o700",
        "again": True,
        "stopped": True,
    }


def test_trap_in_the_temporary_folder_is_refused(ordinary_home: Path, as_ordinary: RunCode) -> None:
    place = ordinary_home / ("long" * 25)
    found = as_ordinary("print(postgres.connection_for(home=home).host)", home=place)
    sockets = Path(found.stdout.strip())
    sockets.symlink_to(ordinary_home)

    told = as_ordinary(
        "try: postgres.start(home=home, binaries=programs)\n"
        "except layout.ForeignFolder as refusal: print(refusal.code)",
        home=place,
    )
    sockets.unlink()

    assert told.stdout.strip() == "folder_of_another_user", told.stderr


def test_folder_of_another_user_is_refused(home: Path) -> None:
    if accounts.is_root():
        (home / "postgres").mkdir()
        os.chown(home / "postgres", 65534, 65534)
    else:
        (home / "postgres").symlink_to("/usr")

    with pytest.raises(layout.ForeignFolder):
        postgres.connection_for(home=home)
    with pytest.raises(layout.ForeignFolder):
        postgres.start(home=home)

    (home / "postgres").rmdir() if accounts.is_root() else (home / "postgres").unlink()


def test_user_named_in_the_environment_must_be_usable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no-such-user", "root"):
        monkeypatch.setenv(accounts.USER_VARIABLE, name)
        if accounts.is_root():
            with pytest.raises(accounts.UserUnknown, match=name):
                postgres.start(home=home)
        else:  # an ordinary user can become nobody else, so he is not asked to
            assert accounts.expected() == accounts.current()


def test_system_user_is_made_where_that_is_possible() -> None:
    name = f"salamtest{os.getpid()}"
    if not accounts.is_root() or shutil.which("useradd", path=system_user.SYSTEM_PATH) is None:
        with pytest.raises(system_user.UserNotMade):
            system_user.make(name=name)
        return

    made = system_user.make(name=name)
    again = system_user.make(name=name)
    subprocess.run(["userdel", name], check=True)

    assert made == again
    assert made.uid != 0
    assert made.groups == (made.gid,)


def test_mode_bits_decide_who_may_pass(tmp_path: Path) -> None:
    owner = accounts.Account(name="owner", uid=tmp_path.stat().st_uid, gid=-1, groups=())
    member = accounts.Account(name="member", uid=-1, gid=-1, groups=(tmp_path.stat().st_gid,))
    tmp_path.chmod(0o710)

    given = [
        accounts.has_mode(tmp_path, account=account, wanted=stat.S_IXOTH)
        for account in (owner, member, accounts.STRANGER)
    ]

    assert given == [True, True, False]
