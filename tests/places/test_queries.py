from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from salam.core.errors import InvalidInput, PermissionRefused
from salam.places.enums import PlaceKind, TownSize
from salam.places.models import Place
from salam.places.queries import (
    PlaceCounts,
    ancestors_of,
    children_of,
    get_place,
    group_by_part,
    group_by_town_size,
    home_places,
    place_counts,
    places_within,
    search_places,
    town_population,
)
from tests.places.conftest import (
    ARAK,
    ON,
    REY,
    TEHRAN,
    TEHRAN_ZONE,
    VILLAGE,
)
from tests.places.test_neighbourhoods import create


def test_place_is_found_by_code_in_any_digits(tree: dict[str, Place]) -> None:
    assert get_place(code="۲۳۰۱۰۲۱۵۷۶") == tree[TEHRAN]
    assert get_place(code=" IR ") == tree["ir"]
    with pytest.raises(PermissionRefused):
        get_place(code="99")


def test_subtree_and_ancestors(tree: dict[str, Place]) -> None:
    within = places_within(path=tree["2301"].path)

    assert set(within.values_list("code", flat=True)) == {
        "2301",
        "230101",
        "230102",
        TEHRAN,
        TEHRAN_ZONE,
        "2301010001",
        VILLAGE,
    }
    assert [place.code for place in ancestors_of(place=tree[TEHRAN_ZONE])] == [
        "ir",
        "23",
        "2301",
        "230102",
        TEHRAN,
    ]
    assert ancestors_of(place=tree["ir"]) == []


def test_children_are_those_of_the_day_in_alphabetical_order(tree: dict[str, Place]) -> None:
    Place.objects.filter(code="2302").update(valid_from=ON, valid_to=ON + timedelta(days=1))

    codes = [
        [place.code for place in children_of(place=tree["23"], on=ON + timedelta(days=days))]
        for days in (-1, 0, 1)
    ]

    assert codes == [["2301"], ["2301", "2302"], ["2301"]]


def test_counts_leave_closed_places_out(tree: dict[str, Place]) -> None:
    create(is_generated=True)
    Place.objects.filter(code=REY).update(valid_to=ON)

    assert place_counts() == PlaceCounts(
        country=1,
        province=2,
        county=3,
        district=4,
        city=3,
        city_zone=1,
        rural_district=1,
        village=1,
        neighbourhood=1,
        generated=1,
    )


@pytest.mark.parametrize("text", ["نارمک", "نارمك", " نار مک ", "ارمک", "نارم"])
def test_search_finds_any_spelling_and_says_where(tree: dict[str, Place], text: str) -> None:
    create(name="نارمک")

    assert [place.display_name for place in search_places(text=text)] == [
        "نارمک، تهران، استان تهران",
    ]


def test_search_puts_exact_and_large_places_first(tree: dict[str, Place]) -> None:
    create(name="تهرانپارس")
    create(name="شهرک تهران")

    assert [place.code for place in search_places(text="تهران", within_path="ir.23.2301")] == [
        TEHRAN,
        "2301",
        TEHRAN_ZONE,
        f"{TEHRAN}n001",
        f"{TEHRAN}n002",
    ]


def test_search_of_two_letters_finds_beginnings(tree: dict[str, Place]) -> None:
    assert [place.code for place in search_places(text="ری", kinds=[PlaceKind.CITY])] == [REY]


def test_search_offers_names_alike_for_a_slip(tree: dict[str, Place]) -> None:
    assert [place.name for place in search_places(text="مرتضا گرد")] == ["مرتضی گرد"]


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "\\", "'--", "x" * 500])
def test_search_for_nothing_finds_nothing(tree: dict[str, Place], text: str) -> None:
    assert search_places(text=text) == []


def test_search_narrows_by_kind_place_and_number(tree: dict[str, Place]) -> None:
    assert [place.code for place in search_places(text="مرکزی", within_path="ir.00")] == [
        "00",
        "000101",
    ]
    assert [place.code for place in search_places(text="تهران", kinds=[PlaceKind.PROVINCE])] == [
        "23",
    ]
    assert len(search_places(text="مرکزی", limit=1)) == 1


def test_search_leaves_closed_places_out(tree: dict[str, Place]) -> None:
    Place.objects.filter(code=ARAK).update(valid_to=ON)

    assert [place.code for place in search_places(text="اراک")] == ["0001"]


@pytest.mark.parametrize("limit", [1, 3])
def test_search_takes_two_queries(
    tree: dict[str, Place],
    django_assert_num_queries: DjangoAssertNumQueries,
    limit: int,
) -> None:
    with django_assert_num_queries(2):
        assert len(search_places(text="مرکزی", limit=limit)) == limit


