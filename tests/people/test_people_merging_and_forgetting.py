from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from salam.access.queries import actor_for
from salam.core.actors import Stranger
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.core.personal_data import personal_data_handlers
from salam.people.actions import (
    forget_person,
    merge_people,
    record_training,
    record_vetting,
    register_facilitator,
)
from salam.people.actions.forgetting import export_for
from salam.people.enums import Gender, VettingTier, VolunteerStatus
from salam.people.models import (
    Consent,
    Credential,
    Facilitator,
    Person,
    TrainingRecord,
    VolunteerProfile,
)
from salam.people.queries import (
    canonical_person_id,
    matchable_volunteers,
    records_of_person,
    volunteer_counts_by_place,
)
from salam.people.vault.models import VaultEntry
from tests.cast import NOW, Tree, make_person
from tests.people.intake import OPERATOR, registered

TODAY = NOW.date()


def merge(kept: Person, duplicate: Person) -> Person:
    return merge_people(actor=OPERATOR, kept_id=kept.pk, duplicate_id=duplicate.pk, now=NOW)


def with_everything(tree: Tree) -> Person:
    person = registered(tree.here, address="کوچهٔ یکم", gender=Gender.FEMALE)
    record_vetting(
        actor=OPERATOR,
        person_id=person.pk,
        tier=VettingTier.CONTACT,
        issued_on=TODAY,
        expires_on=TODAY.replace(year=TODAY.year + 1),
    )
    record_training(
        actor=OPERATOR,
        person_id=person.pk,
        course_code="first-aid",
        duration_minutes=90,
        completed_on=TODAY,
    )
    register_facilitator(
        actor=OPERATOR,
        person_id=person.pk,
        place_ids=[tree.here.pk],
        certificate_expires_on=None,
    )
    return person


def test_a_duplicate_redirects_in_one_step(tree: Tree) -> None:
    kept, duplicate = registered(tree.here), registered(tree.here)

    assert merge(kept, duplicate) == kept

    assert canonical_person_id(person_id=duplicate.pk) == kept.pk
    assert canonical_person_id(person_id=kept.pk) == kept.pk
    assert records_of_person(person_id=duplicate.pk) == [kept.pk, duplicate.pk]
    assert VolunteerProfile.objects.get(person=duplicate).status == VolunteerStatus.WITHDRAWN
    assert set(matchable_volunteers(on=TODAY).values_list("person_id", flat=True)) == {kept.pk}
    assert Event.objects.get(kind="people.person_merged").payload == {"duplicate_id": duplicate.pk}
    assert VaultEntry.objects.filter(person=duplicate).count() == 2


def test_a_chain_of_merges_stays_one_step_long(tree: Tree) -> None:
    first, second, third = (registered(tree.here) for _ in range(3))

    merge(second, first)
    merge(third, second)

    assert {canonical_person_id(person_id=person.pk) for person in (first, second, third)} == {
        third.pk,
    }
    assert set(Person.objects.values_list("merged_into_id", flat=True)) == {None, third.pk}


def test_what_cannot_be_merged_is_refused(tree: Tree) -> None:
    kept, duplicate, other, forgotten = (registered(tree.here) for _ in range(4))
    merge(kept, duplicate)
    forget_person(actor=OPERATOR, person_id=forgotten.pk, now=NOW)

    for pair in (
        (kept, kept),
        (duplicate, other),
        (other, duplicate),
        (other, Person(pk=0)),
        (other, forgotten),
        (forgotten, other),
    ):
        with pytest.raises(InvalidInput):
            merge(*pair)
    with pytest.raises(PermissionRefused):
        merge_people(actor=Stranger(), kept_id=kept.pk, duplicate_id=other.pk, now=NOW)


def test_a_merge_that_would_lose_a_volunteer_is_refused(tree: Tree) -> None:
    bare, volunteer = make_person(home=tree.here), registered(tree.here)

    with pytest.raises(InvalidInput, match="داوطلب"):
        merge(bare, volunteer)

    merge(volunteer, bare)
    assert matchable_volunteers(on=TODAY).count() == 1


