"""Brokered contact: who sees a number, for how long, and the trace it leaves."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pgtrigger
import pytest
from django.db import connection, transaction

from salam.access.actions import (
    contact_for_delivery,
    forget,
    give_contact_grant,
    withdraw_contact_grants,
)
from salam.access.enums import Role
from salam.access.models import ContactGrant, DeliveryCount, Disclosure, Grant
from salam.access.queries import actor_for, disclosures_of, held_on_person, live_contact_grant
from salam.core.actors import ConsoleOperator, Stranger
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.organizations.actions import set_status
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Organization
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.models import Consent
from salam.people.vault.actions import VaultInput, store_entries
from salam.people.vault.enums import VaultKind
from tests.access.stage import NATIONAL_ID, PHONE, PURPOSE, Stage, make_stage
from tests.cast import DAY, NOW, make_contact_grant, make_grant, make_person


def test_officer_sees_the_number_and_the_owner_sees_the_look(stage: Stage) -> None:
    assert stage.look() == PHONE
    assert stage.look(field=VaultKind.NATIONAL_ID, at=NOW + timedelta(hours=1)) == NATIONAL_ID

    seen = disclosures_of(person_id=stage.cast.volunteer.pk)
    assert [(row.organization_name, row.field, row.purpose) for row in seen] == [
        ("مؤسسهٔ مهر", VaultKind.NATIONAL_ID, PURPOSE),
        ("مؤسسهٔ مهر", VaultKind.PHONE, PURPOSE),
    ]
    disclosure = Disclosure.objects.order_by("id")[0]
    assert (disclosure.viewer_id, disclosure.person_id, disclosure.occurred_at) == (
        stage.cast.officer.pk,
        stage.cast.volunteer.pk,
        NOW,
    )
    event = Event.objects.filter(kind="access.contact_opened").order_by("id")[0]
    assert (event.subject_id, event.actor_id) == (disclosure.pk, stage.cast.officer.pk)
    assert "0912" not in str(event.payload)
    assert "9121234567" not in str(event.payload)


def test_only_the_officer_of_that_intermediary_looks(stage: Stage) -> None:
    others = [
        "volunteer",
        "facilitator_here",
        "coordinator_above",
        "national",
        "other_officer",
        "centre_manager",
        "agency_reader",
        "outsider",
    ]

    for name in others:
        person = getattr(stage.cast, name)
        assert stage.is_refused(actor=actor_for(person_id=person.pk, at=NOW)), name
    assert stage.is_refused(actor=ConsoleOperator())
    assert stage.is_refused(actor=Stranger())


def test_address_and_other_identifiers_are_never_opened(stage: Stage) -> None:
    assert stage.is_refused(field=VaultKind.ADDRESS)
    assert stage.is_refused(field=VaultKind.OTHER_ID)


def test_look_is_for_the_purpose_of_the_grant(stage: Stage) -> None:
    assert stage.is_refused(purpose="advertise")


def test_grant_lives_from_its_first_instant_until_before_its_last(stage: Stage) -> None:
    instant = timedelta(microseconds=1)

    assert stage.is_refused(at=stage.grant.valid_from - instant)
    assert stage.look(at=stage.grant.valid_from) == PHONE
    assert stage.look(at=stage.grant.valid_until - instant) == PHONE
    assert stage.is_refused(at=stage.grant.valid_until)


def test_missing_value_and_missing_grant_look_alike(stage: Stage) -> None:
    nobody = make_contact_grant(stage.cast.offices.intermediary, make_person())

    assert Stage(stage.cast, nobody).is_refused()
    assert Stage(stage.cast, ContactGrant(pk=0)).is_refused()


@pytest.mark.parametrize(
    "status",
    [OrganizationStatus.SUSPENDED, OrganizationStatus.LAPSED, OrganizationStatus.CLOSED],
)
def test_organisation_stopped_between_grant_and_look(
    stage: Stage,
    status: OrganizationStatus,
) -> None:
    officer = actor_for(person_id=stage.cast.officer.pk, at=NOW)

    set_status(
        actor=actor_for(person_id=stage.cast.national.pk, at=NOW),
        organization_id=stage.cast.offices.intermediary.pk,
        status=status,
        now=NOW,
    )

    # The page was opened before; the actor still carries the role.
    assert stage.is_refused(actor=officer)


def test_role_revoked_between_page_and_look(stage: Stage) -> None:
    officer = actor_for(person_id=stage.cast.officer.pk, at=NOW)

    Grant.objects.filter(person=stage.cast.officer).update(revoked_at=NOW)

    assert stage.is_refused(actor=officer)


def test_withdrawn_grant_refuses_at_once(stage: Stage) -> None:
    assert withdraw_contact_grants(origin=stage.grant.origin, now=NOW) == 1
    assert withdraw_contact_grants(origin=stage.grant.origin, now=NOW) == 0

    assert stage.is_refused()
    assert Event.objects.filter(kind="access.contact_withdrawn").count() == 1


def test_withdrawn_consent_refuses_until_it_is_given_again(stage: Stage) -> None:
    consent = Consent.objects.create(
        person=stage.cast.volunteer,
        purpose=ConsentPurpose.CONTACT,
        text_version="1",
        channel=RegistrationChannel.ONLINE,
        given_at=NOW - DAY,
    )
    assert stage.look() == PHONE

    consent.withdrawn_at = NOW
    consent.save()
    assert stage.is_refused()

    Consent.objects.create(
        person=stage.cast.volunteer,
        purpose=ConsentPurpose.CONTACT,
        text_version="1",
        channel=RegistrationChannel.ONLINE,
        given_at=NOW + DAY,
    )
    assert stage.look(at=NOW + DAY) == PHONE


def test_staff_who_are_officers_too_see_nothing(stage: Stage) -> None:
    make_grant(
        stage.cast.officer, Role.FACILITATOR, stage.cast.offices.centre, stage.cast.places.here
    )

    assert stage.is_refused()


def test_merged_volunteer_is_called_by_the_record_that_lives_on(stage: Stage) -> None:
    kept = make_person(home=stage.cast.places.here)
    stage.cast.volunteer.merged_into = kept
    stage.cast.volunteer.save()
    assert stage.look() == PHONE  # the record that lives on has no number of its own

    with transaction.atomic():
        store_entries(entries=[VaultInput(kept.pk, VaultKind.PHONE, "+989350000000")])

    assert stage.look() == "+989350000000"
    assert len(disclosures_of(person_id=kept.pk)) == 2


def test_room_service_gives_and_replaces(stage: Stage) -> None:
    cast = stage.cast

    def give(days: int) -> ContactGrant:
        return give_contact_grant(
            organization_id=cast.offices.intermediary.pk,
            person_id=cast.outsider.pk,
            purpose=PURPOSE,
            origin="assignment:77",
            now=NOW,
            valid_until=NOW + days * DAY,
        )

    first, second = give(5), give(10)

    first.refresh_from_db()
    assert first.withdrawn_at == NOW
    found = live_contact_grant(
        organization_id=cast.offices.intermediary.pk,
        person_id=cast.outsider.pk,
        at=NOW,
    )
    assert found == second
    assert Event.objects.filter(kind="access.contact_granted").count() == 2


def test_contact_is_granted_to_active_intermediaries_only(stage: Stage) -> None:
    cast = stage.cast
    Organization.objects.filter(pk=cast.offices.other_intermediary.pk).update(
        status=OrganizationStatus.SUSPENDED,
    )

    for organization_id in (
        cast.offices.agency.pk,
        cast.offices.national.pk,
        cast.offices.centre.pk,
        cast.offices.other_intermediary.pk,
        0,
    ):
        with pytest.raises(PermissionRefused):
            give_contact_grant(
                organization_id=organization_id,
                person_id=cast.volunteer.pk,
                purpose=PURPOSE,
                origin="assignment:1",
                now=NOW,
                valid_until=NOW + DAY,
            )


@pytest.mark.parametrize(
    ("purpose", "origin", "days"),
    [
        (PURPOSE, "assignment:1", 0),
        (PURPOSE, "assignment:1", 400),
        ("زنگ بزنم", "assignment:1", 5),
        (PURPOSE, "0912 123 4567", 5),
        ("a" * 41, "assignment:1", 5),
    ],
)
def test_contact_grant_is_bounded_and_coded(
    stage: Stage,
    purpose: str,
    origin: str,
    days: int,
) -> None:
    with pytest.raises(InvalidInput):
        give_contact_grant(
            organization_id=stage.cast.offices.intermediary.pk,
            person_id=stage.cast.volunteer.pk,
            purpose=purpose,
            origin=origin,
            now=NOW,
            valid_until=NOW + days * DAY,
        )


def test_contact_is_not_granted_on_the_forgotten(stage: Stage) -> None:
    stage.cast.volunteer.forgotten_at = NOW
    stage.cast.volunteer.save()

    with pytest.raises(PermissionRefused):
        give_contact_grant(
            organization_id=stage.cast.offices.intermediary.pk,
            person_id=stage.cast.volunteer.pk,
            purpose=PURPOSE,
            origin="assignment:1",
            now=NOW,
            valid_until=NOW + DAY,
        )
    assert stage.is_refused()
    assert (
        contact_for_delivery(person_id=stage.cast.volunteer.pk, purpose="notice", day=NOW.date())
        is None
    )


def test_delivery_is_counted_and_never_listed(stage: Stage) -> None:
    day = date(2026, 11, 22)
    volunteer, outsider = stage.cast.volunteer.pk, stage.cast.outsider.pk

    numbers = [
        contact_for_delivery(person_id=volunteer, purpose="notice", day=day),
        contact_for_delivery(person_id=volunteer, purpose="notice", day=day),
        contact_for_delivery(person_id=volunteer, purpose="log_in", day=day),
        contact_for_delivery(person_id=outsider, purpose="notice", day=day),
    ]

    assert numbers == [PHONE, PHONE, PHONE, None]
    counts = DeliveryCount.objects.values_list("day", "purpose", "delivered_count")
    assert set(counts) == {(day, "notice", 2), (day, "log_in", 1)}
    assert not Disclosure.objects.exists()


def test_made_up_people_are_never_delivered_to(stage: Stage) -> None:
    # The number of somebody made up for a demo may belong to somebody who lives.
    stage.cast.volunteer.is_generated = True
    stage.cast.volunteer.save()

    number = contact_for_delivery(
        person_id=stage.cast.volunteer.pk,
        purpose="notice",
        day=NOW.date(),
    )

    assert number is None
    assert not DeliveryCount.objects.exists()


def test_export_tells_both_sides_of_a_look(stage: Stage) -> None:
    stage.look()

    owner = held_on_person(person_id=stage.cast.volunteer.pk)
    viewer = held_on_person(person_id=stage.cast.officer.pk)

    look = {
        "organization__name": "مؤسسهٔ مهر",
        "field": "phone",
        "purpose": PURPOSE,
        "occurred_at": NOW,
    }
    assert owner["looks_at_my_contact"] == [look]
    assert owner["looks_i_took"] == []
    assert viewer["looks_i_took"] == [look]
    assert viewer["looks_at_my_contact"] == []


def test_forgetting_withdraws_contact_and_keeps_the_log(stage: Stage) -> None:
    stage.look()

    forget(stage.cast.volunteer.pk, NOW)

    assert stage.is_refused()
    assert Disclosure.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_look_is_committed_before_the_number_leaves(vault: None) -> None:
    stage = make_stage()

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        stage.look()

    assert not Disclosure.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_look_that_waits_for_a_suspension_is_refused(vault: None) -> None:
    stage = make_stage()
    officer = actor_for(person_id=stage.cast.officer.pk, at=NOW)
    outcome: list[str] = []

    def look() -> None:
        try:
            outcome.append(stage.look(actor=officer))
        except PermissionRefused:
            outcome.append("refused")
        finally:
            connection.close()

    thread = threading.Thread(target=look)
    with transaction.atomic():
        Organization.objects.filter(pk=stage.cast.offices.intermediary.pk).update(
            status=OrganizationStatus.SUSPENDED,
        )
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "the look must wait for the suspension"
    thread.join(timeout=10)

    assert outcome == ["refused"]
    assert not Disclosure.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_looks_in_a_row_are_all_recorded(vault: None) -> None:
    stage = make_stage()

    assert [stage.look(), stage.look()] == [PHONE, PHONE]

    assert Disclosure.objects.count() == 2
    with pgtrigger.ignore("access.Disclosure:append_only"):
        Disclosure.objects.all().delete()  # so that the database can be emptied after the test
