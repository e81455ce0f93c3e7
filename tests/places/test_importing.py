from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from salam.core.models import Event
from salam.core.tables import TableRefused, refusals_path
from salam.places.actions import ImportResult, ListTooShort, create_neighbourhood, import_places
from salam.places.enums import PlaceKind, PointSource, PopulationSource
from salam.places.models import Place, PlaceHistory
from salam.places.queries import get_place
from tests.places.conftest import ARAK, EDITOR, HEADINGS, ON, REY, TEHRAN, TEHRAN_ZONE, VILLAGE

LATER = ON + timedelta(days=30)
Write = Callable[..., Path]


def import_list(path: Path, on: date = ON, **options: object) -> ImportResult:
    return import_places(path=path, actor=EDITOR, on=on, **options)  # type: ignore[arg-type]


def reasons_in(result: ImportResult) -> list[tuple[str, str]]:
    assert result.errors_path is not None
    with result.errors_path.open(encoding="utf-8-sig", newline="") as file:
        return [(row[0], row[1]) for row in list(csv.reader(file))[1:]]


def row(
    *,
    code: object,
    name: object,
    kind: object,
    parent: object,
    latitude: object = "",
    longitude: object = "",
    population: object = "",
    since: object = "",
) -> list[object]:
    return [code, name, kind, parent, latitude, longitude, population, since]


def tehran(**changes: object) -> list[object]:
    return row(**({"code": TEHRAN, "name": "تهران", "kind": "شهر", "parent": "230102"} | changes))


def test_new_places_come_in_below_each_other(tree: dict[str, Place], write_csv: Write) -> None:
    path = write_csv(
        row(code="2303011700", name="تجریش", kind="city", parent="230301", population="۸۵٬۰۰۰"),
        row(code="230301", name="مرکزی", kind="بخش", parent="2303", since="۱۴۰۴/۰۱/۰۱"),
        row(code="2303", name="شميرانات", kind="شهرستان", parent=23),
    )

    result = import_list(path)

    assert (result.inserted, result.refused, result.errors_path) == (3, 0, None)
    city = get_place(code="2303011700")
    assert city.path == "ir.23.2303.230301.2303011700"
    assert (city.population, city.population_source) == (85_000, PopulationSource.PUBLISHED)
    assert (city.point_source, city.valid_from) == (PointSource.PARENT, ON)
    assert (city.latitude, city.longitude) == (tree["23"].latitude, tree["23"].longitude)
    county = get_place(code="2303")
    assert (county.name, county.population) == ("شمیرانات", 85_000)
    assert get_place(code="230301").valid_from == date(2025, 3, 21)
    # Cities and the village; the zone is within its city.
    assert get_place(code="ir").population == 7_000_000 + 200_000 + 500_000 + 15_000 + 85_000


def test_workbook_without_leading_zeros_is_understood(
    tree: dict[str, Place],
    write_xlsx: Write,
) -> None:
    path = write_xlsx(
        row(code=102, name="خنداب", kind="بخش", parent=1, latitude=34.39, longitude=49.18),
        row(code=1021301, name="خنداب", kind="شهر", parent=102, population=7810),
    )

    result = import_list(path)

    assert (result.inserted, result.refused) == (2, 0)
    assert get_place(code="0001021301").path == "ir.00.0001.000102.0001021301"
    assert get_place(code="000102").point_source == PointSource.PUBLISHED
    assert get_place(code="0001021301").latitude == 34.39


def test_same_file_twice_changes_nothing(tree: dict[str, Place], write_csv: Write) -> None:
    path = write_csv(
        tehran(name="تهران بزرگ", population=8_000_000, latitude="35٫7", longitude="51/4"),
        row(code="2303", name="شمیرانات", kind="شهرستان", parent="23"),
    )
    import_list(path)
    before = (list(Place.objects.order_by("id").values()), Event.objects.count())

    result = import_list(path, on=LATER)

    assert (result.unchanged, str(result)) == (2, "چیزی عوض نشد.")
    assert (result.inserted, result.renamed, result.updated) == (0, 0, 0)
    assert (list(Place.objects.order_by("id").values()), Event.objects.count()) == before


