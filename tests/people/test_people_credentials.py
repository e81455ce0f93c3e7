from __future__ import annotations

from datetime import date

import pytest

from salam.access.queries import actor_for
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.people.actions import (
    forget_person,
    merge_people,
    record_training,
    record_vetting,
    register_facilitator,
    set_facilitator_places,
)
from salam.people.actions.facilitators import AlreadyFacilitator
from salam.people.enums import VettingTier
from salam.people.models import Credential, Facilitator, Person, TrainingRecord
from tests.cast import NOW, Cast, make_cast, make_person
from tests.people.intake import OPERATOR

pytestmark = pytest.mark.django_db

ISSUED, EXPIRES = date(2026, 1, 1), date(2027, 1, 1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def vet(
    person: Person,
    *,
    by: Person | None = None,
    tier: VettingTier = VettingTier.CONTACT,
    expires_on: date = EXPIRES,
) -> Credential:
    return record_vetting(
        actor=actor_for(person_id=by.pk, at=NOW) if by else OPERATOR,
        person_id=person.pk,
        tier=tier,
        issued_on=ISSUED,
        expires_on=expires_on,
    )


def train(person: Person, minutes: int = 90) -> TrainingRecord:
    return record_training(
        actor=OPERATOR,
        person_id=person.pk,
        course_code="first-aid",
        duration_minutes=minutes,
        completed_on=ISSUED,
    )


def test_vetting_keeps_who_and_how_long(cast: Cast) -> None:
    credential = vet(cast.volunteer, by=cast.coordinator_above)

    assert (credential.tier, credential.issued_on, credential.expires_on) == (1, ISSUED, EXPIRES)
    assert credential.verified_by_id == cast.coordinator_above.pk
    event = Event.objects.get(kind="people.vetting_recorded")
    assert event.payload == {"person_id": cast.volunteer.pk, "tier": 1}


def test_vetting_must_end_and_say_something(cast: Cast) -> None:
    with pytest.raises(InvalidInput, match="پس از صدور"):
        vet(cast.volunteer, expires_on=ISSUED)
    with pytest.raises(InvalidInput, match="سطح"):
        vet(cast.volunteer, tier=VettingTier.NONE)
    assert not Credential.objects.exists()


def test_nobody_vets_themselves_not_even_through_a_duplicate(cast: Cast) -> None:
    duplicate = make_person(home=cast.places.here)
    merge_people(
        actor=OPERATOR,
        kept_id=cast.coordinator_above.pk,
        duplicate_id=duplicate.pk,
        now=NOW,
    )

    for record in (cast.coordinator_above, duplicate):
        with pytest.raises(InvalidInput, match="خودش"):
            vet(record, by=cast.coordinator_above)


def test_only_who_may_records_credentials(cast: Cast) -> None:
    for refused in (cast.facilitator_here, cast.centre_manager, cast.agency_reader, cast.expired):
        with pytest.raises(PermissionRefused):
            vet(cast.volunteer, by=refused)
    with pytest.raises(PermissionRefused):
        vet(cast.outsider, by=cast.coordinator_above)


def test_a_forgotten_person_gets_no_credentials(cast: Cast) -> None:
    forget_person(actor=OPERATOR, person_id=cast.volunteer.pk, now=NOW)

    with pytest.raises(PermissionRefused):
        vet(cast.volunteer)
    with pytest.raises(PermissionRefused):
        train(cast.volunteer)


def test_a_course_is_recorded_once_a_day(cast: Cast) -> None:
    first, second = train(cast.volunteer), train(cast.volunteer, minutes=30)

    assert first == second
    assert TrainingRecord.objects.get().duration_minutes == 90
    assert Event.objects.filter(kind="people.training_recorded").count() == 1
    with pytest.raises(InvalidInput, match="بیشتر از صفر"):
        train(cast.volunteer, minutes=0)


def enter(cast: Cast, *place_ids: int, by: Person | None = None) -> Facilitator:
    return register_facilitator(
        actor=actor_for(person_id=by.pk, at=NOW) if by else OPERATOR,
        person_id=cast.volunteer.pk,
        place_ids=place_ids,
        certificate_expires_on=EXPIRES,
    )


def served(facilitator: Facilitator) -> set[int]:
    return set(facilitator.places.values_list("place_id", flat=True))


def test_a_facilitator_serves_the_places_named(cast: Cast) -> None:
    facilitator = enter(cast, cast.places.here.pk, cast.places.next_door.pk)

    assert served(facilitator) == {cast.places.here.pk, cast.places.next_door.pk}
    assert facilitator.province_code == "23"
    event = Event.objects.get(kind="people.facilitator_registered")
    assert set(event.payload["place_ids"]) == served(facilitator)


def test_nobody_is_entered_twice(cast: Cast) -> None:
    enter(cast, cast.places.here.pk)

    with pytest.raises(AlreadyFacilitator):
        enter(cast, cast.places.next_door.pk)
    assert Facilitator.objects.count() == 1


def test_a_facilitator_serves_small_places_that_exist(cast: Cast) -> None:
    with pytest.raises(InvalidInput, match="پیدا نشد"):
        enter(cast, cast.places.here.pk, 0)
    with pytest.raises(InvalidInput, match="کوچک‌تری"):
        enter(cast, cast.places.province.pk)
    assert not Facilitator.objects.exists()


def test_places_change_within_the_reach_of_who_changes_them(cast: Cast) -> None:
    facilitator = enter(cast, by=cast.coordinator_above)
    coordinator = actor_for(person_id=cast.coordinator_above.pk, at=NOW)

    set_facilitator_places(
        actor=coordinator,
        facilitator_id=facilitator.pk,
        place_ids=[cast.places.next_door.pk],
    )
    with pytest.raises(PermissionRefused):
        set_facilitator_places(
            actor=coordinator,
            facilitator_id=facilitator.pk,
            place_ids=[cast.places.elsewhere.pk],
        )
    with pytest.raises(PermissionRefused):
        set_facilitator_places(actor=coordinator, facilitator_id=0, place_ids=[])
    assert served(facilitator) == {cast.places.next_door.pk}

    moved = set_facilitator_places(
        actor=OPERATOR,
        facilitator_id=facilitator.pk,
        place_ids=[cast.places.elsewhere.pk],
    )
    assert (served(moved), moved.province_code) == ({cast.places.elsewhere.pk}, "2")
    with pytest.raises(PermissionRefused):
        set_facilitator_places(actor=coordinator, facilitator_id=facilitator.pk, place_ids=[])
