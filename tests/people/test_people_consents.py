from __future__ import annotations

from datetime import date, timedelta

import pytest

from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.people.actions import forget_person, give_consent, merge_people, withdraw_consent
from salam.people.actions.consents import CONSENT_TEXT_VERSION, GuardianMustConsent
from salam.people.enums import ConsentPurpose, RegistrationChannel, VolunteerStatus
from salam.people.models import Consent, Person, VolunteerProfile
from tests.cast import NOW, Tree, make_cast
from tests.people.intake import FULL_CONSENT, OPERATOR, registered

LATER = NOW + timedelta(hours=1)
MERGED_AT = NOW + timedelta(hours=2)
MINOR_BORN_ON = date(NOW.year - 15, 1, 1)
TURNS_18 = NOW.replace(year=NOW.year + 4)


def oneself(person: Person) -> Actor:
    return actor_for(person_id=person.pk, at=NOW)


def give(actor: Actor, person: Person, purpose: ConsentPurpose = ConsentPurpose.MATCHING) -> None:
    give_consent(
        actor=actor,
        person_id=person.pk,
        purpose=purpose,
        channel=RegistrationChannel.ONLINE,
        now=LATER,
    )


def withdraw(person: Person, purpose: ConsentPurpose = ConsentPurpose.MATCHING) -> bool:
    return withdraw_consent(
        actor=oneself(person),
        person_id=person.pk,
        purpose=purpose,
        now=LATER,
    )


def status_of(person: Person) -> str:
    return VolunteerProfile.objects.get(person=person).status


def test_an_invited_volunteer_who_agrees_becomes_active(tree: Tree) -> None:
    person = registered(tree.here, consents=frozenset())
    assert status_of(person) == VolunteerStatus.INVITED

    give(oneself(person), person)

    assert status_of(person) == VolunteerStatus.ACTIVE
    consent = Consent.objects.get(person=person)
    assert (consent.purpose, consent.taken_by_id) == (ConsentPurpose.MATCHING, None)
    event = Event.objects.get(kind="people.consent_given")
    assert (event.subject_id, event.payload) == (person.pk, {"purpose": "matching"})


def test_consent_is_withdrawn_and_given_again(tree: Tree) -> None:
    person = registered(tree.here)

    assert withdraw(person)
    assert status_of(person) == VolunteerStatus.INVITED
    assert not withdraw(person)
    give(oneself(person), person)

    assert status_of(person) == VolunteerStatus.ACTIVE
    rows = Consent.objects.filter(person=person, purpose=ConsentPurpose.MATCHING)
    assert rows.count() == 2
    assert rows.filter(withdrawn_at__isnull=True).count() == 1
    assert Event.objects.filter(kind="people.consent_withdrawn").count() == 1


def test_the_same_consent_twice_is_one(tree: Tree) -> None:
    person = registered(tree.here)

    give(oneself(person), person)

    assert Consent.objects.filter(person=person).count() == len(FULL_CONSENT)
    assert not Event.objects.filter(kind="people.consent_given").exists()


def test_consent_to_an_older_text_is_replaced(tree: Tree) -> None:
    person = registered(tree.here)
    Consent.objects.filter(person=person).update(text_version="1399-01")

    give(oneself(person), person)

    rows = Consent.objects.filter(person=person, purpose=ConsentPurpose.MATCHING)
    assert set(rows.values_list("text_version", "withdrawn_at")) == {
        ("1399-01", LATER),
        (CONSENT_TEXT_VERSION, None),
    }


def test_other_purposes_leave_the_status_alone(tree: Tree) -> None:
    person = registered(tree.here)

    withdraw(person, ConsentPurpose.MESSAGES)

    assert status_of(person) == VolunteerStatus.ACTIVE


@pytest.mark.parametrize("status", [VolunteerStatus.PAUSED, VolunteerStatus.WITHDRAWN])
def test_who_rests_or_left_is_not_activated_by_a_consent(
    tree: Tree,
    status: VolunteerStatus,
) -> None:
    person = registered(tree.here, consents=frozenset())
    VolunteerProfile.objects.filter(person=person).update(status=status)

    give(oneself(person), person)

    assert status_of(person) == status


def test_without_a_birth_date_consent_is_kept_and_nobody_activated(tree: Tree) -> None:
    person = registered(tree.here, birth_date=None)

    give(oneself(person), person)

    assert status_of(person) == VolunteerStatus.INVITED


def test_a_minor_cannot_be_the_own_guardian(tree: Tree) -> None:
    person = registered(tree.here, birth_date=MINOR_BORN_ON)

    with pytest.raises(GuardianMustConsent):
        give(oneself(person), person, ConsentPurpose.GUARDIAN)
    assert status_of(person) == VolunteerStatus.INVITED

    give(OPERATOR, person, ConsentPurpose.GUARDIAN)
    assert status_of(person) == VolunteerStatus.ACTIVE


