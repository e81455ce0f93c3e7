"""`salam bench`: the project's own measurements, each against a named yardstick in the same run."""

from __future__ import annotations

import click

from salam.commands.lazy import LazyGroup

_MEASUREMENTS = {"matching": "salam.commands.bench.matching:matching"}


@click.group(cls=LazyGroup, targets=_MEASUREMENTS)
def bench() -> None:
    """Measure, against a named yardstick in the same run (docs/performance.md)."""
