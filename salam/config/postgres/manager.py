"""Start, stop and look at the server of one home folder."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from salam.config.postgres import (
    accounts,
    binaries,
    cluster,
    configuration,
    disk,
    layout,
    lock,
    postmaster,
    system_user,
    waiting,
)
from salam.config.postgres.layout import PORT, Layout
from salam.config.postgres.server import Server, answers
from salam.config.postgres.waiting import Report, ignore
from salam.config.secrets import read_or_make_secret

ANSWER_SECONDS = 30
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
# For data that may be lost with the power: tests, never a measurement that speaks of durability.
UNSAFE_AND_FAST: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)


class State(enum.StrEnum):
    NOT_INITIALISED = "not_initialised"
    STOPPED = "stopped"
    RUNNING = "running"


@dataclass(frozen=True)
class Status:
    """What is known of a server; `version` is that of the data, `binaries` of the running one."""

    state: State
    version: str | None
    pid: int | None
    data: Path
    sockets: Path
    binaries: Path | None
    unix_user: str


def connection_for(*, home: Path) -> Server:
    """How to connect to the server of `home`, whether or not it runs yet.

    Starts nothing; makes the password on first use. Raises `ForeignFolder`, `UnusablePath`,
    `DataFolderMissing`, `UserUnknown`, `DiskFull` and `FolderClosed`.
    """
    place = layout.locate(home=home)
    with disk.explained(place.folder):
        layout.make_folder(place)
        password = read_or_make_secret(path=place.password)
    return Server(
        host=str(place.sockets), port=PORT, user="salam", password=password, database="salam"
    )


def start(
    *,
    home: Path,
    binaries: Path | None = None,
    extra_settings: Mapping[str, str] = NO_SETTINGS,
    report: Report = ignore,
) -> Server:
    """Make the cluster if there is none, start it if it does not run, and wait until it answers.

    A server that already answers is left as it is; `extra_settings` count from its next start and
    only for that. Raises a DomainError with what the operator is to do.
    """
    server = connection_for(home=home)
    place = layout.locate(home=home)
    with disk.explained(place.folder), lock.held(place.lock, report=report):
        if not answers(server) and not _is_coming_up(server, place):
            _launch(server, place, folder=binaries, extra=extra_settings, report=report)
    return server


def stop(*, home: Path) -> bool:
    """Stop the server; False if none ran. Raises `StillStopping`, `StillBusy` and as `start`."""
    place = layout.locate(home=home)
    if not place.folder.exists():
        return False
    with disk.explained(place.folder), lock.held(place.lock):
        return postmaster.stop(place)


def status(*, home: Path) -> Status:
    """What there is and whether it runs. Changes nothing.

    Raises as `connection_for`, and `NotADataFolder`.
    """
    place = layout.locate(home=home)
    version = cluster.data_version(place.data)
    pid = postmaster.find(place)
    if pid is not None:
        state = State.RUNNING
    else:
        state = State.NOT_INITIALISED if version is None else State.STOPPED
    account = accounts.owner_of(place.data) or accounts.expected() or accounts.STRANGER
    return Status(
        state=state,
        version=version,
        pid=pid,
        data=place.data,
        sockets=place.sockets,
        binaries=None if pid is None else postmaster.program_of(pid).parent,
        unix_user=account.name,
    )


@contextmanager
def temporary(
    *,
    home: Path,
    binaries: Path | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
) -> Iterator[Server]:
    """A server in a folder of its own under `home`, gone with all its data at the end.

    Raises as `start`.
    """
    folder = home / f"temporary-{secrets.token_hex(6)}"
    try:
        yield start(home=folder, binaries=binaries, extra_settings=settings)
    finally:
        if folder.exists():
            stop(home=folder)
            with disk.explained(folder):
                layout.remove(layout.locate(home=folder))
                folder.rmdir()


def _is_coming_up(server: Server, place: Layout) -> bool:
    """Give a server that lives but does not answer its time; False once none lives.

    Another's start may have been cut off, or the machine may be shutting it down.
    """
    if postmaster.find(place) is None:
        return False
    is_settled = waiting.until(
        lambda: answers(server) or postmaster.find(place) is None, seconds=ANSWER_SECONDS
    )
    if not is_settled:
        raise cluster.StillStarting
    return postmaster.find(place) is not None


def _launch(
    server: Server,
    place: Layout,
    *,
    folder: Path | None,
    extra: Mapping[str, str],
    report: Report,
) -> None:
    account = system_user.for_server(data=place.data)
    programs = binaries.usable_by(binaries.find(folder=folder), account=account)
    layout.prepare(place, account=account)
    cluster.discard_drafts(place)
    if cluster.data_version(place.data) is None:
        report("پایگاه داده ساخته می‌شود…")
        cluster.create(
            place,
            account=account,
            binaries=programs,
            password=server.password,
            is_lasting=extra.get("fsync") != "off",
        )
    layout.write_note(place)
    cluster.check_version(place.data, binaries=programs)
    postmaster.clear_remains(place)
    configuration.write(place, extra=extra)
    report("پایگاه داده روشن می‌شود…")
    cluster.launch(place, account=account, binaries=programs)
    if not waiting.until(lambda: answers(server), seconds=ANSWER_SECONDS):
        raise cluster.NotStarted(place.startup_log)
