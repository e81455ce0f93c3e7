"""`salam import`: people and places from files."""

from __future__ import annotations

import json
from pathlib import Path

import click
from django.conf import settings

from salam.commands.runtime import answer, instant, operator, progress, ready
from salam.core.dates import local_day
from salam.core.quantities import grouped


@click.group("import")
def import_group() -> None:
    """People and places in from CSV or XLSX; refused rows are listed by number in an errors
    file.
    """


@import_group.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def volunteers(file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Register the people of FILE; without a fresh consent they come in invited, not matchable."""
    ready()
    from salam.people.actions import import_volunteers

    with progress("داوطلبان") as show:
        outcome = import_volunteers(
            actor=operator(),
            path=file,
            errors_folder=settings.SALAM_HOME / "imports",
            now=instant(),
            dry_run=dry_run,
            report=lambda rows: show(rows, 0),
        )
    counts = {
        "rows": outcome.rows,
        "created": outcome.created,
        "matchable": outcome.matchable,
        "known": outcome.known,
        "differing": outcome.differing,
        "refused": outcome.refused,
        "dry_run": outcome.is_dry_run,
    }
    if as_json:
        answer(json.dumps(counts))
    else:
        answer(
            f"{grouped(outcome.rows)} ردیف خوانده شد: {grouped(outcome.created)} نفر تازه "
            f"({grouped(outcome.matchable)} نفر آمادهٔ پیشنهاد)، "
            f"{grouped(outcome.known)} نفر از پیش ثبت‌شده، "
            f"{grouped(outcome.refused)} ردیف پذیرفته نشد."
            + (" چیزی نوشته نشد." if dry_run else ""),
        )
    if outcome.errors_path:
        click.echo(f"شمارهٔ ردیف‌ها و علت‌ها: {outcome.errors_path}", err=True)


@import_group.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row, write nothing.")
@click.option(
    "--complete",
    is_flag=True,
    help="FILE is the whole list of its kinds: close what it leaves out.",
)
def places(file: Path, *, dry_run: bool, complete: bool) -> None:
    """Bring in a newer official list of places, with validity dates."""
    ready()
    from salam.places.actions import import_places

    with progress("جاها") as show:
        outcome = import_places(
            actor=operator(),
            path=file,
            on=local_day(instant()),
            dry_run=dry_run,
            complete=complete,
            errors_folder=settings.SALAM_HOME / "imports",
            report=lambda _stage, done, total: show(done, total),
        )
    answer(str(outcome))
