"""Whose contact data stay shut: who took consent back, and minors whom no guardian stands for."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from salam.access.actions import give_contact_grant
from salam.access.models import ContactGrant
from salam.core.errors import PermissionRefused
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.models import Consent, Person
from tests.access.stage import PHONE, PURPOSE, Stage
from tests.cast import DAY, NOW, make_person

TODAY = NOW.date()
MINOR_BORN_ON = date(TODAY.year - 15, 1, 1)
TURNS_18_ON = date(TODAY.year - 18, TODAY.month, TODAY.day)


def consent(
    person: Person,
    purpose: ConsentPurpose = ConsentPurpose.CONTACT,
    *,
    given_at: datetime,
    withdrawn_at: datetime | None = None,
) -> None:
    Consent.objects.create(
        person=person,
        purpose=purpose,
        text_version="1",
        channel=RegistrationChannel.CLERK,
        given_at=given_at,
        withdrawn_at=withdrawn_at,
    )


def born(person: Person, on: date | None) -> None:
    person.birth_date = on
    person.save()


def give(stage: Stage) -> ContactGrant:
    return give_contact_grant(
        organization_id=stage.cast.offices.intermediary.pk,
        person_id=stage.cast.volunteer.pk,
        purpose=PURPOSE,
        origin="assignment:77",
        now=NOW,
        valid_until=NOW + DAY,
    )


@pytest.mark.parametrize("days_ago", [5, 4, 3])
def test_a_duplicates_consent_does_not_outweigh_a_later_withdrawal(
    stage: Stage,
    days_ago: int,
) -> None:
    volunteer = stage.cast.volunteer
    consent(volunteer, given_at=NOW - 9 * DAY, withdrawn_at=NOW - 3 * DAY)
    consent(make_person(merged_into=volunteer), given_at=NOW - days_ago * DAY)

    assert stage.is_refused()


def test_a_duplicate_that_consented_after_the_withdrawal_may_be_called(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    consent(volunteer, given_at=NOW - 9 * DAY, withdrawn_at=NOW - 5 * DAY)
    consent(make_person(merged_into=volunteer), given_at=NOW - 3 * DAY)

    assert stage.look() == PHONE


def test_consent_renewed_to_a_newer_text_was_not_taken_back(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    consent(volunteer, given_at=NOW - 9 * DAY, withdrawn_at=NOW - DAY)
    consent(volunteer, given_at=NOW - DAY)

    assert stage.look() == PHONE


def test_given_and_taken_back_in_one_instant_is_taken_back(stage: Stage) -> None:
    consent(stage.cast.volunteer, given_at=NOW - DAY, withdrawn_at=NOW - DAY)

    assert stage.is_refused()


def test_a_minor_is_called_only_while_a_guardian_consents(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    born(volunteer, MINOR_BORN_ON)
    with pytest.raises(PermissionRefused):
        give(stage)
    assert stage.is_refused()

    consent(volunteer, ConsentPurpose.GUARDIAN, given_at=NOW - DAY)
    assert give(stage).person == volunteer
    assert stage.look() == PHONE

    Consent.objects.filter(person=volunteer).update(withdrawn_at=NOW)
    with pytest.raises(PermissionRefused):
        give(stage)
    assert stage.is_refused()


def test_a_duplicate_that_tells_a_minors_age_counts(stage: Stage) -> None:
    born(make_person(merged_into=stage.cast.volunteer), MINOR_BORN_ON)

    assert stage.is_refused()


def test_who_came_of_age_needs_no_guardian(stage: Stage) -> None:
    born(stage.cast.volunteer, TURNS_18_ON)

    assert stage.look() == PHONE
    assert give(stage).person == stage.cast.volunteer
    assert stage.is_refused(at=NOW - DAY)
