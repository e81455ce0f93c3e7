"""Correcting what one told, and resting from offers."""

from __future__ import annotations

from datetime import date

import pytest

from salam.core.actors import Stranger
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.people.actions import (
    NotAVolunteer,
    ProfileChange,
    give_consent,
    set_availability,
    update_profile,
    withdraw_consent,
)
from salam.people.enums import (
    ConsentPurpose,
    PlaceOfService,
    RegistrationChannel,
    VolunteerStatus,
)
from salam.people.models import Person, VolunteerProfile
from salam.people.queries import MatchableObstacle, own_data, own_profile
from tests.cast import NOW, Tree, make_person
from tests.people.intake import STORYTELLING, registered

pytestmark = pytest.mark.django_db


def themselves(person: Person) -> Stranger:
    return Stranger(person_id=person.pk)


def status_of(person: Person) -> str:
    return VolunteerProfile.objects.get(person=person).status


def events_of(person: Person) -> list[tuple[str, object]]:
    events = Event.objects.filter(subject_id=person.pk).exclude(kind="people.volunteer_registered")
    return list(events.order_by("id").values_list("kind", "payload"))


def test_what_changes_is_written_and_named(tree: Tree) -> None:
    person = registered(tree.here)

    update_profile(
        actor=themselves(person),
        person_id=person.pk,
        change=ProfileChange(
            given_name="  مریم ",
            home_place_id=tree.elsewhere.pk,
            skill_bits=STORYTELLING << 1,
            half_day_bits=0b110,
            weekly_half_days=1,
            place_of_service=PlaceOfService.CENTRES,
        ),
        now=NOW,
    )

    person.refresh_from_db()
    profile = VolunteerProfile.objects.get(person=person)
    assert (person.given_name, person.home_place) == ("مریم", tree.elsewhere)
    assert {person.province_code, profile.province_code} == {tree.elsewhere.province_code}
    assert (profile.skill_bits, profile.half_day_bits) == (STORYTELLING << 1, 0b110)
    assert profile.place_of_service == PlaceOfService.CENTRES
    columns = ["home_place_id", "skill_bits", "half_day_bits", "place_of_service"]
    assert events_of(person) == [("people.profile_changed", {"columns": columns})]


def test_the_same_again_writes_nothing(tree: Tree) -> None:
    person = registered(tree.here)

    update_profile(
        actor=themselves(person),
        person_id=person.pk,
        change=ProfileChange(given_name=person.given_name, skill_bits=STORYTELLING),
        now=NOW,
    )

    assert events_of(person) == []


def test_a_bit_that_no_skill_has_is_left_out(tree: Tree) -> None:
    person = registered(tree.here)

    update_profile(
        actor=themselves(person),
        person_id=person.pk,
        change=ProfileChange(skill_bits=STORYTELLING | 1 << 63),
        now=NOW,
    )

    assert VolunteerProfile.objects.get(person=person).skill_bits == STORYTELLING


@pytest.mark.parametrize(
    "change",
    [
        ProfileChange(half_day_bits=1 << 14),
        ProfileChange(weekly_half_days=15),
        ProfileChange(radius_m=200_001),
        ProfileChange(family_name=" "),
        ProfileChange(home_place_id=0),
    ],
)
def test_what_cannot_be_is_refused_whole(tree: Tree, change: ProfileChange) -> None:
    person = registered(tree.here)

    with pytest.raises(InvalidInput):
        update_profile(actor=themselves(person), person_id=person.pk, change=change, now=NOW)

    assert events_of(person) == []


def test_a_province_is_nobodys_home(tree: Tree) -> None:
    person = registered(tree.here)

    with pytest.raises(InvalidInput):
        update_profile(
            actor=themselves(person),
            person_id=person.pk,
            change=ProfileChange(home_place_id=tree.province.pk),
            now=NOW,
        )


def test_only_oneself_changes_oneself(tree: Tree) -> None:
    person, other = registered(tree.here), registered(tree.here)

    for actor in (themselves(other), Stranger()):
        with pytest.raises(PermissionRefused):
            update_profile(
                actor=actor,
                person_id=person.pk,
                change=ProfileChange(weekly_half_days=3),
                now=NOW,
            )
        with pytest.raises(PermissionRefused):
            set_availability(actor=actor, person_id=person.pk, is_paused=True, now=NOW)
    assert status_of(person) == VolunteerStatus.ACTIVE


def test_who_is_no_volunteer_is_told(tree: Tree) -> None:
    clerk = make_person(home=tree.here)

    with pytest.raises(NotAVolunteer):
        set_availability(actor=themselves(clerk), person_id=clerk.pk, is_paused=True, now=NOW)


def test_rest_and_return_each_once(tree: Tree) -> None:
    person = registered(tree.here)
    seen = []

    for is_paused in (True, True, False, False):
        set_availability(
            actor=themselves(person),
            person_id=person.pk,
            is_paused=is_paused,
            now=NOW,
        )
        seen.append(status_of(person))

    assert seen == [VolunteerStatus.PAUSED] * 2 + [VolunteerStatus.ACTIVE] * 2
    assert [kind for kind, _payload in events_of(person)] == [
        "people.volunteer_paused",
        "people.volunteer_resumed",
    ]


def test_who_took_consent_back_while_resting_comes_back_as_invited(tree: Tree) -> None:
    person = registered(tree.here)
    actor = themselves(person)
    set_availability(actor=actor, person_id=person.pk, is_paused=True, now=NOW)
    withdraw_consent(
        actor=actor,
        person_id=person.pk,
        purpose=ConsentPurpose.MATCHING,
        now=NOW,
    )

    set_availability(actor=actor, person_id=person.pk, is_paused=False, now=NOW)
    invited = status_of(person)
    give_consent(
        actor=actor,
        person_id=person.pk,
        purpose=ConsentPurpose.MATCHING,
        channel=RegistrationChannel.ONLINE,
        now=NOW,
    )

    assert invited == VolunteerStatus.INVITED
    assert status_of(person) == VolunteerStatus.ACTIVE


def test_own_profile_says_what_is_missing_and_names_no_number(tree: Tree) -> None:
    minor = registered(tree.here, birth_date=date(2011, 1, 1), phone="+989121230000")

    own = own_profile(actor=themselves(minor), on=NOW.date())

    assert own.is_minor
    assert own.obstacle is MatchableObstacle.NOT_ACTIVE
    assert own.contact_kinds == ["کد ملی", "شمارهٔ تلفن"]
    assert {one.purpose for one in own.consents if one.given_at} == {
        ConsentPurpose.MATCHING,
        ConsentPurpose.MESSAGES,
        ConsentPurpose.CONTACT,
    }
    assert "9121230000" not in repr(own)
    assert minor.family_name not in repr(own)


def test_own_data_are_of_all_rooms_and_only_ones_own(tree: Tree) -> None:
    person, other = registered(tree.here), registered(tree.here, given_name="پروین")

    held = own_data(actor=themselves(person))

    assert {"people", "access", "messaging", "needs", "organizations", "timebank"} <= held.keys()
    assert "پروین" not in repr(held)
    assert "پروین" in repr(own_data(actor=themselves(other)))
    with pytest.raises(PermissionRefused):
        own_data(actor=Stranger())
    with pytest.raises(PermissionRefused):
        own_profile(actor=Stranger(), on=NOW.date())
