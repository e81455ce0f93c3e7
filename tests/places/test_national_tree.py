"""The real tree, loaded once for this module: what it holds, twice is once, which indexes serve."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from salam.core.actors import ConsoleOperator
from salam.core.models import Event
from salam.core.text import fold_tight
from salam.places.actions import TreeLoad, load_tree
from salam.places.actions.gazetteer import read_capitals
from salam.places.actions.loading import read_national_tree
from salam.places.actions.tree import NationalTree
from salam.places.enums import PlaceKind, PointSource, PopulationSource
from salam.places.models import Place
from salam.places.queries import (
    PlaceCounts,
    ancestors_of,
    children_of,
    get_place,
    place_counts,
    places_within,
    search_places,
)
from tests.places.conftest import ON

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

STEPS: list[tuple[str, int, int]] = []


def report(step: str, done: int, total: int) -> None:
    STEPS.append((step, done, total))


@pytest.fixture(scope="module")
def source() -> NationalTree:
    return read_national_tree(report=report)


@pytest.fixture(scope="module", autouse=True)
def loaded(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    source: NationalTree,
) -> Iterator[TreeLoad]:
    with django_db_blocker.unblock():
        yield load_tree(actor=ConsoleOperator(), source=source, report=report)
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE places_place, core_event CASCADE")


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_whole_country_is_there(loaded: TreeLoad) -> None:
    assert place_counts() == PlaceCounts(
        country=1,
        province=31,
        county=448,
        district=1_099,
        city=1_554,
        city_zone=200,
        rural_district=2_637,
        village=98_100,
    )
    assert (loaded.inserted, loaded.changed, loaded.left_alone) == (103_870, 0, 0)
    event = Event.objects.get()
    assert (event.kind, event.payload["village"]) == ("places.tree_loaded", 98_100)


def test_progress_is_told_from_start_to_end() -> None:
    assert STEPS[0] == ("خواندن فهرست رسمی", 0, 3)
    assert STEPS[-1] == ("پایان", 3, 3)
    assert all(0 <= done <= total for _, done, total in STEPS)


def test_twice_is_once(loaded: TreeLoad, source: NationalTree) -> None:
    before = list(Place.objects.order_by("id").values_list())

    again = load_tree(actor=ConsoleOperator(), source=source)

    assert again.is_unchanged
    assert (again.village, again.populations_published) == (98_100, loaded.populations_published)
    assert list(Place.objects.order_by("id").values_list()) == before
    assert Event.objects.count() == 1


def test_codes_have_their_zeros_and_stand_below_each_other() -> None:
    lengths = {
        (place_kind, len(code))
        for place_kind, code in Place.objects.values_list("kind", "code").distinct()
    }

    assert lengths == {
        ("country", 2),
        ("province", 2),
        ("county", 4),
        ("district", 6),
        ("city", 10),
        ("rural_district", 10),
        ("village", 16),
    }
    assert get_place(code="00").name == "مرکزی"
    strays = [
        code
        for code, parent_code, kind in Place.objects.exclude(
            kind__in=[PlaceKind.COUNTRY, PlaceKind.PROVINCE]
        ).values_list("code", "parent__code", "kind")
        if not code.startswith(parent_code[: 4 if kind == PlaceKind.CITY else 10])
    ]
    assert strays == []


def test_every_province_stands_at_its_capital() -> None:
    provinces = {place.code: place for place in Place.objects.filter(kind=PlaceKind.PROVINCE)}
    capitals = read_capitals()

    assert len(capitals) == 31
    for capital in capitals:
        cities = Place.objects.filter(
            kind=PlaceKind.CITY,
            is_city_zone=False,
            province_code=capital.province_code,
            name_folded=fold_tight(capital.name),
        )
        province = provinces[capital.province_code]
        assert [(city.latitude, city.longitude) for city in cities] == [
            (province.latitude, province.longitude),
        ], capital.name
        assert province.point_source == PointSource.PUBLISHED


def test_points_and_populations_say_where_they_are_from() -> None:
    isfahan, kashan = (
        search_places(text=name, kinds=[PlaceKind.CITY])[0] for name in ("اصفهان", "کاشان")
    )
    zone = Place.objects.get(name="تهران 12")
    tehran = get_place(code="2301021576")

    assert (isfahan.population, kashan.population) == (1_547_164, 304_487)
    assert zone.population == round((tehran.population or 0) / 22)
    assert zone.population_source == PopulationSource.PROXY
    assert (zone.point_source, zone.h3_cell) == (PointSource.PARENT, tehran.h3_cell)
    assert zone.path == f"{tehran.path}.{zone.code}"
    # The hamlet of Maragheh in Khorasan bears the city's population in GeoNames.
    # A name that GeoNames has only in Latin letters, from our own table.
    assert search_places(text="باغستان", kinds=[PlaceKind.CITY])[0].population == 83_934
    largest_village = Place.objects.filter(kind=PlaceKind.VILLAGE).order_by("-population")[0]
    assert (largest_village.population or 0) <= 20_000


def test_sums_add_up_over_every_level() -> None:
    country = get_place(code="ir").population
    for kind in (PlaceKind.PROVINCE, PlaceKind.COUNTY, PlaceKind.DISTRICT):
        populations = Place.objects.filter(kind=kind).values_list("population", flat=True)
        assert sum(number or 0 for number in populations) == country
    assert 75_000_000 < (country or 0) < 90_000_000


def test_subtree_ancestors_and_children_use_indexes() -> None:
    village = Place.objects.filter(kind=PlaceKind.VILLAGE).order_by("id")[50_000]
    with CaptureQueriesContext(connection) as queries:
        assert len(ancestors_of(place=village)) == 5
    county_path = ".".join(village.path.split(".")[:3])

    assert "place_path_tree" in places_within(path=county_path).explain()
    assert "Seq Scan" not in plan_of(queries[0]["sql"])
    above = Place.objects.filter(path__above=village.path)
    assert "place_path_tree" in above.explain()
    parent = Place.objects.get(children=village)
    assert "Seq Scan" not in children_of(place=parent, on=ON).explain()


@pytest.mark.parametrize("text", ["نارمک", "كرمان", "قم", "اسلام شهر", "کرمنشاه"])
def test_search_uses_the_trigram_index(text: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = search_places(text=text)

    assert found
    assert len(queries) <= 3
    for query in queries.captured_queries[:-1]:
        assert "place_name_search" in plan_of(query["sql"])


def test_search_knows_the_country() -> None:
    first = {
        text: search_places(text=text)[0].display_name
        for text in ("كرمان", "قم", "اسلام شهر", "تبریز", "کرمنشاه")
    }

    assert first == {
        "كرمان": "استان کرمان",
        "قم": "استان قم",
        "اسلام شهر": "شهرستان اسلامشهر، استان تهران",
        "تبریز": "شهرستان تبریز، استان آذربایجان شرقی",
        "کرمنشاه": "استان کرمانشاه",
    }
