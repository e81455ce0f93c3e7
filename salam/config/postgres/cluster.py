"""Making a new cluster, whole or not at all, and starting the one there is."""

from __future__ import annotations

import os
import secrets
import shutil
from functools import partial
from pathlib import Path

from salam.config.postgres import accounts, configuration, disk, postmaster, waiting
from salam.config.postgres.accounts import Account
from salam.config.postgres.binaries import Binaries
from salam.config.postgres.commands import Outcome, run
from salam.config.postgres.layout import Layout
from salam.core.errors import DomainError

DRAFT_PREFIX = "making-"
START_SECONDS = 30
# From this version PostgreSQL has Unicode of its own, which no update of the system changes.
BUILTIN_LOCALE_MAJOR = 17
LOG_TAIL_BYTES = 8192


class ClusterNotMade(DomainError):
    code = "database_not_made"

    def __init__(self, reason: str) -> None:
        super().__init__(f"پایگاه داده ساخته نشد و چیزی نیمه‌کاره نماند. پیام PostgreSQL: {reason}")


class NotStarted(DomainError):
    code = "database_not_started"

    def __init__(self, log: Path) -> None:
        super().__init__(f"پایگاه داده روشن نشد. علت در {log} نوشته شده است؛ آن را بخوانید.")


class StillStarting(DomainError):
    code = "database_still_starting"

    def __init__(self) -> None:
        super().__init__(
            "پایگاه داده روشن شده و هنوز دارد خود را پس از خاموشی ناگهانی بازسازی می‌کند. یک دقیقهٔ "
            "دیگر دوباره اجرا کنید."
        )


class NotADataFolder(DomainError):
    code = "not_a_data_folder"

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"پوشهٔ {data} خالی نیست و پایگاه داده هم نیست. آن را جابه‌جا کنید و دوباره اجرا کنید."
        )


class VersionMismatch(DomainError):
    code = "database_version_mismatch"

    def __init__(self, *, data: str, programs: int) -> None:
        super().__init__(
            f"داده‌ها با PostgreSQL {data} ساخته شده‌اند و برنامه‌های اینجا PostgreSQL {programs} "
            "است. از پشتیبان بازگردانید یا با DATABASE_URL پایگاهی با همان نسخه نشان دهید."
        )


def data_version(data: Path) -> str | None:
    """The PostgreSQL version whose format `data` has; None if there is no cluster.

    Raises `NotADataFolder` if something else stands there.
    """
    try:
        return (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if data.is_dir() and any(data.iterdir()):
            raise NotADataFolder(data) from None
        return None


def check_version(data: Path, *, binaries: Binaries) -> None:
    """Raise `VersionMismatch` unless `binaries` read the format of `data`."""
    version = data_version(data)
    if version != str(binaries.major):
        raise VersionMismatch(data=str(version), programs=binaries.major)


def discard_drafts(layout: Layout) -> None:
    """Remove what an interrupted making left. Raises OSError."""
    for draft in layout.base.glob(f"{DRAFT_PREFIX}*"):
        # The interrupted initdb may live a moment longer than its parent and go on writing.
        waiting.until(partial(_is_removed, draft), seconds=10)


def create(
    layout: Layout, *, account: Account, binaries: Binaries, password: str, is_lasting: bool
) -> None:
    """Make the cluster beside its place and move it there when it is complete.

    A cluster that is not `is_lasting` is made without waiting for the disk. Raises
    `ClusterNotMade`, `DiskFull`, `FolderClosed` and OSError; nothing stays behind.
    """
    draft = layout.base / f"{DRAFT_PREFIX}{secrets.token_hex(6)}"
    draft.mkdir(mode=0o700)
    try:
        draft.chmod(0o711)  # the server's user walks through it, but it is not his
        data = draft / "data"
        data.mkdir(mode=0o700)
        _give(data, account)
        _initialise(data, account, binaries, password=password)
        _fill(data, account, binaries, password=password)
        configuration.add_include(data)
        if is_lasting:
            _sync(data, account, binaries)
        data.rename(layout.data)
        _sync_folder(layout.base)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def launch(layout: Layout, *, account: Account, binaries: Binaries) -> None:
    """Start the server; it lives on when this process ends.

    Raises `DiskFull`, `FolderClosed`, `StillStarting`, `NotStarted` and OSError.
    """
    with layout.startup_log.open("wb") as output:
        layout.startup_log.chmod(0o600)
        options = ["--silent", "--wait", f"--timeout={START_SECONDS}"]
        outcome = run(
            [binaries / "pg_ctl", "start", "-D", layout.data, *options],
            account=account,
            output=output,
        )
    if outcome.code == 0:
        return
    if postmaster.find(layout) is not None:
        raise StillStarting
    log = _latest_log(layout)
    for path in {layout.startup_log, log}:
        disk.refuse_if_told(_tail(path), folder=layout.data)
    raise NotStarted(log)


def _initialise(data: Path, account: Account, binaries: Binaries, *, password: str) -> None:
    # In a file, since initdb otherwise asks at a terminal.
    password_file = data.parent / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="utf-8")
    _give(password_file, account)
    options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password_file}"]
    options += ["--encoding=UTF8", "--text-search-config=simple", "--data-checksums"]
    options += ["--no-sync", *_locale_options(binaries)]
    outcome = run([binaries / "initdb", "-D", data, *options], account=account)
    _refuse_failure(outcome, is_failed=outcome.code != 0, folder=data)


