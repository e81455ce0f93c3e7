"""What a caller needs to connect, and the one honest question: does it answer?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

import psycopg

from salam.core.errors import DomainError

CONNECT_SECONDS = 5


class PasswordRefused(DomainError):
    code = "database_password_refused"

    def __init__(self) -> None:
        super().__init__(
            "گذرواژهٔ پایگاه داده با داده‌ها نمی‌خواند. فایل password را که با این داده‌ها ساخته "
            "شده بود به پوشهٔ postgres برگردانید."
        )


@dataclass(frozen=True)
class Server:
    """One database on one server; `host` is the folder of its socket."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)  # error pages and logs print objects
    database: str

    def url(self) -> str:
        """The connection as in DATABASE_URL.

        The folder stands in the query: as a host name, many parsers would make it lower case.
        """
        user, password = quote(self.user, safe=""), quote(self.password, safe="")
        path, host = quote(self.database, safe=""), quote(self.host, safe="")
        return f"postgresql://{user}:{password}@/{path}?host={host}&port={self.port}"

    def for_administrator(self) -> Server:
        """The same server for its superuser: for measuring and mending, never for the site."""
        return replace(self, user="postgres", database="postgres")


def answers(server: Server) -> bool:
    """Whether a real SELECT comes back. Raises `PasswordRefused`."""
    try:
        with psycopg.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            dbname=server.database,
            connect_timeout=CONNECT_SECONDS,
            # Named, though empty: what is not named is taken from the caller's PG* variables.
            hostaddr="",
            options="",
            sslmode="disable",
        ) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise PasswordRefused from error
        return False
    return True
