"""`salam work`: the worker, which does what the site asked for after it had answered."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import click
import django

from salam.commands.runtime import DatabaseUnreachable, console, instant, require_database
from salam.core.errors import DomainError

if TYPE_CHECKING:
    from procrastinate import App

# Two jobs at a time: a slow gateway does not hold up the rest.
CONCURRENCY: Final = 2
_CONNECTIONS_MAX: Final = 4
# A database that is gone for longer ends the worker; whoever watches over it starts it again.
_PATIENCE_SECONDS: Final = 10
_ASKING_TO_STOP: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class TablesNotReady(DomainError):
    code = "tables_not_ready"

    def __init__(self) -> None:
        super().__init__(
            "جدول‌ها با این نسخهٔ برنامه یکی نیست؛ «salam up» آن‌ها را به‌روز می‌کند. بعد دوباره بزنید."
        )


class WorkerStopped(DomainError):
    code = "worker_stopped"

    def __init__(self) -> None:
        super().__init__("کارگر بی‌آنکه کسی بخواهد ایستاد؛ پیام‌های بالا علتش را می‌گویند.")


@click.command()
def work() -> None:
    """Do jobs until Ctrl-C or SIGTERM: deliver messages, keep deadlines. `salam up` runs one; more
    may run beside it.
    """
    django.setup()
    require_database()
    _require_tables()
    from django.db import connection
    from procrastinate.contrib.django import app, connector_params
    from procrastinate.exceptions import ConnectorException
    from procrastinate.psycopg_connector import PsycopgConnector
    from psycopg import Error

    from salam.core.sweeps import note_sweeps

    note_sweeps(now=instant())
    connection.close()
    connector = PsycopgConnector(
        kwargs=connector_params(),
        min_size=1,
        max_size=_CONNECTIONS_MAX,
        timeout=_PATIENCE_SECONDS,
    )
    console.print("[dim]کارگر به کار افتاد.")
    try:
        with app.replace_connector(connector):
            asyncio.run(_work_until_asked(app))
    except (ConnectorException, Error):
        # Without the cause, which may quote the address of the database.
        raise DatabaseUnreachable from None


def _require_tables() -> None:
    """Jobs of another version's tables are left to a worker of that version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise TablesNotReady


async def _work_until_asked(app: App) -> None:
    """Finish what is running when asked to stop. Raises WorkerStopped when nobody asked: the
    library ends as quietly over a lost connection as over a signal.
    """
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ASKING_TO_STOP:
        # What the caller ignores (nohup, a shell's background job) stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, asked.set)
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                concurrency=CONCURRENCY,
                # Failures stay to be seen; what went well is told by the tables it changed.
                delete_jobs="successful",
                install_signal_handlers=False,
            ),
        )
        waiting = asyncio.create_task(asked.wait())
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if working.done():
            working.result()
            raise WorkerStopped
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