def test_a_guardian_counts_while_the_volunteer_is_a_minor(tree: Tree) -> None:
    person = registered(
        tree.here,
        birth_date=MINOR_BORN_ON,
        consents=FULL_CONSENT | {ConsentPurpose.GUARDIAN},
    )
    grown_up = registered(
        tree.here,
        birth_date=MINOR_BORN_ON,
        consents=FULL_CONSENT | {ConsentPurpose.GUARDIAN},
    )

    withdraw(person, ConsentPurpose.GUARDIAN)
    withdraw_consent(
        actor=oneself(grown_up),
        person_id=grown_up.pk,
        purpose=ConsentPurpose.GUARDIAN,
        now=TURNS_18,
    )

    assert status_of(person) == VolunteerStatus.INVITED
    assert status_of(grown_up) == VolunteerStatus.ACTIVE


def test_a_merged_record_consents_for_the_record_that_was_kept(tree: Tree) -> None:
    kept = registered(tree.here, consents=frozenset())
    duplicate = registered(tree.here, consents=frozenset())
    merge_people(actor=OPERATOR, kept_id=kept.pk, duplicate_id=duplicate.pk, now=NOW)

    give(oneself(duplicate), duplicate)

    assert status_of(kept) == VolunteerStatus.ACTIVE
    assert Consent.objects.get().person_id == kept.pk
    assert Consent.objects.get().taken_by_id is None


def test_consent_is_withdrawn_on_every_record_of_the_person(tree: Tree) -> None:
    kept, duplicate = registered(tree.here), registered(tree.here)
    merge_people(actor=OPERATOR, kept_id=kept.pk, duplicate_id=duplicate.pk, now=NOW)

    assert withdraw(kept)

    rows = Consent.objects.filter(purpose=ConsentPurpose.MATCHING)
    assert set(rows.values_list("person_id", "withdrawn_at")) == {
        (kept.pk, LATER),
        (duplicate.pk, LATER),
    }
    assert Consent.objects.filter(withdrawn_at__isnull=True).count() == 4
    assert not withdraw(duplicate)


def test_what_a_duplicate_withdrew_later_is_withdrawn_by_the_merge(tree: Tree) -> None:
    kept, duplicate = registered(tree.here), registered(tree.here)
    withdraw(duplicate)

    merge_people(actor=OPERATOR, kept_id=kept.pk, duplicate_id=duplicate.pk, now=MERGED_AT)

    assert status_of(kept) == VolunteerStatus.INVITED
    live = Consent.objects.filter(person=kept, withdrawn_at__isnull=True)
    assert set(live.values_list("purpose", flat=True)) == FULL_CONSENT - {ConsentPurpose.MATCHING}
    closed = Consent.objects.get(person=kept, withdrawn_at__isnull=False)
    assert closed.withdrawn_at == MERGED_AT
    events = Event.objects.filter(kind="people.consent_withdrawn").order_by("id")
    assert [event.subject_id for event in events] == [duplicate.pk, kept.pk]


def test_who_agreed_again_after_the_duplicate_withdrew_stays_active(tree: Tree) -> None:
    kept, duplicate = registered(tree.here), registered(tree.here)
    withdraw_consent(
        actor=oneself(duplicate),
        person_id=duplicate.pk,
        purpose=ConsentPurpose.MATCHING,
        now=NOW + timedelta(minutes=1),
    )
    give(oneself(duplicate), duplicate)

    merge_people(actor=OPERATOR, kept_id=kept.pk, duplicate_id=duplicate.pk, now=MERGED_AT)

    assert status_of(kept) == VolunteerStatus.ACTIVE
    assert Consent.objects.filter(person=kept, withdrawn_at__isnull=True).count() == 3


def test_somebody_unknown_forgotten_or_out_of_reach_look_the_same(tree: Tree) -> None:
    person, forgotten = registered(tree.here), registered(tree.here)
    forget_person(actor=OPERATOR, person_id=forgotten.pk, now=NOW)
    sentences = set()

    for target in (forgotten, Person(pk=0)):
        with pytest.raises(PermissionRefused) as refusal:
            give(OPERATOR, target)
        sentences.add((refusal.value.code, refusal.value.sentence))
    with pytest.raises(PermissionRefused) as refusal:
        give(oneself(registered(tree.here)), person)
    sentences.add((refusal.value.code, refusal.value.sentence))

    assert len(sentences) == 1


@pytest.mark.django_db
def test_a_clerk_writes_down_what_people_nearby_say() -> None:
    cast = make_cast()
    clerk = actor_for(person_id=cast.centre_manager.pk, at=NOW)

    give(clerk, cast.volunteer)

    assert Consent.objects.get(person=cast.volunteer).taken_by_id == cast.centre_manager.pk
    with pytest.raises(PermissionRefused):
        give(clerk, cast.outsider)
