"""`salam database`: the embedded server, by hand."""

from __future__ import annotations

import click
import django
from django.conf import settings

from salam.commands.runtime import answer, start_database
from salam.config import postgres
from salam.core.errors import DomainError


class NotEmbedded(DomainError):
    code = "database_not_embedded"

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL پایگاه دیگری را نام برده است؛ پایگاه همراه برنامه به کار نمی‌رود."
        )


@click.group()
def database() -> None:
    """The embedded PostgreSQL: start, stop, status."""
    django.setup()
    if settings.DATABASE_URL:
        raise NotEmbedded


@database.command()
def start() -> None:
    """Start the server (it goes on after this command)."""
    started = start_database()
    answer("پایگاه داده روشن شد." if started else "پایگاه داده روشن بود.")


@database.command()
def stop() -> None:
    """Stop the server."""
    stopped = postgres.stop(home=settings.SALAM_HOME)
    answer("پایگاه داده خاموش شد." if stopped else "پایگاه داده خاموش بود.")


@database.command()
def status() -> None:
    """Whether it runs, and where its data lie."""
    found = postgres.status(home=settings.SALAM_HOME)
    words = {
        postgres.State.RUNNING: "روشن است",
        postgres.State.STOPPED: "خاموش است",
        postgres.State.NOT_INITIALISED: "هنوز ساخته نشده است",
    }
    answer(f"پایگاه داده {words[found.state]}.")
    for label, value in (
        ("نسخه", found.version),
        ("شمارهٔ پردازه", found.pid),
        ("داده‌ها", found.data),
        ("سوکت", found.sockets),
        ("کاربر سیستم", found.unix_user),
    ):
        if value is not None:
            answer(f"  {label}: {value}")
