"""What an operator reads when the disk says no."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salam.core.errors import DomainError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}

# The same two troubles as PostgreSQL's programs word them (they always run with LC_ALL=C.UTF-8).
FULL_WORDS = ("No space left on device", "Disk quota exceeded", "File too large", "File size limit")
READ_ONLY_WORDS = "Read-only file system"


class DiskFull(DomainError):
    code = "disk_full"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"برای پایگاه داده جا نیست. روی دیسکِ {folder} دست‌کم ۲۰۰ مگابایت جا باز کنید و "
            "دوباره فرمان را اجرا کنید."
        )


class FolderClosed(DomainError):
    code = "folder_not_writable"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"در {folder} نمی‌شود نوشت. اجازهٔ نوشتن در آن را بدهید یا با SALAM_HOME پوشهٔ "
            "دیگری نشان دهید."
        )


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn a full or closed disk met inside the block into one sentence about `folder`.

    Raises `DiskFull` or `FolderClosed`; any other error passes unchanged.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(folder) from error
        if error.errno in CLOSED:
            raise FolderClosed(folder) from error
        raise


def replace_text(path: Path, text: str) -> None:
    """Put `text` in place at once: a full disk leaves the old file whole. Raises OSError."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")  # no .conf at its end: not read
    try:
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o644)  # the server's user reads it; there is nothing secret in it
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def refuse_if_told(output: str, *, folder: Path) -> None:
    """Raise `DiskFull` or `FolderClosed` if a PostgreSQL program's `output` speaks of one."""
    if any(words in output for words in FULL_WORDS):
        raise DiskFull(folder)
    if READ_ONLY_WORDS in output:
        raise FolderClosed(folder)
