"""Migrations as they are shipped: none missing, and SQL that locks no big table for long."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django
from django.apps import apps
from django.core.management import CommandError, call_command

# What squawk is told to pass over, and why.
EXCLUDED_RULES = {
    "prefer-robust-stmts",  # Django wraps each migration in a transaction of its own
    "prefer-bigint-over-int",  # small numbers stay small: half-days, tiers, counts of seats
    "prefer-bigint-over-smallint",
    "prefer-text-field",  # lengths are part of what we promise about a column
    "prefer-identity",  # Django decides how keys are made
}
# Migrations of the first landing, and what they may do besides: their tables were empty.
FIRST_LANDING = {
    "access.0001_initial",
    "access.0002_grant_office_kind",
    "access.0003_guards",
    "access.0004_contact_grant_office_kind",
    "core.0001_extensions",
    "core.0002_event_outbox",
    "matching.0001_initial",
    "matching.0002_run_superseded",
    "needs.0001_initial",
    "organizations.0001_initial",
    "people.0001_initial",
    "people.0002_skill_retired_bit",
    "places.0001_initial",
    "programmes.0001_initial",
    "vault.0001_initial",
}
EXCLUDED_ON_EMPTY_TABLES = {
    "ban-drop-constraint",
    "adding-foreign-key-constraint",
    "adding-required-field",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
}
# These drop a check after its wider successor stands; the guarantee that falls is the one replaced.
WIDENED_CHECKS = {
    "matching.0003_run_decided",
    "matching.0007_run_releasing",
    "matching.0013_proposal_once_a_half_day",
    "messaging.0002_reports",
}
# A column that may be empty now; a check in the same migration says when.
LOOSENED_COLUMNS = {"needs.0002_line_timing"}
# As `salam` runs them (commands/runtime.py): nobody waits long for a lock.
PREAMBLE = "SET lock_timeout = '5s';\nSET statement_timeout = '10min';\n"


def sql_of_all() -> dict[str, str]:
    """The SQL of every migration of ours, by app and name."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("salam.")}
    found = {}
    for label, name in sorted(loader.disk_migrations):
        if label in ours:
            output = io.StringIO()
            call_command("sqlmigrate", label, name, stdout=output)
            found[f"{label}.{name}"] = output.getvalue()
    return found


def main() -> int:
    """Django asks a real server what it can do; a throw-away one answers."""
    from salam.config import postgres

    with tempfile.TemporaryDirectory(prefix="salam-sql-") as home:
        os.environ["SALAM_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salam.config.settings")
        with postgres.temporary(home=Path(home), settings=postgres.UNSAFE_AND_FAST) as server:
            os.environ["DATABASE_URL"] = server.url()
            django.setup()
            return _check()


def _check() -> int:
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except (SystemExit, CommandError):
        print("Models and migrations differ: run `python manage.py makemigrations`.")
        return 1
    statements = sql_of_all()
    groups = (
        (FIRST_LANDING, EXCLUDED_ON_EMPTY_TABLES),
        (WIDENED_CHECKS, {"ban-drop-constraint"}),
        (LOOSENED_COLUMNS, {"ban-drop-not-null"}),
        (statements.keys() - FIRST_LANDING - WIDENED_CHECKS - LOOSENED_COLUMNS, set()),
    )
    return max(
        _squawk(
            {name: sql for name, sql in statements.items() if name in names},
            excluded=EXCLUDED_RULES | excluded,
        )
        for names, excluded in groups
    )


def _squawk(statements: dict[str, str], *, excluded: set[str]) -> int:
    squawk = Path(sys.executable).with_name("squawk")
    with tempfile.TemporaryDirectory() as folder:
        for name, sql in statements.items():
            (Path(folder) / f"{name}.sql").write_text(PREAMBLE + sql, encoding="utf-8")
        files = sorted(map(str, Path(folder).glob("*.sql")))
        options = [f"--exclude={','.join(sorted(excluded))}"]
        return subprocess.run([squawk, *options, *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
