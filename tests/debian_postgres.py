"""The database tests once more, on Debian's PostgreSQL 15: the oldest version we promise to work
on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from salam.config import postgres
from tests.requirements import debian_postgres

# Pure arithmetic, what runs the embedded server itself, and screens, which reach tables through the
# rooms' queries and actions alone, do not change with the server's version.
WITHOUT_DATABASE = (
    "tests/commands",
    "tests/config",
    "tests/engine",
    "tests/journeys",
    "tests/test_contracts.py",
    "tests/test_messages.py",
    "tests/test_rooms_page.py",
    "tests/test_tidy.py",
    "tests/web",
)


def main() -> int:
    binaries = debian_postgres()
    if binaries is None:
        print("PostgreSQL 15 is missing: `python -m tests.requirements` says how to get it.")
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="salam-15-") as folder,
        postgres.temporary(
            home=Path(folder),
            binaries=binaries,
            settings=postgres.UNSAFE_AND_FAST,
        ) as server,
    ):
        print("Once more on PostgreSQL 15:", flush=True)
        left_out = [f"--ignore={path}" for path in WITHOUT_DATABASE]
        environment = {**os.environ, "DATABASE_URL": server.url()}
        return subprocess.run(
            [sys.executable, "-m", "pytest", *left_out],
            check=False,
            env=environment,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
