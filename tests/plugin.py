"""Loaded before Django: a home of the tests' own, and a server of this run unless DATABASE_URL
names one.

`-p tests.plugin` stands in pyproject.toml. Settings are read before any hook of ours could run, so
the server starts when this module is imported: once, in the process that hands out the work. Two
runs at once do not meet.
"""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / "var" / "test"
VAULT_KEY = HOME / "vault.key"


def _prepare() -> None:
    os.environ["SALAM_HOME"] = str(HOME)
    os.environ["SALAM_VAULT_KEY_FILE"] = str(VAULT_KEY)
    os.environ.pop("SALAM_DEBUG", None)
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    from salam.commands.messages import ENGLISH, compile_catalogue
    from salam.config import postgres
    from salam.people.vault.keys import make_key_file

    # What is tested is the English of today, not of the last `make setup`.
    compile_catalogue(path=ENGLISH)
    # whitenoise warns where nothing has been collected yet.
    (HOME / "static").mkdir(parents=True, exist_ok=True)
    if not VAULT_KEY.exists():
        make_key_file(path=VAULT_KEY)
    if not os.environ.get("DATABASE_URL"):
        stack = ExitStack()
        running = postgres.temporary(home=HOME, settings=postgres.UNSAFE_AND_FAST)
        os.environ["DATABASE_URL"] = stack.enter_context(running).url()
        atexit.register(stack.close)


_prepare()
