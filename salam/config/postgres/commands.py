"""The one door through which programs are started."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from salam.config.postgres import accounts
from salam.config.postgres.accounts import Account
from salam.core.errors import DomainError

# Nothing else of the caller's environment goes to a server that outlives him: PGDATA or PGPORT
# would point it elsewhere, and secrets would stay readable in its process for as long as it runs.
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH")


class ProgramNotStarted(DomainError):
    code = "program_not_started"

    def __init__(self, program: str, account: Account) -> None:
        super().__init__(
            f"برنامهٔ {program} با کاربر «{account.name}» اجرا نشد. اجازهٔ اجرای آن را بررسی کنید "
            "یا DATABASE_URL را تنظیم کنید."
        )


@dataclass(frozen=True)
class Outcome:
    code: int
    output: str


def run(
    command: Sequence[str | Path],
    *,
    account: Account,
    typed: str = "",
    output: IO[bytes] | None = None,
    timeout_seconds: float = 600,
) -> Outcome:
    """Run a program to its end as `account`, with a bare environment and in a session of its own.

    What it prints is returned, or goes to the file `output`. A server left running must be given a
    file: it would otherwise hold the caller's pipes open, and whoever reads them would wait for
    ever. Raises `ProgramNotStarted`.
    """
    try:
        done = subprocess.run(  # noqa: S603 - argument lists built here, never a shell or user text
            [str(part) for part in command],
            check=False,
            input=typed.encode(),
            stdout=output or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(os.environ),
            cwd="/",  # the caller's folder may be closed to the account, or removed later
            umask=0o077,
            start_new_session=True,  # Ctrl-C in the caller's terminal must not reach a server
            timeout=timeout_seconds,
            **_identity(account),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProgramNotStarted(Path(command[0]).name, account) from error
    return Outcome(code=done.returncode, output=(done.stdout or b"").decode(errors="replace"))


def _environment(caller: Mapping[str, str]) -> dict[str, str]:
    kept = {name: caller[name] for name in KEPT_VARIABLES if name in caller}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C.UTF-8"}


def _identity(account: Account) -> dict[str, Any]:
    if not accounts.is_root():
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": account.groups}