def test_display_names_tell_places_apart(tree: dict[str, Place]) -> None:
    create(VILLAGE, name="باغ نو")
    names = {
        place.code: place.display_name
        for text in ("مرتضی گرد", "تهران", "ری", "مرکزی", "باغ نو", "ایران")
        for place in search_places(text=text)
    }

    assert names[VILLAGE] == "مرتضی گرد، دهستان آفتاب، شهرستان تهران، استان تهران"
    assert names[f"{VILLAGE}n001"] == "باغ نو، مرتضی گرد، استان تهران"
    assert names[TEHRAN_ZONE] == "تهران 1، تهران، استان تهران"
    assert names[REY] == "ری، استان تهران"
    assert names["230201"] == "بخش مرکزی، شهرستان ری، استان تهران"
    assert names["2301"] == "شهرستان تهران، استان تهران"
    assert names["23"] == "استان تهران"
    assert names["ir"] == "ایران"


def test_town_of_a_place_is_its_whole_city(tree: dict[str, Place]) -> None:
    in_zone = create(TEHRAN_ZONE)
    Place.objects.filter(code=REY).update(population=None)
    wanted = [in_zone, tree[TEHRAN_ZONE], tree[VILLAGE], tree[REY], tree["ir"]]

    found = Place.objects.filter(pk__in=[place.pk for place in wanted])

    assert dict(found.values_list("pk", town_population())) == {
        in_zone.pk: 7_000_000,
        tree[TEHRAN_ZONE].pk: 7_000_000,
        tree[VILLAGE].pk: 15_000,
        tree[REY].pk: 211,
        tree["ir"].pk: 211,
    }


def test_size_of_a_town_goes_by_its_population_and_a_village_is_a_village(
    tree: dict[str, Place],
) -> None:
    in_zone = create(TEHRAN_ZONE)
    sizes = {}
    for population in (None, 9_999, 10_000, 50_000, 200_000, 999_999, 1_000_000):
        Place.objects.filter(code=REY).update(population=population)
        [sizes[population]] = town_sizes(tree[REY])

    assert sizes == {
        None: TownSize.UNDER_10K,
        9_999: TownSize.UNDER_10K,
        10_000: TownSize.UNDER_50K,
        50_000: TownSize.UNDER_200K,
        200_000: TownSize.UNDER_1M,
        999_999: TownSize.UNDER_1M,
        1_000_000: TownSize.OVER_1M,
    }
    assert town_sizes(tree[VILLAGE], in_zone, tree[VILLAGE]) == [
        TownSize.VILLAGE,
        TownSize.OVER_1M,
        TownSize.VILLAGE,
    ]
    assert group_by_town_size(place_ids=np.empty(0, np.int64)).of.tolist() == []


def test_part_of_a_place_is_what_lies_directly_below(tree: dict[str, Place]) -> None:
    wanted = [tree[TEHRAN_ZONE], tree["23"], tree["ir"], tree[ARAK], tree["23"]]
    province_of_arak = tree[ARAK].path.split(".")[1]

    assert parts("ir", tree, wanted) == ["23", "23", "ir", province_of_arak, "23"]
    assert parts("23", tree, wanted) == ["2301", "23", None, None, "23"]
    assert parts("23", tree, []) == []


def parts(code: str, tree: dict[str, Place], places: list[Place]) -> list[str | None]:
    ids = np.array([place.pk for place in places], np.int64)
    groups = group_by_part(place_ids=ids, path=tree[code].path)
    return [None if row < 0 else groups.names[row] for row in groups.of]


def town_sizes(*places: Place) -> list[str]:
    groups = group_by_town_size(place_ids=np.array([place.pk for place in places], np.int64))
    return [groups.names[row] for row in groups.of]


def test_home_is_found_by_code_or_by_an_unmistakable_name(tree: dict[str, Place]) -> None:
    homes = home_places()

    assert homes.find(code="۱۰۱۱۲۳۴", province="", county="", name="").id == tree[ARAK].pk
    found = homes.find(code="", province="استان تهران", county="ری", name="شهر ری")
    assert (found.id, found.province_code) == (tree[REY].pk, "23")
    # The zone is called otherwise, the county is no home: one Tehran is left.
    assert homes.find(code="", province="", county="", name="تهران").id == tree[TEHRAN].pk


def test_home_that_could_be_two_places_or_none_is_refused(tree: dict[str, Place]) -> None:
    create(name="نارمک")
    create(REY, name="نارمک", latitude=35.6)
    homes = home_places()

    for sought, part in (
        ({"name": "نارمک"}, "چند جا"),
        ({"name": ""}, "خالی"),
        ({"name": "ناکجا"}, "پیدا نشد"),
        ({"name": "ری", "province": "مرکزی"}, "پیدا نشد"),
        ({"name": "ری", "province": "ناکجا"}, "استان «ناکجا»"),
        ({"name": "ری", "county": "ناکجا"}, "شهرستان «ناکجا»"),
        ({"code": "99"}, "کد محل"),
        ({"code": "23"}, "کد محل"),
    ):
        with pytest.raises(InvalidInput, match=part):
            homes.find(**({"code": "", "province": "", "county": "", "name": ""} | sought))
    assert homes.find(code="", province="", county="ری", name="نارمک").code == f"{REY}n001"