def test_renamed_place_keeps_its_old_name_in_history(
    tree: dict[str, Place],
    write_csv: Write,
) -> None:
    result = import_list(write_csv(tehran(name="تهران بزرگ", since="1405/06/01")))
    again = import_list(write_csv(tehran(name="تهران")), on=LATER)

    assert (result.renamed, again.renamed) == (1, 1)
    assert get_place(code=TEHRAN).name == "تهران"
    assert list(
        PlaceHistory.objects.order_by("id").values_list(
            "place__code", "name", "parent_code", "valid_from", "valid_to"
        ),
    ) == [
        (TEHRAN, "تهران", "230102", None, date(2026, 8, 23)),
        (TEHRAN, "تهران بزرگ", "230102", date(2026, 8, 23), LATER),
    ]


def test_list_older_than_what_is_known_is_refused(
    tree: dict[str, Place],
    write_csv: Write,
) -> None:
    import_list(write_csv(tehran(name="تهران بزرگ")), on=LATER)

    result = import_list(write_csv(tehran(name="طهران")), on=ON)

    assert result.refused == 1
    assert "کهنه" in reasons_in(result)[0][1]
    assert get_place(code=TEHRAN).name == "تهران بزرگ"


def test_moved_county_takes_everything_below_along(
    tree: dict[str, Place],
    write_csv: Write,
) -> None:
    narmak = create_neighbourhood(
        actor=EDITOR, parent_code=TEHRAN, name="نارمک", latitude=35.7, longitude=51.4, on=ON
    )

    # The district moves inside the moved county: both walks meet the same places.
    result = import_list(
        write_csv(
            row(code="2301", name="تهران", kind="شهرستان", parent="00"),
            row(code="2303", name="شمیرانات", kind="شهرستان", parent="00"),
            row(code="230102", name="مرکزی", kind="بخش", parent="2303"),
            row(code="2301021999", name="نوشهرک", kind="شهر", parent="230102"),
        ),
    )

    assert (result.moved, result.inserted) == (2, 2)
    paths = dict(Place.objects.values_list("code", "path"))
    assert paths[VILLAGE] == f"ir.00.2301.230101.2301010001.{VILLAGE}"
    assert paths[narmak.code] == f"ir.00.2303.230102.{TEHRAN}.{narmak.code}"
    assert paths[TEHRAN_ZONE] == f"ir.00.2303.230102.{TEHRAN}.{TEHRAN_ZONE}"
    assert paths["2301021999"] == "ir.00.2303.230102.2301021999"
    assert paths[REY] == f"ir.23.2302.230201.{REY}"
    assert set(
        Place.objects.filter(path__within="ir.00").values_list("province_code", flat=True),
    ) == {"00"}
    assert get_place(code="00").population == 7_515_000
    moved = Event.objects.filter(kind="places.place_moved").order_by("id")
    assert [event.payload for event in moved] == [{"place_code": "2301"}, {"place_code": "230102"}]
    assert get_place(code=VILLAGE).latitude == tree[VILLAGE].latitude


def test_points_are_inherited_anew(tree: dict[str, Place], write_csv: Write) -> None:
    result = import_list(
        write_csv(
            row(
                code="23", name="تهران", kind="استان", parent="", latitude="35.5", longitude="51.2"
            ),
        ),
    )

    assert result.updated == 1
    inherited = Place.objects.filter(path__within="ir.23", point_source=PointSource.PARENT)
    assert set(inherited.values_list("latitude", "longitude")) == {(35.5, 51.2)}
    assert get_place(code=TEHRAN).latitude == tree[TEHRAN].latitude


