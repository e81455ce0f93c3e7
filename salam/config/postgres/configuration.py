"""Our settings of the server, in files that a database administrator finds where he looks.

`postgresql.conf` stays as initdb wrote it, but for one `include_dir` line. We write our own two
files in that folder; every other file there is the administrator's and, by its later name, wins.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from salam.config.postgres import disk
from salam.config.postgres.layout import PORT, Layout

OURS = "10-salam.conf"
EXTRA = "50-this-start.conf"
INCLUDE = "\n# Settings of this installation, outside the data folder:\ninclude_dir = '../conf.d'\n"
HEADER = """\
# Written anew by salam at every start. Put your own settings into a file beside this one whose name
# sorts later, for example 90-local.conf: the last value of a setting counts.
"""
MEBIBYTE = 1024 * 1024
SHARED_BUFFERS_MEBIBYTES = 256
SMALL_MEMORY_MEBIBYTES = 2048


def add_include(data: Path) -> None:
    """Let the new cluster in `data` read our folder of settings. Raises OSError."""
    # Not through a link: root writes here in a folder that another user owns.
    handle = os.open(data / "postgresql.conf", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(INCLUDE)


def write(layout: Layout, *, extra: Mapping[str, str]) -> None:
    """Write our settings and those of this start. Raises OSError."""
    disk.replace_text(layout.settings / OURS, HEADER + _lines(_settings(layout)))
    if extra:
        disk.replace_text(layout.settings / EXTRA, HEADER + _lines(extra))
    else:
        (layout.settings / EXTRA).unlink(missing_ok=True)


def _settings(layout: Layout) -> dict[str, str]:
    return {
        # Reached through the socket alone. Quoted inside as well: the value is a list of names.
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": '"{}"'.format(str(layout.sockets).replace('"', '""')),
        "unix_socket_permissions": "0700",
        "cluster_name": layout.name,
        "password_encryption": "scram-sha-256",
        "max_connections": "60",
        "shared_buffers": f"{_shared_buffers_mebibytes()}MB",
        "synchronous_commit": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",  # our own code reads the messages of a failed start
        # One file for each weekday, each written over a week later.
        "logging_collector": "on",
        "log_destination": "stderr",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_file_mode": "0600",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %e ",
        "log_lock_waits": "on",
        # Phone numbers are in statements, in parameters and in the details of errors ("Key (phone)=
        # (0912…) already exists"): none of these is written. The site's own role goes one step
        # further and logs no errors at all (see cluster.py); it shows them to the site instead.
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }


def _shared_buffers_mebibytes() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEBIBYTE
    return SHARED_BUFFERS_MEBIBYTES if memory >= SMALL_MEMORY_MEBIBYTES else max(16, memory // 8)


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{_name(name)} = '{_quoted(value)}'\n" for name, value in settings.items())


def _name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name):
        raise ValueError(f"not a name of a PostgreSQL setting: {name!r}")
    return name


def _quoted(value: str) -> str:
    if "\n" in value:
        raise ValueError("a PostgreSQL setting has one line")
    return value.replace("\\", "\\\\").replace("'", "''")
