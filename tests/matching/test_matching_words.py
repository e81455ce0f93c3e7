"""Words on the shelf say the same as the definition, whatever changes and on whatever day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from salam.core.dates import age_years, local_day
from salam.matching.actions import refresh_words
from salam.matching.models import ChangedVolunteer, VolunteerWord
from salam.matching.queries.problem import build_problem
from salam.matching.queries.volunteers import matchable_among, read_volunteers
from salam.people.actions import (
    ProfileChange,
    forget_person,
    record_vetting,
    update_profile,
    withdraw_consent,
)
from salam.people.enums import (
    ConsentPurpose,
    CredentialKind,
    Gender,
    VettingTier,
    VolunteerStatus,
)
from salam.people.models import Consent, Credential, Person, VolunteerProfile
from salam.people.queries import matchable_obstacle
from tests.cast import NOW
from tests.matching.worlds import COMPANION, OPERATOR, World

pytestmark = pytest.mark.django_db

TODAY = local_day(NOW)


@pytest.fixture
def world() -> World:
    return World()


def word_by_definition(person_id: int, on: date) -> int:
    """Vetting in unary, woman, man, and 18, 21 and 28 years, from the lowest bit on."""
    person = Person.objects.get(pk=person_id)
    valid = Credential.objects.filter(person_id=person_id, kind=CredentialKind.VETTING)
    tiers = valid.filter(issued_on__lte=on, expires_on__gt=on).values_list("tier", flat=True)
    word = (1 << max(tiers, default=0)) - 1
    word |= (person.gender == Gender.FEMALE) << 3 | (person.gender == Gender.MALE) << 4
    assert person.birth_date is not None
    age = age_years(born_on=person.birth_date, on=on)
    return word | (age >= 18) << 5 | (age >= 21) << 6 | (age >= 28) << 7


def by_definition(on: date = TODAY) -> dict[int, int]:
    everybody = VolunteerProfile.objects.values_list("person_id", flat=True)
    return {
        person_id: word_by_definition(person_id, on)
        for person_id in everybody
        if matchable_obstacle(person_id=person_id, on=on) is None
    }


def as_read(on: date = TODAY) -> dict[int, int]:
    found = read_volunteers(on=on)
    among = matchable_among(
        person_ids=np.array(VolunteerProfile.objects.values_list("person_id", flat=True)), on=on
    )
    assert among.tolist() == found.person_id.tolist()
    return dict(zip(found.person_id.tolist(), found.words.tolist(), strict=True))


def on_the_shelf() -> dict[int, int]:
    words = VolunteerWord.objects.filter(is_matchable=True)
    return dict(words.values_list("person_id", "word"))


CHANGES: dict[str, Callable[[int, World], object]] = {
    "birth date": lambda one, _: Person.objects.filter(pk=one).update(birth_date=date(2007, 1, 1)),
    "no birth date": lambda one, _: Person.objects.filter(pk=one).update(birth_date=None),
    "gender": lambda one, _: Person.objects.filter(pk=one).update(gender=Gender.MALE),
    "home": lambda one, _: Person.objects.filter(pk=one).update(home_place=None),
    "merged": lambda one, world: Person.objects.filter(pk=one).update(
        merged_into=world.cast.national
    ),
    "forgotten": lambda one, _: forget_person(actor=OPERATOR, person_id=one, now=NOW),
    "status": lambda one, _: VolunteerProfile.objects.filter(person_id=one).update(
        status=VolunteerStatus.PAUSED
    ),
    "no skill": lambda one, _: VolunteerProfile.objects.filter(person_id=one).update(skill_bits=0),
    "no time": lambda one, _: update_profile(
        actor=OPERATOR, person_id=one, change=ProfileChange(half_day_bits=0), now=NOW
    ),
    "no profile": lambda one, _: VolunteerProfile.objects.filter(person_id=one).delete(),
    "consent": lambda one, _: withdraw_consent(
        actor=OPERATOR, person_id=one, purpose=ConsentPurpose.MATCHING, now=NOW
    ),
    "consent deleted": lambda one, _: Consent.objects.filter(person_id=one).delete(),
    "vetting": lambda one, _: record_vetting(
        actor=OPERATOR,
        person_id=one,
        tier=VettingTier.PERSONAL_CARE,
        issued_on=TODAY,
        expires_on=date(2027, 1, 1),
    ),
    "vetting moved": lambda one, _: Credential.objects.filter(person_id=one).update(
        person_id=VolunteerProfile.objects.exclude(person_id=one).earliest("pk").person_id
    ),
    "vetting deleted": lambda one, _: Credential.objects.filter(person_id=one).delete(),
    "newcomer": lambda _, world: world.volunteer(gender=Gender.UNSTATED),
}


@pytest.mark.parametrize("ingredient", CHANGES)
def test_a_change_of_any_ingredient_shows_at_once(world: World, ingredient: str) -> None:
    world.volunteer()
    one = world.volunteer(vetting_tier=VettingTier.CONTACT)
    assert refresh_words(on=TODAY) == 2
    before = as_read()

    CHANGES[ingredient](one, world)

    assert as_read() == by_definition()
    assert as_read() != before
    refresh_words(on=TODAY)
    assert on_the_shelf() == as_read() == by_definition()
    assert refresh_words(on=TODAY) == 0


def test_skills_and_time_are_those_of_the_moment(world: World) -> None:
    one = world.volunteer()
    refresh_words(on=TODAY)

    update_profile(
        actor=OPERATOR,
        person_id=one,
        change=ProfileChange(skill_bits=COMPANION, radius_m=7, weekly_half_days=1),
        now=NOW,
    )

    found = read_volunteers(on=TODAY)
    assert found.skill_words.tolist() == [COMPANION]
    assert (found.radius_m.tolist(), found.weekly_half_days.tolist()) == ([7], [1])


BORN_ON_A_LEAP_DAY = date(2008, 2, 29)


@pytest.mark.parametrize(
    "birth_date",
    [BORN_ON_A_LEAP_DAY, date(2008, 12, 1), date(2005, 11, 22), date(1999, 3, 1)],
)
def test_a_word_holds_until_the_day_that_changes_it(world: World, birth_date: date) -> None:
    """Two years around birthdays, with vetting that begins and ends in between."""
    one = world.volunteer(birth_date=birth_date)
    world.volunteer(vetting_tier=VettingTier.UNSUPERVISED)
    Consent.objects.create(
        person_id=one, purpose=ConsentPurpose.GUARDIAN, channel="file", given_at=NOW
    )
    Consent.objects.filter(person_id=one, purpose=ConsentPurpose.GUARDIAN).delete()
    Credential.objects.create(
        person_id=one,
        kind=CredentialKind.VETTING,
        tier=1,
        issued_on=date(2026, 2, 1),
        expires_on=date(2026, 3, 2),
    )
    days = [date(2026, 1, 30) + timedelta(days=step) for step in range(420)]
    refresh_words(on=days[0])
    for day in days:
        if word_by_definition(one, day) == word_by_definition(one, day - timedelta(days=1)):
            continue
        for around in (day - timedelta(days=1), day):
            assert as_read(around) == by_definition(around), around
            refresh_words(on=around)
            assert as_read(around) == by_definition(around), around
    # And back again: a word is not used for days before it was made.
    assert as_read(days[0]) == by_definition(days[0])


def test_born_on_a_leap_day_is_of_age_on_the_first_of_march(world: World) -> None:
    one = world.volunteer(birth_date=BORN_ON_A_LEAP_DAY)
    for day in (date(2026, 2, 27), date(2026, 2, 28)):
        refresh_words(on=day)

    assert one not in as_read(date(2026, 2, 28))
    assert one in as_read(date(2026, 3, 1))


def test_the_shelf_changes_nothing_in_a_problem(world: World) -> None:
    for tier in VettingTier:
        world.volunteer(vetting_tier=tier, skill_bits=(1 << 63) | 2, radius_m=100)
    world.need()
    bare = build_problem(on=TODAY)
    refresh_words(on=TODAY)

    shelved = build_problem(on=TODAY)

    assert bare.person_ids.tolist() == shelved.person_ids.tolist()
    for name in ("v_lat", "v_lon", "v_radius_m", "v_cap", "v_slots", "v_skills", "v_attrs"):
        np.testing.assert_array_equal(
            getattr(bare.problem, name), getattr(shelved.problem, name), name
        )


def test_a_place_reads_only_who_may_reach_it(world: World) -> None:
    """A hundredth of a degree is 1.1 km: those just inside their radius are read, on each side."""
    near = world.neighbourhood_north(0.0)
    world.need(place=near)
    inside = [
        world.volunteer(home_place_id=world.neighbourhood_north(degrees).pk, radius_m=2_230)
        for degrees in (0.02, -0.02)
    ]
    outside = world.volunteer(home_place_id=world.neighbourhood_north(0.03).pk, radius_m=2_230)

    whole = build_problem(on=TODAY).person_ids.tolist()
    part = build_problem(on=TODAY, within_path=near.path).person_ids.tolist()

    assert outside in whole
    assert part == inside


def test_renewing_takes_a_fixed_number_of_statements(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        world.volunteer()

    with django_assert_num_queries(7):  # two of them open and end the step of a transaction
        assert refresh_words(on=TODAY) == 5


@pytest.mark.django_db(transaction=True)
def test_a_change_under_way_while_words_are_renewed_is_not_lost() -> None:
    world = World()
    one = world.volunteer()
    refresh_words(on=TODAY)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "UPDATE people_person SET gender = 'male', birth_date = '2006-01-01' WHERE id = %s",
                [one],
            )
            Credential.objects.create(
                person_id=one,
                kind=CredentialKind.VETTING,
                tier=1,
                issued_on=TODAY,
                expires_on=date(2027, 1, 1),
            )
            refresh_words(on=TODAY)
            assert as_read() == by_definition()
            cursor.execute("COMMIT")
        assert as_read() == by_definition()
        assert ChangedVolunteer.objects.count() == 1
    finally:
        other.close()


def test_what_is_held_on_somebody_goes_with_the_person(world: World) -> None:
    one = world.volunteer()
    refresh_words(on=TODAY)

    forget_person(actor=OPERATOR, person_id=one, now=NOW)

    assert not VolunteerWord.objects.filter(person_id=one).exists()
