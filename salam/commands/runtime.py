"""What most commands need first: Django, a running database, and a way to show progress."""

from __future__ import annotations

from datetime import datetime

import django
from django.conf import settings
from django.core.management import call_command

from salam.commands.terminal import answer, console, progress
from salam.core.actors import ConsoleOperator
from salam.core.errors import DomainError

__all__ = [
    "DatabaseStopped",
    "DatabaseUnreachable",
    "answer",
    "console",
    "instant",
    "migrate",
    "operator",
    "progress",
    "ready",
    "require_database",
    "start_database",
    "stop_database",
]


class DatabaseUnreachable(DomainError):
    code = "database_unreachable"

    def __init__(self) -> None:
        super().__init__(
            "پایگاه داده در دسترس نیست. نشانی و دسترسی DATABASE_URL را ببینید، "
            "یا آن را خالی بگذارید تا پایگاه همراه برنامه به کار بیفتد.",
        )


class DatabaseStopped(DomainError):
    code = "database_stopped"

    def __init__(self) -> None:
        super().__init__(
            "پایگاه همراه برنامه خاموش است؛ اول «salam up» یا «salam database start» را بزنید.",
        )


def operator() -> ConsoleOperator:
    """The actor of the command line: whoever may run it holds the server's files anyway."""
    return ConsoleOperator()


def instant() -> datetime:
    """The clock, read at the edge and handed down."""
    from django.utils import timezone

    return timezone.now()


def start_database() -> bool:
    """Start the embedded server unless DATABASE_URL names another; returns whether this call
    started it.
    """
    from salam.config import postgres

    if settings.DATABASE_URL:
        return False
    was_running = postgres.status(home=settings.SALAM_HOME).state is postgres.State.RUNNING
    postgres.start(home=settings.SALAM_HOME, report=lambda line: console.print(f"[dim]{line}"))
    return not was_running


def stop_database() -> None:
    """Stop the embedded server."""
    from salam.config import postgres

    console.print("[dim]پایگاه داده خاموش می‌شود …")
    postgres.stop(home=settings.SALAM_HOME)


def ready() -> bool:
    """Django set up, the database running and migrated, the vault's key in place.

    Returns whether this call started the embedded server. Raises DatabaseUnreachable and the
    DomainErrors of the embedded server and the vault.
    """
    django.setup()
    started = start_database()
    require_database()
    migrate()
    from salam.people.actions import ensure_vault_key, load_catalogue

    if ensure_vault_key():
        console.print(
            f"کلید تازهٔ صندوق اطلاعات تماس در [bold]{settings.SALAM_VAULT_KEY_FILE}[/] ساخته شد. "
            "از آن در جایی امن و جدا از پشتیبان‌ها نسخه بگیرید؛ بی آن هیچ شماره‌ای خوانده نمی‌شود.",
            style="yellow",
        )
    load_catalogue(actor=operator())
    from salam.timebank.actions import ensure_service_hours_bank

    ensure_service_hours_bank(actor=operator(), now=instant())
    return started


def require_database() -> None:
    """Raise DatabaseUnreachable, or DatabaseStopped for the embedded server, unless it answers."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError:
        raise (DatabaseUnreachable if settings.DATABASE_URL else DatabaseStopped) from None


def migrate() -> None:
    """Bring the tables up to date; says so only when there is something to do. Two at once wait
    for each other.
    """
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7300210)")
        try:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if plan:
                console.print("[dim]جدول‌ها به‌روز می‌شوند …")
                # A change that cannot have its lock gives up, rather than hold up the whole site.
                cursor.execute("SET lock_timeout = '5s'")
                cursor.execute("SET statement_timeout = '10min'")
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("RESET statement_timeout")
            cursor.execute("SELECT pg_advisory_unlock(7300210)")
