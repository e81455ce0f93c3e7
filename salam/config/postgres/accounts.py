"""Which system user the server runs as, and what that user may reach.

PostgreSQL refuses to run as root. An ordinary user runs the server as himself; root hands it to an
unprivileged user and keeps the rest.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from salam.core.errors import DomainError

USER_VARIABLE = "SALAM_DATABASE_USER"
DEFAULT_USER = "salam"


class UserUnknown(DomainError):
    code = "database_user_unknown"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"کاربر «{name}» که {USER_VARIABLE} می‌گوید در این سیستم نیست یا root است. "
            "نام یک کاربر معمولی را بدهید."
        )


@dataclass(frozen=True)
class Account:
    """A system user; `groups` holds every group the user is in."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]


# Someone who owns nothing here: what a user still to be made will be.
STRANGER = Account(name=DEFAULT_USER, uid=-1, gid=-1, groups=())


def is_root() -> bool:
    return os.geteuid() == 0


def current() -> Account:
    """The user of this process."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may run under a bare number
        name = str(uid)
    return Account(name=name, uid=uid, gid=gid, groups=tuple({gid, *os.getgroups()}))


def expected() -> Account | None:
    """The user that a new server would run as; None if root must make that user first.

    Raises `UserUnknown` if the environment names a user who cannot be it.
    """
    if not is_root():
        return current()
    wanted = os.environ.get(USER_VARIABLE, "")
    account = by_name(wanted or DEFAULT_USER)
    if wanted and (account is None or account.uid == 0):
        raise UserUnknown(wanted)
    return account


def owner_of(path: Path) -> Account | None:
    try:
        return _account(pwd.getpwuid(path.stat().st_uid))
    except (FileNotFoundError, KeyError):
        return None


def may_pass(path: Path, *, account: Account) -> bool:
    """Whether the user may walk from the root folder into the folder `path`.

    Parts that do not exist yet are left out: whoever makes them sees to their mode.
    """
    return all(
        has_mode(folder, account=account, wanted=stat.S_IXOTH)
        for folder in (path.resolve(), *path.resolve().parents)
        if folder.exists()
    )


def has_mode(path: Path, *, account: Account, wanted: int) -> bool:
    """Whether the mode bits of `path` give the user all of `wanted` (named as for others)."""
    facts = path.stat()
    if facts.st_uid == account.uid:
        given = facts.st_mode >> 6
    elif facts.st_gid in account.groups:
        given = facts.st_mode >> 3
    else:
        given = facts.st_mode
    return given & wanted == wanted


def by_name(name: str) -> Account | None:
    try:
        return _account(pwd.getpwnam(name))
    except KeyError:
        return None


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(
        name=entry.pw_name,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        groups=tuple(os.getgrouplist(entry.pw_name, entry.pw_gid)),
    )
