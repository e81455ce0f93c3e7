"""The server's processes: which live, which are a stale number in a file, how they are ended.

A number in `postmaster.pid` proves nothing: after a kill -9 and a reboot it may belong to anyone.
A process is taken for the server only if its command line says so. Command lines, and not
/proc/PID/exe or cwd, because root in an ordinary container may not read those of other users.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from salam.config.postgres import accounts, waiting
from salam.config.postgres.commands import run
from salam.config.postgres.layout import PORT, Layout
from salam.core.errors import DomainError

STOP_SECONDS = 60
# Orphans without work notice their parent's death at once; this long is left to the others.
ORPHAN_GRACE_SECONDS = 2
ORPHAN_SECONDS = 30
# Above the largest number the kernel gives out, so it is never anybody's.
NOBODYS_PID = 2**31 - 1


class StillStopping(DomainError):
    code = "database_still_stopping"

    def __init__(self) -> None:
        super().__init__(
            "پایگاه داده هنوز در حال خاموش شدن است و چیزی از دست نمی‌رود. یک دقیقهٔ دیگر دوباره "
            "اجرا کنید."
        )


class OrphansLeft(DomainError):
    code = "database_orphans"

    def __init__(self, pids: list[int]) -> None:
        numbers = "، ".join(map(str, pids))
        super().__init__(
            f"از پایگاه دادهٔ پیشین هنوز این پردازه‌ها در کارند: {numbers}. صبر کنید تا تمام شوند "
            "و دوباره اجرا کنید."
        )


def find(layout: Layout) -> int | None:
    """The process number of the living server of this data folder."""
    pid = _noted_pid(layout.data / "postmaster.pid")
    return pid if pid is not None and _is_postmaster(pid, layout.data) else None


def stop(layout: Layout) -> bool:
    """Stop the server: open transactions are rolled back, nothing committed is lost.

    Returns False if none ran. Raises `StillStopping`.
    """
    pid = find(layout)
    if pid is None:
        return False
    _send(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
    # Asked by command line again, so that an unreaped zombie counts as gone.
    if not waiting.until(lambda: not _is_postmaster(pid, layout.data), seconds=STOP_SECONDS):
        raise StillStopping
    return True


def clear_remains(layout: Layout) -> None:
    """Make way for a new server after the old one was killed; only when `find` found none.

    Waits for orphaned children and ends those that do not go. Raises `OrphansLeft`.
    """
    if not waiting.until(lambda: not _orphans(layout), seconds=ORPHAN_GRACE_SECONDS):
        for pid in _orphans(layout):
            _send(pid, signal.SIGTERM)
        if not waiting.until(lambda: not _orphans(layout), seconds=ORPHAN_SECONDS):
            raise OrphansLeft(_orphans(layout))
    _retire_pid(layout.data / "postmaster.pid")
    # The socket folder is this cluster's alone: with no server alive its lock file means nothing.
    (layout.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def program_of(pid: int) -> Path:
    """The postgres program that the server `pid` was started from."""
    return Path(_command_line(pid).partition(" -D ")[0])


def _retire_pid(path: Path) -> None:
    """Overwrite a number that has since become somebody else's.

    PostgreSQL clears a dead number itself, but refuses to start beside a living one. The file stays
    with all its other lines, because one of them names the old shared memory: through it PostgreSQL
    itself makes sure that no old child still writes.
    """
    pid = _noted_pid(path)
    if pid is None or not _is_alive(pid):
        return
    # Not through a link: root must not write where the data folder's owner would like him to.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+b") as file:
        _, _, rest = file.read().partition(b"\n")
        file.seek(0)
        file.write(b"%d\n%s" % (NOBODYS_PID, rest))  # never shorter than what it replaces


def _noted_pid(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii", errors="replace").splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None  # a half-written file is the server's own business: it waits for its writer


def _is_postmaster(pid: int, data: Path) -> bool:
    return _command_line(pid).endswith(f"/postgres -D {data}")


def _orphans(layout: Layout) -> list[int]:
    title = f"postgres: {layout.name}: "
    return [pid for pid, command in _processes() if command.startswith(title)]


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it may go by itself at this moment
        os.kill(pid, number)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass  # somebody else's, or not a number of this system
    return True


def _command_line(pid: int) -> str:
    """The command line with single spaces; empty for the dead and for zombies."""
    if _has_proc():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return _readable(raw)
    return _told_by_ps("-o", "command=", "-p", str(pid)).strip()


def _processes() -> Iterator[tuple[int, str]]:
    if _has_proc():
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                yield int(entry.name), _command_line(int(entry.name))
        return
    for line in _told_by_ps("-A", "-o", "pid=,command=").splitlines():
        number, _, command = line.strip().partition(" ")
        yield int(number), command


def _readable(raw: bytes) -> str:
    return os.fsdecode(raw.replace(b"\0", b" ")).rstrip()


def _has_proc() -> bool:
    return Path("/proc/self/cmdline").exists()


def _told_by_ps(*options: str) -> str:
    return run(["ps", "-ww", *options], account=accounts.current(), timeout_seconds=30).output
