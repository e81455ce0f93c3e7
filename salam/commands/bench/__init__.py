"""`salam bench`: the project's own measurements, each against a named yardstick in the same run."""

from __future__ import annotations

import click

from salam.commands.bench.matching import matching


@click.group()
def bench() -> None:
    """Measure, against a named yardstick in the same run (docs/performance.md)."""


bench.add_command(matching)
