"""One person, one record; and nothing that could be read stands outside the vault."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from salam.access.queries import actor_for
from salam.core.actors import Stranger
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.people.actions import (
    IntakeOutcome,
    Registration,
    VolunteerIntake,
    merge_people,
    register_volunteers,
    retire_skill,
)
from salam.people.actions.intake import check_intake
from salam.people.enums import ConsentPurpose, RegistrationChannel, VettingTier, VolunteerStatus
from salam.people.models import Consent, Credential, Person, VolunteerProfile
from salam.people.queries import matchable_volunteers
from salam.people.vault.enums import VaultKind
from salam.people.vault.models import VaultEntry
from salam.people.vault.queries import open_entry
from tests.cast import NOW, Tree, make_cast
from tests.people.intake import (
    FULL_CONSENT,
    OPERATOR,
    STORYTELLING,
    made_up_national_id,
    new_intake,
    register,
)

TODAY = NOW.date()


def status_of(outcome: IntakeOutcome) -> str:
    return VolunteerProfile.objects.get(person_id=outcome.person_id).status


def test_a_newcomer_gets_person_profile_consents_vault_and_event(tree: Tree) -> None:
    intake = new_intake(tree.here, address="کوچهٔ یکم، پلاک ۲", campaign_code="ramadan-1405")

    [outcome] = register(intake)

    assert outcome.registration is Registration.CREATED
    assert outcome.is_matchable
    person = Person.objects.get(pk=outcome.person_id)
    assert (person.given_name, person.family_name) == ("مریم", "رضایی")
    assert (person.home_place_id, person.province_code) == (tree.here.pk, "23")
    profile = person.volunteer
    assert (profile.status, profile.skill_bits) == (VolunteerStatus.ACTIVE, STORYTELLING)
    assert profile.campaign_code == "ramadan-1405"
    assert set(person.consents.values_list("purpose", flat=True)) == FULL_CONSENT
    for kind, value in (
        (VaultKind.PHONE, intake.phone),
        (VaultKind.NATIONAL_ID, intake.national_id),
        (VaultKind.ADDRESS, intake.address),
    ):
        assert open_entry(person_id=person.pk, kind=kind) == value
    event = Event.objects.get(kind="people.volunteer_registered")
    assert (event.subject_type, event.subject_id) == ("people.Person", person.pk)
    assert event.payload == {"status": "active", "channel": "file"}


def test_everybody_of_a_batch_gets_an_event(tree: Tree) -> None:
    outcomes = register(*(new_intake(tree.here) for _ in range(7)))

    events = Event.objects.filter(kind="people.volunteer_registered")
    assert set(events.values_list("subject_id", flat=True)) == {o.person_id for o in outcomes}
    assert events.count() == 7


def test_the_same_people_twice_change_nothing(tree: Tree) -> None:
    intakes = [new_intake(tree.here) for _ in range(3)]
    first = register(*intakes)
    counts = row_counts()

    second = register(*intakes)
    third = register(intakes[1])

    assert [outcome.registration for outcome in (*second, *third)] == [Registration.KNOWN] * 4
    assert [outcome.person_id for outcome in second] == [outcome.person_id for outcome in first]
    assert row_counts() == counts


def test_somebody_twice_in_one_batch_is_one_person(tree: Tree) -> None:
    intake = new_intake(tree.here)

    first, second = register(intake, replace(intake, given_name="مریم ", national_id=""))

    assert first.person_id == second.person_id
    assert second.registration is Registration.KNOWN
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "+989351112233"},
        {"national_id": ""},
        {"given_name": "مريم", "family_name": "رضائی", "national_id": ""},
        {"birth_date": None, "national_id": ""},
    ],
)
def test_a_person_is_known_by_national_id_or_by_phone_name_and_birth_date(
    tree: Tree,
    changes: dict[str, object],
) -> None:
    intake = new_intake(tree.here)
    [known] = register(intake)

    [again] = register(replace(intake, **changes))  # type: ignore[arg-type]

    assert again.person_id == known.person_id
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"given_name": "زهرا", "national_id": ""},
        {"birth_date": date(1990, 1, 1), "national_id": ""},
        {"phone": "+989351112233", "national_id": ""},
        {"given_name": "زهرا"},
    ],
)
def test_a_family_that_shares_a_phone_stays_several_people(
    tree: Tree,
    changes: dict[str, object],
) -> None:
    intake = new_intake(tree.here)
    values = {"national_id": made_up_national_id(900_001)} | changes

    outcomes = register(intake, replace(intake, **values))  # type: ignore[arg-type]

    assert [outcome.registration for outcome in outcomes] == [Registration.CREATED] * 2
    assert len({outcome.person_id for outcome in outcomes}) == 2


def test_two_national_ids_are_two_people_whatever_else_they_share(tree: Tree) -> None:
    father = new_intake(tree.here, birth_date=None)
    son = replace(father, national_id=made_up_national_id(900_002))

    together = register(father, son)
    later = register(replace(father, national_id=made_up_national_id(900_003)))

    assert {outcome.registration for outcome in (*together, *later)} == {Registration.CREATED}
    assert Person.objects.count() == 3


def test_what_differs_is_named_and_not_touched(tree: Tree) -> None:
    intake = new_intake(tree.here)
    [known] = register(intake)
    before = Person.objects.filter(pk=known.person_id).values().get()

    [outcome] = register(
        replace(
            intake,
            family_name="محمدی",
            birth_date=date(1990, 1, 1),
            phone="+989351112233",
            skill_bits=0,
        ),
    )

    assert outcome.registration is Registration.KNOWN_DIFFERS
    assert outcome.differing == ("نام", "تاریخ تولد", "شمارهٔ تلفن")
    assert Person.objects.filter(pk=known.person_id).values().get() == before
    assert open_entry(person_id=known.person_id, kind=VaultKind.PHONE) == intake.phone


def test_what_is_told_for_the_first_time_is_named_too(tree: Tree) -> None:
    intake = new_intake(tree.here, birth_date=None, national_id="")
    register(intake)

    [outcome] = register(
        replace(intake, birth_date=date(1990, 1, 1), national_id=made_up_national_id(900_004)),
    )

    assert outcome.differing == ("تاریخ تولد", "کد ملی")


def test_a_merged_duplicate_is_known_as_the_record_that_was_kept(tree: Tree) -> None:
    kept_intake, duplicate_intake = new_intake(tree.here), new_intake(tree.here, national_id="")
    kept, duplicate = register(kept_intake, duplicate_intake)
    merge_people(
        actor=OPERATOR,
        kept_id=kept.person_id,
        duplicate_id=duplicate.person_id,
        now=NOW,
    )

    by_phone, by_both = register(
        duplicate_intake,
        replace(kept_intake, phone=duplicate_intake.phone),
    )

    assert by_phone.person_id == by_both.person_id == kept.person_id
    assert by_both.registration is Registration.KNOWN


def test_a_minor_needs_a_guardians_consent(tree: Tree) -> None:
    young = date(TODAY.year - 15, 1, 1)

    alone, guarded = register(
        new_intake(tree.here, birth_date=young),
        new_intake(tree.here, birth_date=young, consents=FULL_CONSENT | {ConsentPurpose.GUARDIAN}),
    )

    assert (status_of(alone), alone.is_matchable) == (VolunteerStatus.INVITED, False)
    assert (status_of(guarded), guarded.is_matchable) == (VolunteerStatus.ACTIVE, True)


@pytest.mark.parametrize(
    "changes",
    [{"birth_date": None}, {"consents": frozenset()}, {"consents": {ConsentPurpose.MESSAGES}}],
)
def test_without_birth_date_or_consent_a_person_is_only_invited(
    tree: Tree,
    changes: dict[str, object],
) -> None:
    [outcome] = register(new_intake(tree.here, **changes))

    assert status_of(outcome) == VolunteerStatus.INVITED
    assert not outcome.is_matchable


def test_who_is_called_matchable_is_matchable(tree: Tree) -> None:
    outcomes = register(
        new_intake(tree.here),
        new_intake(tree.here, skill_bits=0),
        new_intake(tree.here, half_day_bits=0),
        new_intake(tree.here, weekly_half_days=0),
        new_intake(tree.here, consents=frozenset()),
        new_intake(tree.here, skill_bits=1 << 63),
    )

    matchable = set(matchable_volunteers(on=TODAY).values_list("person_id", flat=True))
    assert {outcome.person_id for outcome in outcomes if outcome.is_matchable} == matchable
    assert matchable == {outcomes[0].person_id}


def test_the_day_counts_as_it_is_in_iran(tree: Tree) -> None:
    just_adult = new_intake(tree.here, birth_date=date(2008, 11, 23))
    after_midnight = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)

    [outcome] = register_volunteers(
        actor=OPERATOR,
        intakes=[just_adult],
        channel=RegistrationChannel.FILE,
        now=after_midnight,
    )

    assert outcome.is_matchable


def test_consent_from_a_paper_keeps_its_date(tree: Tree) -> None:
    signed_at = NOW - timedelta(days=30)

    register(new_intake(tree.here, consented_at=signed_at))

    assert set(Consent.objects.values_list("given_at", flat=True)) == {signed_at}


def test_vetting_on_paper_comes_in_but_nobody_vets_themselves(tree: Tree) -> None:
    vetted = new_intake(
        tree.here,
        vetting_tier=VettingTier.UNSUPERVISED,
        vetting_issued_on=TODAY - timedelta(days=10),
        vetting_expires_on=TODAY + timedelta(days=300),
    )
    register(vetted)

    assert list(Credential.objects.values_list("tier", flat=True)) == [2]
    for channel in (RegistrationChannel.ONLINE, RegistrationChannel.CLERK):
        with pytest.raises(ValueError, match="vetting"):
            register_volunteers(actor=OPERATOR, intakes=[vetted], channel=channel, now=NOW)


def test_a_skill_retired_meanwhile_is_not_written(tree: Tree) -> None:
    retire_skill(actor=OPERATOR, code="storytelling", now=NOW)

    [outcome] = register(new_intake(tree.here, skill_bits=STORYTELLING | 1 << 2))

    assert VolunteerProfile.objects.get(person_id=outcome.person_id).skill_bits == 1 << 2


def test_a_dry_run_writes_nothing(tree: Tree) -> None:
    intake = new_intake(tree.here)
    counts = row_counts()

    outcomes = register_volunteers(
        actor=OPERATOR,
        intakes=[intake, intake],
        channel=RegistrationChannel.FILE,
        now=NOW,
        dry_run=True,
    )

    assert [(o.person_id, o.registration) for o in outcomes] == [
        (0, Registration.CREATED),
        (0, Registration.KNOWN),
    ]
    assert row_counts() == counts


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"birth_date": TODAY + timedelta(days=1)}, "آینده"),
        ({"birth_date": date(TODAY.year - 112, 1, 1)}, "خیلی دور"),
        ({"birth_date": date(TODAY.year - 14, TODAY.month, TODAY.day + 1)}, "۱۴ سالگی"),
        ({"given_name": "<b>"}, "^نام نویسه"),
        ({"given_name": " "}, "^نام خالی"),
        ({"family_name": "ا" * 81}, "^نام خانوادگی بلندتر"),
        ({"address": "<script>"}, "^نشانی"),
        ({"half_day_bits": 1 << 14}, "نیم‌روزها"),
        ({"weekly_half_days": 15}, "سقف هفتگی"),
        ({"radius_m": 200_001}, "شعاع"),
        ({"campaign_code": "نوروز"}, "کد پویش"),
    ],
)
def test_what_is_wrong_with_an_intake_is_said(
    tree: Tree,
    changes: dict[str, object],
    reason: str,
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        check_intake(intake=new_intake(tree.here, **changes), on=TODAY)


def test_a_fourteenth_birthday_is_early_enough_and_names_are_cleaned(tree: Tree) -> None:
    intake = new_intake(
        tree.here,
        given_name=" علي ",
        birth_date=date(TODAY.year - 14, TODAY.month, TODAY.day),
    )

    assert check_intake(intake=intake, on=TODAY).given_name == "علی"


def test_people_register_themselves_online_one_at_a_time(tree: Tree) -> None:
    intakes = [new_intake(tree.here), new_intake(tree.here)]
    online = RegistrationChannel.ONLINE

    register_volunteers(actor=Stranger(), intakes=intakes[:1], channel=online, now=NOW)

    assert Person.objects.count() == 1
    with pytest.raises(ValueError, match="one at a time"):
        register_volunteers(actor=Stranger(), intakes=intakes, channel=online, now=NOW)


@pytest.mark.django_db
def test_a_clerk_registers_people_of_the_own_area_only() -> None:
    cast = make_cast()
    clerk = actor_for(person_id=cast.centre_manager.pk, at=NOW)
    channel = RegistrationChannel.CLERK
    people = Person.objects.count()

    for refused in (
        [new_intake(cast.places.elsewhere)],
        [new_intake(cast.places.here), new_intake(cast.places.elsewhere)],
        [new_intake(cast.places.here, home_place_id=0)],
    ):
        with pytest.raises(PermissionRefused):
            register_volunteers(actor=clerk, intakes=refused, channel=channel, now=NOW)
    with pytest.raises(PermissionRefused):
        register_volunteers(
            actor=Stranger(),
            intakes=[new_intake(cast.places.here)],
            channel=channel,
            now=NOW,
        )
    assert Person.objects.count() == people

    [outcome] = register_volunteers(
        actor=clerk,
        intakes=[new_intake(cast.places.here)],
        channel=channel,
        now=NOW,
    )
    taken_by = Consent.objects.filter(person_id=outcome.person_id).values_list("taken_by_id")
    assert set(taken_by) == {(cast.centre_manager.pk,)}


def test_a_batch_of_any_size_takes_the_same_few_queries(tree: Tree) -> None:
    def queries_for(count: int) -> int:
        intakes = [new_intake(tree.here) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            register(*intakes)
        return len(queries)

    assert queries_for(2) == queries_for(300) <= 13
    assert queries_for(1) <= 15


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 40])
def test_the_same_people_in_two_intakes_at_once_end_with_one_record_each(
    tree: Tree,
    size: int,
) -> None:
    intakes = [new_intake(tree.here, national_id="") for _ in range(size)]
    start = Barrier(2)

    def intake_at_once(batch: list[VolunteerIntake]) -> list[IntakeOutcome]:
        try:
            start.wait(timeout=30)
            return register(*batch)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(intake_at_once, (intakes, intakes[::-1]))

    assert Person.objects.count() == VaultEntry.objects.count() == size
    assert [outcome.person_id for outcome in first] == [
        outcome.person_id for outcome in reversed(second)
    ]
    registrations = [outcome.registration for outcome in (*first, *second)]
    assert registrations.count(Registration.CREATED) == size
    assert registrations.count(Registration.KNOWN) == size


@pytest.mark.django_db(transaction=True)
def test_one_who_registers_while_a_file_comes_in_is_one_person(tree: Tree) -> None:
    intakes = [new_intake(tree.here, national_id="") for _ in range(60)]
    start = Barrier(2)

    def intake_at_once(batch: list[VolunteerIntake]) -> list[IntakeOutcome]:
        try:
            start.wait(timeout=30)
            return register(*batch)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(intake_at_once, (intakes, intakes[-1:])))

    assert Person.objects.count() == 60


def row_counts() -> dict[str, int]:
    models = (Person, VolunteerProfile, Consent, Credential, VaultEntry, Event)
    return {model.__name__: model.objects.count() for model in models}
