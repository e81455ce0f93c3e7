"""Where everything of one cluster lies.

    home/postgres/password      made on first use, for the owner of the folder alone
    home/postgres/lock          held while the cluster is made, started or stopped
    home/postgres/startup.log   what the last start said
    home/postgres/conf.d/       settings; a DBA adds files of his own here
    home/postgres/data/         PostgreSQL's own folder
    home/postgres/run/          the socket

When root's home is closed to the user the server runs as (a checkout under /root), `conf.d`, `data`
and `run` lie in /var/lib/salam/<hash of home>/ instead, and home/postgres/data-is-elsewhere.txt
says so: opening root's home would be the wrong cure.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from salam.config.postgres import accounts, disk
from salam.config.postgres.accounts import STRANGER, Account
from salam.core.errors import DomainError

STATE = Path("/var/lib/salam")
# Not tempfile.gettempdir(): TMPDIR differs between a shell and a service, and both must agree.
TEMPORARY = Path("/tmp")  # noqa: S108 - the folder in it is checked before use
PORT = 5432
NOTE = "data-is-elsewhere.txt"
# The kernel's sun_path without its closing zero.
SOCKET_PATH_MAX_BYTES = 107 if sys.platform == "linux" else 103
# pg_ctl starts the server through a shell and puts the path between double quotes.
SHELL_CHARACTERS = frozenset('"$`\\\n')


class ForeignFolder(DomainError):
    code = "folder_of_another_user"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"پوشهٔ {folder} از آنِ کاربر دیگری است. فرمان را با همان کاربر اجرا کنید یا با "
            "SALAM_HOME پوشهٔ دیگری نشان دهید."
        )


class UnusablePath(DomainError):
    code = "path_not_usable"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"در نشانی {folder} نویسه‌ای هست که پایگاه داده با آن کار نمی‌کند "
            '(" یا $ یا ` یا \\). پوشهٔ دیگری برگزینید.'
        )


class DataFolderMissing(DomainError):
    code = "data_folder_missing"

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"داده‌ها در {data} بود و دیگر آنجا نیست. دیسک آن را وصل کنید یا از پشتیبان "
            "بازگردانید؛ پایگاه خالی تازه‌ای ساخته نشد."
        )


class DataFolderClosed(DomainError):
    code = "data_folder_closed"

    def __init__(self, data: Path, account: Account) -> None:
        super().__init__(
            f"راه رسیدن به {data} برای کاربر «{account.name}» بسته است. پوشه‌ای در راه، پس از "
            "ساخته شدن پایگاه بسته شده است؛ اجازهٔ گذر از آن را برگردانید."
        )


@dataclass(frozen=True)
class Layout:
    """The places of one home; `base` is what the server's user must be able to reach."""

    folder: Path
    base: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def settings(self) -> Path:
        return self.base / "conf.d"

    @property
    def password(self) -> Path:
        return self.folder / "password"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def startup_log(self) -> Path:
        return self.folder / "startup.log"

    @property
    def note(self) -> Path:
        return self.folder / NOTE

    @property
    def name(self) -> str:
        """The server's name in process lists: other servers of this machine have other names."""
        return f"salam-{_short_hash(self.folder)}"


def locate(*, home: Path) -> Layout:
    """Where the cluster of `home` is or would be; looks, changes nothing.

    Raises `ForeignFolder`, `FolderClosed`, `UnusablePath`, `DataFolderMissing` and `UserUnknown`.
    """
    folder = home.expanduser().resolve() / "postgres"
    with disk.explained(folder):
        _refuse_foreign(folder)
        base = _base(folder)
    if SHELL_CHARACTERS & set(str(base)):
        raise UnusablePath(base)
    return Layout(folder=folder, base=base, sockets=_sockets(folder, base))


def make_folder(layout: Layout) -> None:
    """Make home/postgres, open to walk through where root needs that. Raises OSError."""
    layout.folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        layout.folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if accounts.is_root():
        layout.folder.chmod(0o755)  # whatever the umask; the password in it keeps its own mode


def prepare(layout: Layout, *, account: Account) -> None:
    """Make the folders around the data and check that the server's user reaches them.

    Raises `DataFolderClosed`, `ForeignFolder` and OSError.
    """
    if layout.base != layout.folder:
        make_state_folder(layout.base)
    if not accounts.may_pass(layout.base, account=account):
        raise DataFolderClosed(layout.data, account)
    _make(layout.settings, mode=0o755)
    if layout.sockets.parent.parent == STATE:
        make_state_folder(layout.sockets.parent)
    _make_sockets(layout.sockets, account)


def write_note(layout: Layout) -> None:
    """Say in home/postgres where the data is, if not there. Raises OSError."""
    if layout.base != layout.folder and not layout.note.exists():
        disk.replace_text(
            layout.note,
            "# The user that runs PostgreSQL cannot enter this folder, so the data is here:\n"
            f"{layout.data}\n",
        )


def make_state_folder(folder: Path) -> None:
    """Make `folder` under /var/lib/salam, both root's and readable by all.

    Raises `ForeignFolder` if another user could change what is in them, `DiskFull` and
    `FolderClosed`.
    """
    for place in (STATE, folder):
        with disk.explained(place):
            _make(place, mode=0o755)
        if place.lstat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ForeignFolder(place)


def remove(layout: Layout) -> None:
    """Remove the cluster and all around it; the server must be stopped. Raises OSError."""
    for place in (layout.sockets, layout.base, layout.folder):
        if place.exists():
            shutil.rmtree(place)
    leftover = STATE / _short_hash(layout.folder)
    if leftover.exists():
        leftover.rmdir()


def _base(folder: Path) -> Path:
    note = folder / NOTE
    if (folder / "data").exists():
        return folder
    if note.exists():
        data = Path(note.read_text(encoding="utf-8").splitlines()[-1])
        # Only after the first cluster is complete is the note written, so this is a loss.
        if not data.exists():
            raise DataFolderMissing(data)
        return data.parent
    if not accounts.is_root():
        return folder
    # The user may not exist before the first start; a new user of no group passes where all may.
    if accounts.may_pass(folder, account=accounts.expected() or STRANGER):
        return folder
    return STATE / _short_hash(folder)


def _sockets(folder: Path, base: Path) -> Path:
    beside = base / "run"
    length_bytes = len(os.fsencode(beside / f".s.PGSQL.{PORT}"))
    # To libpq a comma parts several hosts, even in a path.
    if length_bytes <= SOCKET_PATH_MAX_BYTES and "," not in str(beside):
        return beside
    if accounts.is_root():
        # Better than the temporary folder: nobody else can put anything there first.
        return STATE / _short_hash(folder) / "run"
    return TEMPORARY / f"salam-{os.geteuid()}-{_short_hash(folder)}"


def _make_sockets(folder: Path, account: Account) -> None:
    if not accounts.is_root():
        _make(folder, mode=0o700)
        return
    # It stands in a folder of root's, so only a former start can have made it.
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def _short_hash(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder.parent)).hexdigest()[:12]


def _refuse_foreign(folder: Path) -> None:
    """A folder another user could change would let him choose what we run and overwrite."""
    try:
        facts = folder.lstat()
    except FileNotFoundError:
        return
    owned = facts.st_uid == os.geteuid() and folder.stat().st_uid == os.geteuid()
    if not owned or not folder.is_dir():
        raise ForeignFolder(folder)


def _make(folder: Path, *, mode: int) -> None:
    """Make one folder of ours, or check that what stands there is ours and not a trap."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
            raise ForeignFolder(folder) from None
        return
    folder.chmod(mode)  # whatever the umask