def test_complete_list_closes_what_it_lacks_and_reopens(
    tree: dict[str, Place],
    write_csv: Write,
) -> None:
    arak = row(code=ARAK, name="اراک", kind="شهر", parent="000101")

    partial = import_list(write_csv(tehran(), arak))
    closing = import_list(write_csv(tehran(), arak), complete=True)
    again = import_list(write_csv(tehran(), arak), complete=True)

    assert (partial.closed, closing.closed, again.closed) == (0, 1, 0)
    rey = get_place(code=REY)
    assert rey.valid_to == ON
    # Official lists name no zones: a list of cities alone says nothing about them.
    assert get_place(code=TEHRAN_ZONE).valid_to is None
    assert get_place(code="2302").population == 0

    reopened = import_list(write_csv(row(code=REY, name="ری", kind="شهر", parent="230201")))

    assert reopened.reopened == 1
    assert get_place(code=REY).valid_to is None
    assert get_place(code="2302").population == 200_000


def test_complete_list_with_a_refused_row_closes_nothing(
    tree: dict[str, Place],
    write_csv: Write,
) -> None:
    result = import_list(write_csv(tehran(), tehran(code="?")), complete=True)

    assert (result.closed, result.is_closing_held) == (0, True)
    assert str(result) == "۱ سطر ردشده. تا سطری رد شود، جایی بسته نمی‌شود."
    assert get_place(code=REY).valid_to is None


def test_fragment_said_to_be_complete_is_refused(
    tree: dict[str, Place],
    write_csv: Write,
) -> None:
    rows = [
        row(code=f"23010100010001{n:02d}", name=f"ده {n}", kind="روستا", parent="2301010001")
        for n in range(2, 40)
    ]
    import_list(write_csv(*rows))

    with pytest.raises(ListTooShort, match="کامل به نظر نمی‌رسد"):
        import_list(write_csv(rows[0]), complete=True, on=LATER)

    assert not Place.objects.filter(valid_to__isnull=False).exists()


def test_dry_run_counts_and_writes_nothing(tree: dict[str, Place], write_csv: Write) -> None:
    before = list(Place.objects.order_by("id").values())

    result = import_list(
        write_csv(
            tehran(name="تهران بزرگ"), row(code="2303", name="ن", kind="شهرستان", parent="23")
        ),
        dry_run=True,
        complete=True,
    )

    assert (result.is_dry_run, result.renamed, result.inserted) == (True, 1, 1)
    assert str(result).startswith("آزمایشی: ۱ جای تازه، ۱ نام تازه")
    assert list(Place.objects.order_by("id").values()) == before
    assert not Event.objects.exists()
    assert not PlaceHistory.objects.exists()


BAD_ROWS = [
    (tehran(code=""), "خالی است"),
    (tehran(code="23010215760"), "باید ۱۰ رقم باشد، نه ۱۱ رقم"),
    (tehran(code="230102"), "باید ۱۰ رقم باشد، نه ۶ رقم"),
    (tehran(code="2.30102E+15"), "به شکل متن"),
    (tehran(name=""), "نام خالی است"),
    (tehran(name="<script>"), "نویسه‌هایی"),
    (tehran(name="--"), "نام خالی است"),
    (tehran(name="ء"), "حرف یا رقمی ندارد"),
    (tehran(name="ن" * 81), "بلندتر از"),
    (tehran(kind="کشور"), "نوع باید یکی از این‌ها باشد"),
    (tehran(kind="سیاره"), "نوع باید یکی از این‌ها باشد"),
    (tehran(kind="روستا", code=VILLAGE, parent="2301010002"), "نه در سامانه هست و نه در این فایل"),
    (tehran(parent=""), "کد بالادست خالی است"),
    (tehran(parent="2301010001"), "بالادست شهر باید بخش یا شهر باشد"),
    (tehran(parent=TEHRAN), "همان کد خود"),
    (tehran(parent=TEHRAN_ZONE), "زیر منطقهٔ شهری"),
    (tehran(parent=REY), "شهری که خود منطقه دارد"),
    (tehran(code="2301010001", parent="230101"), "کد یک دهستان است"),
    (tehran(latitude="35.7"), "با هم"),
    (tehran(latitude="51.4", longitude="35.7"), "جای آن دو عوض شده"),
    (tehran(latitude="nan", longitude="51.4"), "عدد اعشاری"),
    (tehran(population="-5"), "عدد درست"),
    (tehran(population="9" * 30), "عدد درست"),
    (tehran(since="1405/13/01"), "تقویم"),
    (tehran(code=f"{TEHRAN}x1", kind="محله", parent=TEHRAN), "حرف n"),
    (row(code="23", name="تهران", kind="استان", parent="00"), "بالادست استان کشور است"),
]


