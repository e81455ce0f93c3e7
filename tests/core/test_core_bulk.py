from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from salam.core.bulk import OutsideTransaction, copy_rows, reserve_ids
from salam.core.models import EventCursor


@pytest.fixture
def table(db: None) -> Iterator[type[models.Model]]:
    """A table of every kind of column, for the length of one test."""
    with isolate_apps("salam.core"):

        class Sample(models.Model):
            name = models.TextField(unique=True)
            facts = models.JSONField(null=True)
            numbers = ArrayField(models.IntegerField(), null=True)
            words = ArrayField(models.TextField(), default=list)
            on = models.DateField(null=True)
            at = models.DateTimeField(null=True)
            noted_at = models.DateTimeField(db_default=models.functions.Now())
            parent = models.ForeignKey("self", models.CASCADE, null=True)

            class Meta:
                app_label = "core"

            def __str__(self) -> str:
                return self.name

        with connection.schema_editor() as editor:
            editor.create_model(Sample)
        yield Sample


COLUMNS = ("id", "name", "facts", "numbers", "words", "on", "at", "parent_id")


def test_rows_come_back_as_they_were_written(table: type[models.Model]) -> None:
    rows = [
        (
            1,
            "تب\tو خط\nنو و \\N",
            {"کلید": [1, None, "«متن»"], "is": True},
            [1, 2, None],
            ["الف", "a,b", '"c"', "{}"],
            date(2026, 11, 22),
            datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
            None,
        ),
        (2, "", None, None, [], None, None, 1),
    ]

    copy_rows(model=table, columns=COLUMNS, rows=rows)

    written = table.objects.order_by("pk")  # type: ignore[attr-defined]
    assert list(written.values_list(*COLUMNS)) == rows
    assert written.filter(facts__isnull=True).count() == 1
    assert written.filter(noted_at__isnull=True).count() == 0


def test_no_rows_write_nothing(table: type[models.Model]) -> None:
    copy_rows(model=table, columns=COLUMNS, rows=[])

    assert table.objects.count() == 0  # type: ignore[attr-defined]


def test_constraints_hold_and_a_broken_batch_leaves_nothing(table: type[models.Model]) -> None:
    twice = [(number, "همان", None, None, [], None, None, None) for number in (1, 2)]

    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(model=table, columns=COLUMNS, rows=twice)

    assert table.objects.count() == 0  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_rows_outside_a_transaction_are_refused() -> None:
    with pytest.raises(OutsideTransaction):
        copy_rows(model=EventCursor, columns=("name",), rows=[("alone",)])


@pytest.mark.django_db
def test_reserved_ids_are_never_handed_out_again() -> None:
    first = reserve_ids(model=EventCursor, count=3)
    second = reserve_ids(model=EventCursor, count=2)
    created = EventCursor.objects.create(name="next")

    assert len({*first, *second, created.pk}) == 6
    assert reserve_ids(model=EventCursor, count=0) == []


def test_a_refused_row_is_not_quoted_in_the_error(table: type[models.Model]) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        copy_rows(
            model=table,
            columns=("name", "words"),
            rows=[("نام کاشته", []), ("نام کاشته", [])],
        )

    assert "نام کاشته" not in str(caught.value)
    assert "constraint" in str(caught.value)
