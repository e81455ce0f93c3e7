from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from salam.places.models import Place, TargetList, TargetListPlace
from tests.places.conftest import ARAK, ON, TEHRAN


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "planet"}, "place_kind_known"),
        ({"latitude": 91.0}, "place_point_on_earth"),
        ({"population": -1}, "place_population_not_negative"),
        ({"parent_id": None}, "place_only_country_has_no_parent"),
        ({"valid_from": ON, "valid_to": ON}, "place_valid_from_before_to"),
        ({"code": ARAK}, "places_place_code"),
        ({"path": "ir.00"}, "places_place_path"),
    ],
)
def test_database_refuses_impossible_places(
    tree: dict[str, Place],
    changes: dict[str, object],
    constraint: str,
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Place.objects.filter(code=TEHRAN).update(**changes)


def test_place_stands_once_on_a_list_and_may_return(tree: dict[str, Place]) -> None:
    target_list = TargetList.objects.create(code="priority", name="اولویت")
    entry = TargetListPlace(target_list=target_list, place=tree[TEHRAN], added_on=ON)
    entry.save()

    with pytest.raises(IntegrityError, match="target_list_place_once"), transaction.atomic():
        TargetListPlace.objects.create(target_list=target_list, place=tree[TEHRAN], added_on=ON)
    entry.removed_on = ON - timedelta(days=1)
    with pytest.raises(IntegrityError, match="added_before_removed"), transaction.atomic():
        entry.save()
    entry.removed_on = ON
    entry.save()
    TargetListPlace.objects.create(target_list=target_list, place=tree[TEHRAN], added_on=ON)


def test_place_and_list_say_what_they_are(tree: dict[str, Place]) -> None:
    assert str(tree[TEHRAN]) == "شهر تهران"
    assert str(TargetList(code="x", name="فهرست")) == "فهرست"
