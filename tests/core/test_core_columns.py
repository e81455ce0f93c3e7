from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import F
from django.test.utils import isolate_apps

from salam.core.bulk import OutsideTransaction
from salam.core.columns import MissingValue, copy_columns, read_columns

DTYPES = {
    "id": np.int64,
    "large": np.int64,
    "middle": np.int32,
    "small": np.int16,
    "real": np.float64,
    "flag": np.bool_,
}
EXTREMES = {
    "id": np.array([1, 2, 3], np.int64),
    "large": np.array([-(1 << 63), (1 << 63) - 1, -1]),
    "middle": np.array([-(1 << 31), (1 << 31) - 1, 0], np.int32),
    "small": np.array([-(1 << 15), (1 << 15) - 1, 7], np.int16),
    "real": np.array([-1.7976931348623157e308, 5e-324, -0.0]),
    "flag": np.array([True, False, True]),
    "code": np.array([b"05", b"29", b"00"]),
}


@pytest.fixture
def table(db: None) -> Iterator[type[models.Model]]:
    with isolate_apps("salam.core"):

        class Measured(models.Model):
            large = models.BigIntegerField()
            middle = models.IntegerField()
            small = models.SmallIntegerField(null=True)
            real = models.FloatField()
            flag = models.BooleanField()
            code = models.CharField(max_length=2, unique=True)

            class Meta:
                app_label = "core"

            def __str__(self) -> str:
                return self.code

        with connection.schema_editor() as editor:
            editor.create_model(Measured)
        yield Measured


def test_values_at_the_extremes_come_back_as_they_went_in(table: type[models.Model]) -> None:
    copy_columns(model=table, columns=EXTREMES)

    found = read_columns(rows=table.objects.all(), columns=DTYPES, order_by=["id"])

    for name, dtype in DTYPES.items():
        assert found[name].dtype == dtype
        np.testing.assert_array_equal(found[name], EXTREMES[name])
    assert np.signbit(found["real"][2])
    assert list(table.objects.order_by("id").values_list("code", flat=True)) == ["05", "29", "00"]


def test_rows_come_in_the_order_asked_for_and_through_any_lookup(table: type[models.Model]) -> None:
    copy_columns(model=table, columns=EXTREMES)
    rows = table.objects.annotate(half=F("middle") / 2).filter(code__in=["05", "29"])

    found = read_columns(
        rows=rows, columns={"large": np.int64, "half": np.int32}, order_by=["half"]
    )

    assert found["large"].tolist() == [-(1 << 63), (1 << 63) - 1]
    assert found["half"].tolist() == [-(1 << 30), (1 << 30) - 1]


def test_texts_of_several_lengths_come_back_whole(table: type[models.Model]) -> None:
    copy_columns(model=table, columns=EXTREMES | {"code": np.array([b"29", b"2", b"30"])})

    found = read_columns(
        rows=table.objects.all(), columns={"code": "S2", "id": np.int32}, order_by=["id"]
    )

    assert found["code"].tolist() == [b"29", b"2", b"30"]
    assert list(table.objects.order_by("id").values_list("code", flat=True)) == ["29", "2", "30"]


def test_a_union_is_read_at_one_instant(table: type[models.Model]) -> None:
    copy_columns(model=table, columns=EXTREMES)
    first = table.objects.filter(code="29").values_list("id", "flag")
    second = table.objects.filter(code="05").values_list("id", "flag")

    found = read_columns(
        rows=first.union(second, all=True),
        columns={"id": np.int64, "flag": np.bool_},
        order_by=["id"],
    )

    assert found["id"].tolist() == [1, 2]
    assert found["flag"].tolist() == [True, False]


@pytest.mark.parametrize("ids", [[], [99]])
def test_no_rows_are_empty_arrays(table: type[models.Model], ids: list[int]) -> None:
    found = read_columns(rows=table.objects.filter(id__in=ids), columns=DTYPES, order_by=["id"])

    assert {name: (len(column), column.dtype.type) for name, column in found.items()} == {
        name: (0, dtype) for name, dtype in DTYPES.items()
    }
    copy_columns(model=table, columns={name: EXTREMES[name][:0] for name in EXTREMES})
    assert not table.objects.exists()


@pytest.mark.parametrize("missing", [1, 12])
def test_null_is_refused_however_many_there_are(table: type[models.Model], missing: int) -> None:
    for number in range(12):
        table.objects.create(
            id=number,
            large=1,
            middle=1,
            small=None if number < missing else 1,
            real=1.0,
            flag=True,
            code=f"{number:02d}",
        )

    with pytest.raises(MissingValue):
        read_columns(
            rows=table.objects.all(),
            columns={"large": np.int64, "small": np.int16},
            order_by=["large"],
        )


def test_what_does_not_fit_is_refused_both_ways(table: type[models.Model]) -> None:
    too_large = EXTREMES | {"small": np.array([0, 1, 1 << 15])}
    copy_columns(model=table, columns=EXTREMES)

    with pytest.raises(ValueError, match="small: a value outside smallint"):
        copy_columns(model=table, columns=too_large)
    with pytest.raises(DataError), transaction.atomic():
        read_columns(rows=table.objects.all(), columns={"large": np.int32}, order_by=["large"])


def test_checks_of_the_table_hold_and_the_error_quotes_no_row(table: type[models.Model]) -> None:
    copy_columns(model=table, columns=EXTREMES)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        copy_columns(model=table, columns=EXTREMES)

    assert "pkey" in str(refused.value)
    assert "(1)" not in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_columns_belong_to_a_transaction() -> None:
    from salam.core.models import EventCursor

    with pytest.raises(OutsideTransaction):
        copy_columns(model=EventCursor, columns={"event_id": np.array([1])})
