"""Giving roles and taking them back."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

from salam.access.actions import GrantNotPossible, forget, give_grant, revoke_grant
from salam.access.enums import Role
from salam.access.models import Grant
from salam.access.queries import actor_for, grants_of, held_on_person
from salam.core.actors import ConsoleOperator, Scope, Stranger
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.core.verbs import Verb
from salam.organizations.enums import OrganizationKind, OrganizationStatus
from salam.people.models import Person
from tests.cast import (
    DAY,
    NOW,
    Cast,
    make_cast,
    make_grant,
    make_organization,
    make_person,
)


@dataclass(frozen=True)
class Stage:
    cast: Cast
    newcomer: Person

    def give(self, giver: Person, role: Role, **changes: int) -> Grant:
        """A facilitator here for the centre here, unless said otherwise."""
        values: dict[str, Any] = {
            "person_id": self.newcomer.pk,
            "office_id": self.cast.offices.centre.pk,
            "place_id": self.cast.places.here.pk,
        } | changes
        return give_grant(actor=actor_for(person_id=giver.pk, at=NOW), role=role, now=NOW, **values)


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage(make_cast(), make_person())


def test_coordinator_makes_a_facilitator(stage: Stage) -> None:
    giver = stage.cast.coordinator_above

    grant = stage.give(giver, Role.FACILITATOR)

    actor = actor_for(person_id=stage.newcomer.pk, at=NOW)
    assert actor.can(Verb.NEED_OPEN, Scope(place_path=stage.cast.places.here.path))
    assert (grant.valid_from, grant.granted_by_id) == (NOW, giver.pk)
    event = Event.objects.get(kind="access.grant_given")
    assert (event.subject_id, event.actor_id) == (grant.pk, giver.pk)
    assert event.payload["role"] == "facilitator"


def test_giver_must_cover_the_scope(stage: Stage) -> None:
    elsewhere = stage.cast.places.elsewhere.pk

    for giver in (stage.cast.coordinator_above, stage.cast.facilitator_elsewhere):
        with pytest.raises(PermissionRefused):
            stage.give(giver, Role.FACILITATOR, place_id=elsewhere)
    for giver in (stage.cast.facilitator_here, stage.cast.officer, stage.cast.expired):
        with pytest.raises(PermissionRefused):
            stage.give(giver, Role.FACILITATOR)
    assert not Event.objects.filter(kind="access.grant_given").exists()


def test_provincial_headquarters_make_no_headquarters(stage: Stage) -> None:
    places, offices = stage.cast.places, stage.cast.offices

    with pytest.raises(PermissionRefused):
        stage.give(
            stage.cast.coordinator_above,
            Role.NATIONAL_HQ,
            place_id=places.country.pk,
            office_id=offices.national.pk,
        )
    # Not even over its own province: a role at headquarters is given by the whole country's.
    for role in (Role.NATIONAL_HQ, Role.PROVINCIAL_HQ):
        with pytest.raises(PermissionRefused):
            stage.give(
                stage.cast.coordinator_above,
                role,
                place_id=places.province.pk,
                office_id=offices.provincial.pk,
            )
    stage.give(
        stage.cast.national,
        Role.PROVINCIAL_HQ,
        place_id=places.province.pk,
        office_id=offices.provincial.pk,
    )


def test_console_makes_the_first_headquarters(stage: Stage) -> None:
    grant = give_grant(
        actor=ConsoleOperator(),
        person_id=stage.newcomer.pk,
        role=Role.NATIONAL_HQ,
        office_id=stage.cast.offices.national.pk,
        place_id=stage.cast.places.country.pk,
        now=NOW,
    )

    assert grant.granted_by_id is None


def test_nobody_gives_to_themselves_or_their_duplicate(stage: Stage) -> None:
    giver = stage.cast.coordinator_above
    duplicate = make_person(merged_into=giver)

    for person in (giver, duplicate):
        with pytest.raises(GrantNotPossible, match="خودش"):
            stage.give(giver, Role.FACILITATOR, person_id=person.pk)


def test_role_fits_its_office_place_and_holder(stage: Stage) -> None:
    places, offices, national = stage.cast.places, stage.cast.offices, stage.cast.national

    def refused(role: Role, **changes: int) -> str:
        with pytest.raises(GrantNotPossible) as caught:
            stage.give(national, role, **changes)
        return caught.value.sentence

    assert "چنین دفتری" in refused(Role.FACILITATOR, office_id=offices.agency.pk)
    assert "چنین دفتری" in refused(Role.AGENCY_READER)
    assert "فعال نیست" in refused(Role.FACILITATOR, office_id=offices.suspended_centre.pk)
    assert "در چنین جایی" in refused(Role.FACILITATOR, place_id=places.province.pk)
    assert "یک سازمان" in refused(Role.INTERMEDIARY_OFFICER, office_id=offices.intermediary.pk)
    both = {"organization_id": offices.centre.pk}
    assert "یک جا" in refused(Role.FACILITATOR, **both)


def test_officer_is_given_over_the_own_intermediary_only(stage: Stage) -> None:
    offices = stage.cast.offices

    def give(organization_id: int) -> Grant:
        return give_grant(
            actor=actor_for(person_id=stage.cast.national.pk, at=NOW),
            person_id=stage.newcomer.pk,
            role=Role.INTERMEDIARY_OFFICER,
            office_id=offices.intermediary.pk,
            organization_id=organization_id,
            now=NOW,
        )

    with pytest.raises(GrantNotPossible, match="سازمان خود فرد"):
        give(offices.other_intermediary.pk)
    assert give(offices.intermediary.pk).organization_id == offices.intermediary.pk


def test_roles_that_exclude_each_other_are_not_given(stage: Stage) -> None:
    cast = stage.cast

    with pytest.raises(GrantNotPossible, match="جمع نمی‌شود"):
        stage.give(cast.national, Role.FACILITATOR, person_id=cast.officer.pk)
    with pytest.raises(GrantNotPossible, match="جمع نمی‌شود"):
        stage.give(cast.national, Role.FACILITATOR, person_id=cast.agency_reader.pk)
    with pytest.raises(GrantNotPossible, match="جمع نمی‌شود"):
        stage.give(
            cast.national,
            Role.AGENCY_READER,
            person_id=cast.facilitator_here.pk,
            office_id=cast.offices.agency.pk,
        )


def test_same_grant_twice_and_an_end_in_the_past_are_refused(stage: Stage) -> None:
    giver = stage.cast.national
    stage.give(giver, Role.FACILITATOR)

    with pytest.raises(GrantNotPossible, match="همین دسترسی"):
        stage.give(giver, Role.FACILITATOR)
    with pytest.raises(GrantNotPossible, match="پایان"):
        give_grant(
            actor=actor_for(person_id=giver.pk, at=NOW),
            person_id=stage.cast.outsider.pk,
            role=Role.FACILITATOR,
            office_id=stage.cast.offices.centre.pk,
            place_id=stage.cast.places.here.pk,
            now=NOW,
            valid_until=NOW,
        )


def test_what_is_not_there_looks_like_what_is_forbidden(stage: Stage) -> None:
    stage.cast.outsider.forgotten_at = NOW
    stage.cast.outsider.save()

    missing = ({"person_id": 0}, {"office_id": 0}, {"place_id": 0}, {"organization_id": 0})
    for changes in (*missing, {"person_id": stage.cast.outsider.pk}):
        with pytest.raises(PermissionRefused):
            stage.give(stage.cast.national, Role.FACILITATOR, **changes)
    with pytest.raises(PermissionRefused):
        give_grant(
            actor=Stranger(),
            person_id=stage.newcomer.pk,
            role=Role.GROUP_LEADER,
            office_id=stage.cast.offices.centre.pk,
            now=NOW,
        )


def test_role_is_given_to_the_record_that_lives_on(stage: Stage) -> None:
    duplicate = make_person(merged_into=stage.newcomer)

    grant = stage.give(stage.cast.national, Role.FACILITATOR, person_id=duplicate.pk)

    assert grant.person_id == stage.newcomer.pk


def test_revoked_grant_is_gone_at_once(stage: Stage) -> None:
    grant = stage.give(stage.cast.national, Role.FACILITATOR)
    coordinator = actor_for(person_id=stage.cast.coordinator_above.pk, at=NOW)

    revoke_grant(actor=coordinator, grant_id=grant.pk, now=NOW)
    revoke_grant(actor=coordinator, grant_id=grant.pk, now=NOW + DAY)

    scope = Scope(place_path=stage.cast.places.here.path)
    assert not actor_for(person_id=stage.newcomer.pk, at=NOW).can(Verb.NEED_OPEN, scope)
    assert Grant.objects.get(pk=grant.pk).revoked_at == NOW
    assert Event.objects.filter(kind="access.grant_revoked").count() == 1
    # The place is free again: the same role can be given once more.
    stage.give(stage.cast.national, Role.FACILITATOR)


def test_revoking_takes_the_right_to_give(stage: Stage) -> None:
    grant = stage.give(stage.cast.national, Role.FACILITATOR)
    headquarters = Grant.objects.get(person=stage.cast.national)

    for person in (stage.cast.facilitator_here, stage.cast.outsider):
        with pytest.raises(PermissionRefused):
            revoke_grant(actor=actor_for(person_id=person.pk, at=NOW), grant_id=grant.pk, now=NOW)
    coordinator = actor_for(person_id=stage.cast.coordinator_above.pk, at=NOW)
    for grant_id in (headquarters.pk, 0):
        with pytest.raises(PermissionRefused):
            revoke_grant(actor=coordinator, grant_id=grant_id, now=NOW)


@pytest.mark.parametrize("status", [OrganizationStatus.SUSPENDED, OrganizationStatus.CLOSED])
def test_office_that_stops_takes_its_people_along(stage: Stage, status: OrganizationStatus) -> None:
    scope = Scope(place_path=stage.cast.places.here.path)
    assert actor_for(person_id=stage.cast.facilitator_here.pk, at=NOW).can(Verb.NEED_OPEN, scope)

    stage.cast.offices.centre.status = status
    stage.cast.offices.centre.save()

    actor = actor_for(person_id=stage.cast.facilitator_here.pk, at=NOW)
    assert not actor.can(Verb.NEED_OPEN, scope)


def test_grants_of_a_person_newest_first(stage: Stage) -> None:
    duplicate = make_person(merged_into=stage.newcomer)
    hub = make_organization(OrganizationKind.HUB, stage.cast.places.here, "کانون")
    first = make_grant(duplicate, Role.CENTRE_MANAGER, hub, stage.cast.places.here)
    second = stage.give(stage.cast.national, Role.FACILITATOR)

    assert list(grants_of(person_id=stage.newcomer.pk)) == [second, first]


def test_forgetting_revokes_roles(stage: Stage) -> None:
    stage.give(stage.cast.national, Role.FACILITATOR)
    roles = held_on_person(person_id=stage.newcomer.pk)["roles"]
    assert isinstance(roles, list)
    assert [row["role"] for row in roles] == ["facilitator"]

    forget(stage.newcomer.pk, NOW + DAY)

    assert actor_for(person_id=stage.newcomer.pk, at=NOW + DAY).held == ()


@pytest.mark.django_db(transaction=True)
def test_roles_that_exclude_each_other_given_at_once() -> None:
    stage = Stage(make_cast(), make_person())
    giver = stage.cast.national
    outcome: list[str] = []

    def give_second() -> None:
        try:
            stage.give(giver, Role.AGENCY_READER, office_id=stage.cast.offices.agency.pk)
            outcome.append("given")
        except GrantNotPossible:
            outcome.append("refused")
        finally:
            connection.close()

    thread = threading.Thread(target=give_second)
    with transaction.atomic():
        stage.give(giver, Role.FACILITATOR)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "the second role must wait for the first"
    thread.join(timeout=10)

    assert outcome == ["refused"]
