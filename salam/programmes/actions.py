"""Published figures in: once from the shipped files, afterwards only from the table."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources

from django.db import transaction

from salam.core.actors import Actor, Scope, require
from salam.core.dates import parse_period
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.programmes.models import PublishedFigure


def load_figures(*, actor: Actor) -> int:
    """Bring the table in line with the shipped figures; returns how many rows changed or are new.

    Loading twice changes nothing. Writes one Event when anything changed.
    """
    require(actor, Verb.FIGURE_LOAD, Scope())
    persian = {row["code"]: row for row in _rows("published_figures_fa.csv")}
    figures = [_figure(row, persian[row["code"]]) for row in _rows("published_figures.csv")]
    options = PublishedFigure._meta  # noqa: SLF001 - documented by Django as public
    names = [field.name for field in options.concrete_fields if field.name != "id"]
    with transaction.atomic():
        known = {row["code"]: row for row in PublishedFigure.objects.values(*names)}
        changed = [
            figure
            for figure in figures
            if known.get(figure.code) != {name: getattr(figure, name) for name in names}
        ]
        PublishedFigure.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=[name for name in names if name != "code"],
        )
        if changed:
            record_event(
                kind="programmes.figures_loaded",
                subject_type="programmes.PublishedFigure",
                subject_id=0,
                actor_id=actor.person_id,
                payload={"figure_count": len(changed)},
            )
    return len(changed)


def _figure(row: Mapping[str, str], persian: Mapping[str, str]) -> PublishedFigure:
    period = parse_period(row["as_of_jalali"])
    return PublishedFigure(
        code=row["code"],
        level=row["level"],
        agency_fa=row["agency_fa"],
        agency_en=row["agency_en"],
        programme_fa=row["programme_fa"],
        programme_en=row["programme_en"],
        indicator_fa=persian["indicator_fa"],
        indicator_en=row["indicator_en"],
        value=_decimal(row["value"]),
        unit=row["unit"],
        unit_fa=persian["unit_fa"],
        target_value=_decimal(row["target_value"]),
        target_place_count=int(row["target_places"]) if row["target_places"] else None,
        as_of_text=row["as_of_jalali"],
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        source=row["source"],
        source_fa=persian["source_fa"],
    )


def _decimal(text: str) -> Decimal | None:
    return Decimal(text).quantize(Decimal("0.01")) if text else None


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("salam.programmes") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
