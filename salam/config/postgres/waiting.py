"""Waiting for something another process does."""

from __future__ import annotations

import time
from collections.abc import Callable

# What a caller may pass to be told, in one Persian sentence, why something takes long.
Report = Callable[[str], None]

PAUSE_SECONDS = 0.05


def ignore(_sentence: str) -> None:
    """The report of a caller who does not want to be told."""


def until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Ask `condition` again and again; True as soon as it holds, False after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True
