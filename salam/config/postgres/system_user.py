"""The unprivileged user to whom root hands the server."""

from __future__ import annotations

import shutil
from pathlib import Path

from salam.config.postgres import accounts
from salam.config.postgres.accounts import Account
from salam.config.postgres.commands import run
from salam.core.errors import DomainError

SYSTEM_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


class UserNotMade(DomainError):
    code = "database_user_not_made"

    def __init__(self) -> None:
        super().__init__(
            "پایگاه داده با root اجرا نمی‌شود و ساختن کاربر «salam» هم نشد. یک کاربر معمولی "
            f"بسازید و نامش را در {accounts.USER_VARIABLE} بگذارید."
        )


def for_server(*, data: Path) -> Account:
    """The user to run the server as; root makes the system user `salam` if there is none.

    Existing data decides: PostgreSQL starts only as the owner of its data folder. Raises
    `UserUnknown` and `UserNotMade`.
    """
    if not accounts.is_root():
        return accounts.current()
    owner = accounts.owner_of(data)
    if owner is not None and owner.uid != 0:
        return owner
    return accounts.expected() or make(name=accounts.DEFAULT_USER)


def make(*, name: str) -> Account:
    """Make a system user without home or shell. Raises `UserNotMade` where that is not possible."""
    program = shutil.which("useradd", path=SYSTEM_PATH)
    if program is None:
        raise UserNotMade
    shell = shutil.which("nologin", path=SYSTEM_PATH) or "/bin/false"
    # A group of its own: a shared one could open folders that the layout was decided without.
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    run([program, *options, "--shell", shell, name], account=accounts.current())
    # Looking, not the exit code: another process may have made the user at the same moment.
    account = accounts.by_name(name)
    if account is None:
        raise UserNotMade
    return account