@pytest.mark.parametrize(("bad", "part"), BAD_ROWS, ids=[part for _, part in BAD_ROWS])
def test_bad_row_is_refused_by_number_and_the_rest_comes_in(
    tree: dict[str, Place],
    write_csv: Write,
    bad: list[object],
    part: str,
) -> None:
    good = row(code="2303", name="شمیرانات", kind="شهرستان", parent="23")

    result = import_list(write_csv(good, bad))

    assert (result.inserted, result.refused) == (1, 1)
    [(number, reason)] = reasons_in(result)
    assert number == "3"
    assert part in reason


def test_cities_below_each_other_are_refused(tree: dict[str, Place], write_csv: Write) -> None:
    path = write_csv(
        row(code=REY, name="ری", kind="شهر", parent=ARAK),
        row(code=ARAK, name="اراک", kind="شهر", parent=REY),
    )

    result = import_list(path)

    assert (result.moved, result.refused) == (1, 1)
    assert get_place(code=REY).is_city_zone
    assert get_place(code=ARAK).path == f"ir.00.0001.000101.{ARAK}"


def test_double_code_and_closed_parent_are_refused(
    tree: dict[str, Place],
    write_csv: Write,
) -> None:
    Place.objects.filter(code="000101").update(valid_to=ON)

    result = import_list(
        write_csv(tehran(), tehran(), row(code=ARAK, name="اراک نو", kind="شهر", parent="000101")),
    )

    assert [number for number, _ in reasons_in(result)] == ["3", "4"]
    assert "سطر ۲" in reasons_in(result)[0][1]
    assert "دیگر در فهرست رسمی نیست" in reasons_in(result)[1][1]


def test_refusals_go_to_the_folder_given(
    tree: dict[str, Place],
    write_csv: Write,
    tmp_path: Path,
) -> None:
    source = write_csv(tehran(code="x"))
    result = import_list(source, errors_folder=tmp_path / "errors")

    assert result.errors_path == refusals_path(source=source, folder=tmp_path / "errors")
    assert result.errors_path.exists()


def test_file_without_rows_or_columns_stops_before_any_write(
    tree: dict[str, Place],
    write_csv: Write,
) -> None:
    with pytest.raises(TableRefused, match="سطری ندارد"):
        import_list(write_csv())
    with pytest.raises(TableRefused, match="«نوع»"):
        import_list(write_csv(["2303", "ن"], headings=["کد", "نام"]))
    with pytest.raises(TableRefused, match="UTF-8"):
        import_list(write_csv(tehran(name="تهران"), headings=HEADINGS[:4], encoding="cp1256"))

    assert not Event.objects.exists()


def test_zone_and_neighbourhood_may_be_listed(tree: dict[str, Place], write_csv: Write) -> None:
    result = import_list(
        write_csv(
            row(code="2302012001", name="ری 1", kind="شهر", parent=REY),
            row(code=f"{REY}n001", name="جوانمرد", kind="محله", parent=REY),
        ),
    )

    assert result.inserted == 2
    assert get_place(code="2302012001").is_city_zone
    assert get_place(code=f"{REY}n001").kind == PlaceKind.NEIGHBOURHOOD
    assert get_place(code="2302").population == 200_000
