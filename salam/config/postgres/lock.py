"""One process at a time, on one machine."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salam.config.postgres import waiting
from salam.config.postgres.waiting import Report, ignore
from salam.core.errors import DomainError

# The other process may be making a new cluster on a slow card: minutes, not seconds.
PATIENCE_SECONDS = 300


class StillBusy(DomainError):
    code = "database_busy"

    def __init__(self) -> None:
        super().__init__(
            "فرمان دیگری هنوز با پایگاه داده کار می‌کند. چند دقیقه صبر کنید و دوباره اجرا کنید."
        )


@contextmanager
def held(path: Path, *, report: Report = ignore) -> Iterator[None]:
    """Hold the lock file `path`; the kernel lets go of it even if we are killed.

    Raises `StillBusy` when another process does not finish in time.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if not _taken(handle):
            report("فرمان دیگری پایگاه داده را آماده می‌کند؛ صبر می‌کنیم…")
            if not waiting.until(lambda: _taken(handle), seconds=PATIENCE_SECONDS):
                raise StillBusy
        # The file stays: removing it would let two processes lock two different files.
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
