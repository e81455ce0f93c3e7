"""`salam`: the one entry point.

Commands are imported when they are called: `salam --help` is quick, and what needs no database
loads no Django.
"""

from __future__ import annotations

import os
import sys

import click

from salam.commands.lazy import LazyGroup

_COMMANDS = {
    "assets": "salam.commands.assets:assets",
    "bench": "salam.commands.bench:bench",
    "check": "salam.commands.check:check",
    "database": "salam.commands.database:database",
    "demo": "salam.commands.demo:demo",
    "engine": "salam.commands.engine:engine",
    "import": "salam.commands.importing:import_group",
    "load": "salam.commands.load:load",
    "logins": "salam.commands.logins:logins",
    "match": "salam.commands.match:match",
    "messages": "salam.commands.messages:messages",
    "timebank": "salam.commands.timebank:timebank",
    "up": "salam.commands.up:up",
    "work": "salam.commands.work:work",
}


@click.group(cls=LazyGroup, targets=_COMMANDS)
@click.version_option(package_name="salam")
def cli() -> None:
    """Salam connects what people can give to what neighbourhoods need, and counts what came of
    it.
    """


def main() -> None:
    """Exit codes: 0 done, 1 refused with the reason in one sentence, 2 bad usage."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salam.config.settings")
    try:
        # Without click's own exits, an Exit raised by a command comes back as its code.
        code = cli(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("متوقف شد.", err=True)
        sys.exit(130)
    except click.UsageError as usage:
        usage.show()
        sys.exit(2)
    except click.ClickException as refusal:
        refusal.show()
        sys.exit(1)
    except Exception as error:
        sentence = _refusal(error)
        if sentence is None:
            raise
        click.echo(sentence, err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _refusal(error: Exception) -> str | None:
    """One sentence for an error that is no mistake of ours; none for one that is."""
    # Imported only now: commands that need no database load none of the site.
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from salam.core.errors import DomainError

    if isinstance(error, DomainError):
        return error.sentence
    if isinstance(error, ImproperlyConfigured):
        return f"پیکربندی درست نیست: {error}"
    if isinstance(error, DatabaseError):
        # Its text may quote a whole row, so only the number of its kind is told.
        state = getattr(error.__cause__, "sqlstate", None) or type(error).__name__
        return f"پایگاه داده این کار را نپذیرفت (کد {state})؛ چیزی نوشته نشد."
    return None
