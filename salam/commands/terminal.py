"""How commands speak, without Django: answers, progress and refusals, always in Persian here.

What needs no database (`salam engine`, `salam bench matching`) loads none of the site.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

# Progress goes to standard error: what a command answers stays alone on standard output.
console = Console(stderr=True, highlight=False)

_PERSIAN = str.maketrans("0123456789,.-", "۰۱۲۳۴۵۶۷۸۹٬٫−")


class Refused(click.ClickException):
    """A refusal in one Persian sentence; the exit code is 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence alone, without click's English word before it."""
        click.echo(self.message, file=file, err=file is None)


def answer(lines: str) -> None:
    """What a command says, on standard output."""
    click.echo(lines)


def in_persian(number: float, *, decimals: int | None = None) -> str:
    """A number with Persian digits and separators: ۱۲٬۳۴۵ or, to two decimals, ۱۲٬۳۴۵٫۶۰."""
    text = f"{number:,}" if decimals is None else f"{number:,.{decimals}f}"
    return text.translate(_PERSIAN)


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for long work: call the given function with (done, total); a total of 0 is unknown."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def show(done: int, total: int = 0) -> None:
            bar.update(task, completed=done, total=total or None)

        yield show


class Stopwatch:
    """Seconds of the stages of a command, for whoever measures."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, title: str) -> Iterator[Callable[[int, int], None]]:
        """A bar as :func:`progress` shows it, whose seconds are kept under the name."""
        began = time.perf_counter()
        with progress(title) as show:
            yield show
        self.seconds[name] = round(time.perf_counter() - began, 1)
