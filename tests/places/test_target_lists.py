from __future__ import annotations

from datetime import timedelta

import pytest

from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.places.actions import (
    TargetListRefused,
    add_to_target_list,
    create_target_list,
    remove_from_target_list,
)
from salam.places.models import Place
from salam.places.queries import TargetListEntry, list_target_lists, target_places
from tests.places.conftest import ARAK, EDITOR, ON, REY, TEHRAN

LATER = ON + timedelta(days=10)


@pytest.fixture
def priority(tree: dict[str, Place]) -> str:
    return create_target_list(actor=EDITOR, code="priority-330", name="محله‌های هدف").code


def test_places_are_listed_once_and_leave_a_trace(priority: str) -> None:
    added = add_to_target_list(actor=EDITOR, list_code=priority, place_codes=[TEHRAN, REY], on=ON)
    again = add_to_target_list(actor=EDITOR, list_code=priority, place_codes=[TEHRAN, ARAK], on=ON)
    remove_from_target_list(actor=EDITOR, list_code=priority, place_code=REY, on=LATER)

    assert (added, again) == (2, 1)
    assert list_target_lists() == [
        TargetListEntry(code=priority, name="محله‌های هدف", is_generated=False, place_count=2),
    ]
    codes = [
        set(target_places(list_code=priority, on=day).values_list("code", flat=True))
        for day in (ON, LATER)
    ]
    assert codes == [{TEHRAN, REY, ARAK}, {TEHRAN, ARAK}]
    assert list(Event.objects.order_by("id").values_list("kind", flat=True)) == [
        "places.target_list_created",
        "places.target_list_extended",
        "places.target_list_extended",
        "places.target_list_shortened",
    ]


def test_removed_place_may_be_listed_again(priority: str) -> None:
    add_to_target_list(actor=EDITOR, list_code=priority, place_codes=[REY], on=ON)
    remove_from_target_list(actor=EDITOR, list_code=priority, place_code=REY, on=ON)

    assert add_to_target_list(actor=EDITOR, list_code=priority, place_codes=[REY], on=LATER) == 1


@pytest.mark.parametrize("code", ["", "Priority", "فهرست", "x", "1st", "a" * 41])
def test_list_with_an_unreadable_code_is_refused(tree: dict[str, Place], code: str) -> None:
    with pytest.raises(TargetListRefused):
        create_target_list(actor=EDITOR, code=code, name="فهرست")


def test_double_list_and_bad_name_are_refused(priority: str) -> None:
    with pytest.raises(TargetListRefused, match="هست"):
        create_target_list(actor=EDITOR, code=priority, name="دیگری")
    with pytest.raises(InvalidInput):
        create_target_list(actor=EDITOR, code="other", name="<i>")


def test_unknown_list_place_and_entry_are_refused(priority: str) -> None:
    with pytest.raises(TargetListRefused):
        add_to_target_list(actor=EDITOR, list_code="none", place_codes=[REY], on=ON)
    with pytest.raises(PermissionRefused):
        add_to_target_list(actor=EDITOR, list_code=priority, place_codes=["99"], on=ON)
    with pytest.raises(TargetListRefused, match="در این فهرست نیست"):
        remove_from_target_list(actor=EDITOR, list_code=priority, place_code=REY, on=ON)


def test_closed_place_and_earlier_removal_are_refused(priority: str) -> None:
    add_to_target_list(actor=EDITOR, list_code=priority, place_codes=[TEHRAN], on=LATER)
    Place.objects.filter(code=REY).update(valid_to=ON)

    with pytest.raises(TargetListRefused, match="دیگر"):
        add_to_target_list(actor=EDITOR, list_code=priority, place_codes=[REY], on=ON)
    with pytest.raises(TargetListRefused, match="پیش از"):
        remove_from_target_list(actor=EDITOR, list_code=priority, place_code=TEHRAN, on=ON)
