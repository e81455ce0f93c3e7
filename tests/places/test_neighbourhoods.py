from __future__ import annotations

import math
from threading import Barrier, Thread

import pytest
from django.db import connection

from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.core.verbs import Verb
from salam.places.actions import (
    NeighbourhoodRefused,
    NewNeighbourhood,
    create_neighbourhood,
    create_neighbourhoods,
)
from salam.places.enums import PlaceKind, PointSource, PopulationSource
from salam.places.models import Place
from tests.places.conftest import (
    ARAK,
    EDITOR,
    ON,
    TEHRAN,
    TEHRAN_POINT,
    TEHRAN_ZONE,
    VILLAGE,
    HolderOf,
    plant_tree,
)


def create(parent_code: str = TEHRAN, name: str = "نارمک", **changes: object) -> Place:
    values: dict[str, object] = {
        "actor": EDITOR,
        "latitude": 35.73,
        "longitude": 51.5,
        "on": ON,
        **changes,
    }
    return create_neighbourhood(parent_code=parent_code, name=name, **values)  # type: ignore[arg-type]


def test_neighbourhood_gets_code_path_point_and_event(tree: dict[str, Place]) -> None:
    place = create(name="نارمك")

    assert place.code == f"{TEHRAN}n001"
    assert place.path == f"{tree[TEHRAN].path}.{TEHRAN}n001"
    assert (place.name, place.name_folded) == ("نارمک", "نارمک")
    assert place.province_code == "23"
    assert place.kind == PlaceKind.NEIGHBOURHOOD
    assert place.point_source == PointSource.GIVEN
    assert place.population_source == PopulationSource.UNKNOWN
    assert place.valid_from == ON
    assert not place.is_generated
    event = Event.objects.get()
    assert (event.kind, event.subject_id, event.actor_id) == (
        "places.neighbourhood_created",
        place.pk,
        7,
    )
    assert event.payload == {"place_code": f"{TEHRAN}n001", "is_generated": False}


def test_serials_go_on_after_the_last_one(tree: dict[str, Place]) -> None:
    created = [create(name=f"محله {number}").code for number in range(1, 4)]
    Place.objects.filter(code=created[1]).delete()

    assert create(name="تازه").code == f"{TEHRAN}n004"


@pytest.mark.parametrize("parent_code", [TEHRAN_ZONE, VILLAGE])
def test_zone_and_village_may_have_neighbourhoods(
    tree: dict[str, Place],
    parent_code: str,
) -> None:
    assert create(parent_code).path == f"{tree[parent_code].path}.{parent_code}n001"


@pytest.mark.parametrize("parent_code", ["ir", "23", "2301", "230101", "2301010001"])
def test_neighbourhood_elsewhere_is_refused(tree: dict[str, Place], parent_code: str) -> None:
    with pytest.raises(NeighbourhoodRefused, match="زیر یک شهر"):
        create(parent_code)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": " "}, InvalidInput),
        ({"name": "<b>نارمک"}, InvalidInput),
        ({"name": "ن" * 81}, InvalidInput),
        ({"name": "--"}, InvalidInput),
        ({"name": "ء"}, InvalidInput),
        ({"name": "\ufdfa" * 80}, InvalidInput),
        ({"latitude": 32.6}, NeighbourhoodRefused),
        ({"latitude": 51.5, "longitude": 35.7}, NeighbourhoodRefused),
        ({"longitude": math.nan}, NeighbourhoodRefused),
        ({"latitude": math.inf}, NeighbourhoodRefused),
        ({"parent_code": "9999999999"}, PermissionRefused),
    ],
)
def test_bad_neighbourhood_is_refused_and_leaves_nothing(
    tree: dict[str, Place],
    changes: dict[str, object],
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        create(**changes)  # type: ignore[arg-type]

    assert not Place.objects.filter(kind=PlaceKind.NEIGHBOURHOOD).exists()
    assert not Event.objects.exists()


def test_same_name_in_the_same_place_is_refused(tree: dict[str, Place]) -> None:
    create(name="علی آباد")

    with pytest.raises(NeighbourhoodRefused, match="پیش‌تر"):
        create(name="علی‌آباد")
    assert create(TEHRAN_ZONE, name="علی آباد").code == f"{TEHRAN_ZONE}n001"


def test_neighbourhood_of_a_closed_city_is_refused(tree: dict[str, Place]) -> None:
    Place.objects.filter(code=TEHRAN).update(valid_to=ON)

    with pytest.raises(NeighbourhoodRefused, match="دیگر در فهرست رسمی نیست"):
        create()


def test_batch_is_made_in_order_and_says_it_is_generated(tree: dict[str, Place]) -> None:
    made = create_neighbourhoods(
        actor=EDITOR,
        neighbourhoods=[
            NewNeighbourhood(parent_code=code, name=f"محله {n}", latitude=35.6, longitude=51.4)
            for n, code in enumerate([TEHRAN, VILLAGE, TEHRAN])
        ],
        on=ON,
        is_generated=True,
    )

    assert [place.code for place in made] == [f"{TEHRAN}n001", f"{VILLAGE}n001", f"{TEHRAN}n002"]
    assert {place.point_source for place in made} == {PointSource.GENERATED}
    assert all(place.is_generated for place in made)
    assert Event.objects.count() == 3


def test_batch_is_all_or_nothing(tree: dict[str, Place]) -> None:
    batch = [
        NewNeighbourhood(parent_code=TEHRAN, name=name, latitude=35.6, longitude=51.4)
        for name in ("نارمک", "نارمک")
    ]

    with pytest.raises(NeighbourhoodRefused):
        create_neighbourhoods(actor=EDITOR, neighbourhoods=batch, on=ON)

    assert not Place.objects.filter(kind=PlaceKind.NEIGHBOURHOOD).exists()
    assert create_neighbourhoods(actor=EDITOR, neighbourhoods=[], on=ON) == []


def test_editor_of_another_province_is_refused(tree: dict[str, Place]) -> None:
    of_markazi = HolderOf(frozenset({Verb.PLACE_EDIT}), path="ir.00")

    with pytest.raises(PermissionRefused):
        create(actor=of_markazi)
    assert create(ARAK, actor=of_markazi, latitude=34.1, longitude=49.7).province_code == "00"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_different_codes() -> None:
    plant_tree()
    barrier = Barrier(2)
    codes: list[str] = []

    def make(name: str) -> None:
        try:
            barrier.wait()
            codes.append(
                create(name=name, latitude=TEHRAN_POINT.latitude).code,
            )
        finally:
            connection.close()

    threads = [Thread(target=make, args=[f"محله {n}"]) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [f"{TEHRAN}n001", f"{TEHRAN}n002"]