def _locale_options(binaries: Binaries) -> list[str]:
    """Order by code point, and letters of every script known as letters.

    The second needs the C library's C.UTF-8 even where PostgreSQL has its own: with plain C,
    pg_trgm sees no letter in a Persian word and finds nothing.
    """
    options = ["--locale=C.UTF-8", "--lc-collate=C"]
    if binaries.major >= BUILTIN_LOCALE_MAJOR:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _fill(data: Path, account: Account, binaries: Binaries, *, password: str) -> None:
    """Make the site's role and database, before any socket is open.

    The role is no superuser: a hole in the site must not become a shell on the machine. It may make
    databases, for tests. Its errors are not logged, since their texts may quote what people typed.
    """
    secret = password.replace("'", "''")
    statements = (
        f"CREATE ROLE salam LOGIN CREATEDB PASSWORD '{secret}'",
        "ALTER ROLE salam SET log_min_messages = 'log'",
        "CREATE DATABASE salam OWNER salam",
    )
    typed = "".join(f"{statement}\n" for statement in statements)
    # Statements that fail must not print the password.
    options = ["-c", "log_min_error_statement=panic", "-c", "fsync=off"]
    outcome = run(
        [binaries / "postgres", "--single", "-D", data, *options, "postgres"],
        account=account,
        typed=typed,
    )
    # In this mode postgres ends well even when a statement did not.
    is_failed = outcome.code != 0 or "ERROR:" in outcome.output
    _refuse_failure(outcome, is_failed=is_failed, folder=data)


def _sync(data: Path, account: Account, binaries: Binaries) -> None:
    """Bring the whole cluster to the disk, once; the steps before did not wait for it."""
    outcome = run([binaries / "initdb", "--sync-only", "-D", data], account=account)
    _refuse_failure(outcome, is_failed=outcome.code != 0, folder=data)


def _refuse_failure(outcome: Outcome, *, is_failed: bool, folder: Path) -> None:
    if not is_failed:
        return
    disk.refuse_if_told(outcome.output, folder=folder.parent.parent)
    told = [line for line in outcome.output.splitlines() if "error:" in line.lower()]
    raise ClusterNotMade((told or outcome.output.splitlines() or ["?"])[-1].strip())


def _give(path: Path, account: Account) -> None:
    if accounts.is_root():
        os.chown(path, account.uid, account.gid)


def _is_removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _latest_log(layout: Layout) -> Path:
    logs = [*(layout.data / "log").glob("*.log"), layout.startup_log]
    return max(logs, key=lambda path: path.stat().st_mtime)


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
        return file.read().decode(errors="replace")