def test_the_export_says_all_that_the_room_holds(tree: Tree) -> None:
    person = with_everything(tree)
    duplicate = registered(tree.next_door)
    merge(person, duplicate)

    held = export_for(duplicate.pk)

    assert [row["given_name"] for row in held["person"]] == ["مریم", "مریم"]  # type: ignore[attr-defined]
    volunteer = held["volunteer"][0]  # type: ignore[index]
    assert volunteer["skills"] == ["قصه‌گویی"]
    assert volunteer["areas"] == ["کودک و نوجوان"]
    assert volunteer["half_days"] == ["شنبه صبح"]
    assert len(held["consents"]) == 6  # type: ignore[arg-type]
    assert len(held["credentials"]) == len(held["training"]) == 1  # type: ignore[arg-type]
    assert held["facilitator"][0]["served"] == ["جوانمرد"]  # type: ignore[index]
    assert held["contact_kinds"] == ["address", "national_id", "phone"]


def test_a_forgotten_person_is_an_empty_shell(tree: Tree) -> None:
    person = with_everything(tree)
    duplicate = registered(tree.next_door)
    merge(person, duplicate)
    bystander = registered(tree.here)
    exported = export_for(person.pk)

    forget_person(actor=actor_for(person_id=person.pk, at=NOW), person_id=person.pk, now=NOW)

    assert exported["contact_kinds"]
    assert set(VaultEntry.objects.values_list("person_id", flat=True)) == {bystander.pk}
    for record in Person.objects.filter(pk__in=[person.pk, duplicate.pk]):
        assert (record.given_name, record.family_name, record.birth_date) == ("", "", None)
        assert (record.gender, record.home_place_id) == (Gender.UNSTATED, None)
        assert (record.province_code, record.forgotten_at) == ("", NOW)
        profile = record.volunteer
        assert profile.status == VolunteerStatus.WITHDRAWN
        assert (profile.skill_bits, profile.area_bits, profile.half_day_bits) == (0, 0, 0)
        assert profile.province_code == ""
    for model in (Credential, TrainingRecord, Facilitator):
        assert not model.objects.filter(person=person).exists()
    assert not Consent.objects.filter(person=person, withdrawn_at__isnull=True).exists()
    assert Consent.objects.filter(person=person).exists()
    assert set(matchable_volunteers(on=TODAY).values_list("person_id", flat=True)) == {
        bystander.pk,
    }
    assert volunteer_counts_by_place() == {"23": 1}


def test_forgetting_twice_changes_nothing(tree: Tree) -> None:
    person = registered(tree.here)
    for _ in range(2):
        forget_person(actor=OPERATOR, person_id=person.pk, now=NOW)

    assert Event.objects.filter(kind="people.person_forgotten").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("forgotten", ["kept", "duplicate"])
def test_a_merge_that_comes_in_between_leaves_no_record_whole(tree: Tree, forgotten: str) -> None:
    kept, duplicate = registered(tree.here), registered(tree.here)
    person_id = {"kept": kept.pk, "duplicate": duplicate.pk}[forgotten]

    def forget() -> None:
        try:
            forget_person(actor=OPERATOR, person_id=person_id, now=NOW)
        finally:
            connection.close()

    thread = threading.Thread(target=forget)
    with transaction.atomic():
        merge(kept, duplicate)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "forgetting must wait for the merge"
    thread.join(timeout=10)

    assert set(Person.objects.values_list("given_name", "forgotten_at")) == {("", NOW)}
    assert not VaultEntry.objects.exists()


def test_nobody_else_makes_a_person_forgotten(tree: Tree) -> None:
    person = registered(tree.here)
    somebody = actor_for(person_id=registered(tree.here).pk, at=NOW)

    for actor, person_id in ((somebody, person.pk), (Stranger(), person.pk), (OPERATOR, 0)):
        with pytest.raises(PermissionRefused):
            forget_person(actor=actor, person_id=person_id, now=NOW)
    assert VaultEntry.objects.filter(person=person).exists()


def test_every_room_can_export_and_forget_somebody_it_does_not_know(tree: Tree) -> None:
    person = make_person(home=tree.here)

    for handler in personal_data_handlers():
        assert isinstance(handler.export_for(person.pk), dict)
        handler.forget(person.pk, NOW)
