"""What the tests need besides Python packages: a real Chromium and Debian's PostgreSQL 15.

Root takes them from Debian; anybody else is told in one sentence. Nothing is skipped for want of
them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")


def chromium() -> str | None:
    """The path of the browser the tests drive: CHROMIUM, or the first one found."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def debian_postgres() -> Path | None:
    """The folder of Debian's PostgreSQL 15 programs."""
    return POSTGRES_15 if (POSTGRES_15 / "postgres").exists() else None


def _missing() -> list[str]:
    missing = []
    if chromium() is None:
        missing.append("chromium")
    if debian_postgres() is None:
        missing.append("postgresql-15")
    return missing


def main() -> int:
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Taking {' and '.join(missing)} from Debian …", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        subprocess.run(
            ["apt-get", "install", "-qq", "--no-install-recommends", *missing],
            check=False,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        missing = _missing()
    if missing:
        names = " ".join(missing)
        print(f"The tests need {names}: run `apt-get install {names}` as root, then try again.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
