"""The published figures as they were said: 75, each with its source, none of our own making."""

from __future__ import annotations

import csv
import hashlib
from decimal import Decimal
from importlib import resources

import pytest
from django.db import IntegrityError, transaction

from salam.core.actors import ConsoleOperator, Stranger
from salam.core.dates import parse_period
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.programmes.actions import load_figures
from salam.programmes.enums import FigureLevel
from salam.programmes.models import PublishedFigure
from salam.programmes.queries import list_figures

pytestmark = pytest.mark.django_db

# Of the file as it was collected from the sources: a figure that changes must change here too.
SHIPPED_SHA256 = "a61ac508e8b000511484bee136511a0a5d1da75057e402928d303f0af961700e"


def shipped(name: str = "published_figures.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(shipped_bytes(name).decode().splitlines()))


def shipped_bytes(name: str) -> bytes:
    return (resources.files("salam.programmes") / "data" / name).read_bytes()


def load() -> int:
    return load_figures(actor=ConsoleOperator())


def decimal_or_none(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def test_all_75_are_loaded_as_they_were_published() -> None:
    assert load() == 75

    rows = {row["code"]: row for row in shipped()}
    figures = list(list_figures())
    assert len(rows) == len(figures) == 75
    for figure in figures:
        row = rows[figure.code]
        for column in (
            "level",
            "agency_fa",
            "agency_en",
            "programme_fa",
            "programme_en",
            "indicator_en",
            "unit",
            "source",
        ):
            assert getattr(figure, column) == row[column]
        assert figure.value == decimal_or_none(row["value"])
        assert figure.target_value == decimal_or_none(row["target_value"])
        assert str(figure.target_place_count or "") == row["target_places"]
        assert figure.as_of_text == row["as_of_jalali"]


def test_no_figure_was_changed_or_invented() -> None:
    digest = hashlib.sha256(shipped_bytes("published_figures.csv")).hexdigest()

    assert digest == SHIPPED_SHA256
    assert {row["code"] for row in shipped("published_figures_fa.csv")} == {
        row["code"] for row in shipped()
    }


def test_each_has_a_source_a_period_and_persian_words() -> None:
    load()

    for figure in list_figures():
        assert figure.source
        assert figure.source_fa
        assert figure.indicator_fa
        assert figure.unit_fa
        assert figure.level in FigureLevel.values
        period = parse_period(figure.as_of_text)
        assert (figure.starts_on, figure.ends_on) == (period.starts_on, period.ends_on)


def test_a_value_is_missing_only_where_a_target_was_published() -> None:
    load()

    without = PublishedFigure.objects.filter(value__isnull=True)
    assert 0 < without.count() < 75
    assert not without.filter(target_value__isnull=True).exists()
    assert set(without.values_list("code", flat=True)) == {
        row["code"] for row in shipped() if not row["value"]
    }
    assert PublishedFigure.objects.get(code="campaign.volunteers.registered").value == 300_000
    assert PublishedFigure.objects.get(code="licences.on_time_1402").value == 37


def test_loading_twice_changes_nothing() -> None:
    load()
    before = list(PublishedFigure.objects.order_by("pk").values_list())

    assert load() == 0

    assert list(PublishedFigure.objects.order_by("pk").values_list()) == before
    assert Event.objects.get(kind="programmes.figures_loaded").payload == {"figure_count": 75}


def test_a_figure_that_was_altered_is_brought_back() -> None:
    load()
    PublishedFigure.objects.filter(code="licences.on_time_1402").update(value=73)

    assert load() == 1

    assert PublishedFigure.objects.get(code="licences.on_time_1402").value == 37
    assert PublishedFigure.objects.count() == 75


def test_only_who_may_loads_figures() -> None:
    with pytest.raises(PermissionRefused):
        load_figures(actor=Stranger())
    assert not PublishedFigure.objects.exists()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"value": None, "target_value": None}, "figure_says_value_or_target"),
        ({"source": ""}, "figure_has_source"),
        ({"level": "county"}, "figure_level_known"),
        ({"ends_on": "2000-01-01"}, "figure_period_in_order"),
    ],
)
def test_the_table_refuses_a_figure_that_says_too_little(
    changes: dict[str, object],
    constraint: str,
) -> None:
    load()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PublishedFigure.objects.filter(code="policy.axes").update(**changes)
