"""The filter of the matching engine and the sentence told to a person agree on everybody."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from salam.people.enums import ConsentPurpose, CredentialKind, RegistrationChannel, VolunteerStatus
from salam.people.models import Consent, Credential, Person, VolunteerProfile
from salam.people.queries import MatchableObstacle, matchable_obstacle, matchable_volunteers
from salam.places.models import Place
from tests.cast import NOW, Tree
from tests.people.intake import registered

TODAY = NOW.date()
BIRTH_DATES = (
    None,
    TODAY.replace(year=TODAY.year - 18),
    TODAY.replace(year=TODAY.year - 18) + timedelta(days=1),
)
CONSENTS = (
    (),
    (ConsentPurpose.MATCHING,),
    (ConsentPurpose.GUARDIAN,),
    (ConsentPurpose.MATCHING, ConsentPurpose.GUARDIAN),
)


def make_everybody(home: Place) -> list[int]:
    """One person for each way of being or not being ready."""
    combinations = list(
        product(
            VolunteerStatus,
            BIRTH_DATES,
            CONSENTS,
            (home, None),
            (1, 0, -(1 << 63)),
            ((1, 1), (0, 1), (1, 0)),
            ("here", "merged", "forgotten"),
        ),
    )
    elsewhere = Person.objects.create(given_name="الف", family_name="ب", created_at=NOW)
    people = Person.objects.bulk_create(
        Person(
            given_name="الف",
            family_name="ب",
            birth_date=birth_date,
            home_place=place,
            merged_into=elsewhere if standing == "merged" else None,
            forgotten_at=NOW if standing == "forgotten" else None,
            created_at=NOW,
        )
        for _, birth_date, _, place, _, _, standing in combinations
    )
    VolunteerProfile.objects.bulk_create(
        VolunteerProfile(
            person=person,
            status=status,
            channel=RegistrationChannel.FILE,
            skill_bits=skills,
            half_day_bits=half_days,
            weekly_half_days=cap,
            registered_at=NOW,
        )
        for person, (status, _, _, _, skills, (half_days, cap), _) in zip(
            people,
            combinations,
            strict=True,
        )
    )
    Consent.objects.bulk_create(
        Consent(
            person=person,
            purpose=purpose,
            text_version="1",
            channel=RegistrationChannel.FILE,
            given_at=NOW,
            withdrawn_at=withdrawn_at,
        )
        for person, (_, _, given, *_) in zip(people, combinations, strict=True)
        for purpose in (ConsentPurpose.MATCHING, ConsentPurpose.GUARDIAN)
        for withdrawn_at in ((NOW, None) if purpose in given else (NOW,))
    )
    return [elsewhere.pk, *(person.pk for person in people)]


def test_filter_and_sentence_agree_on_every_combination(tree: Tree) -> None:
    everybody = make_everybody(tree.here)

    matchable = set(matchable_volunteers(on=TODAY).values_list("person_id", flat=True))
    obstacles = {key: matchable_obstacle(person_id=key, on=TODAY) for key in everybody}

    assert len(everybody) == 4 * 3 * 4 * 2 * 3 * 3 * 3 + 1
    assert matchable == {key for key, obstacle in obstacles.items() if obstacle is None}
    assert set(obstacles.values()) == {*MatchableObstacle, None}
    # An adult with consent or both consents, a minor with both; one good and one top-bit skill.
    assert len(matchable) == 3 * 2


@pytest.mark.parametrize(
    ("born_on", "on", "is_adult"),
    [
        (date(2008, 11, 22), date(2026, 11, 22), True),
        (date(2008, 11, 23), date(2026, 11, 22), False),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
        (date(2010, 2, 28), date(2028, 2, 29), True),
        (date(2010, 3, 1), date(2028, 2, 29), False),
    ],
)
def test_filter_and_sentence_agree_on_birthdays(
    tree: Tree,
    born_on: date,
    on: date,
    is_adult: bool,  # noqa: FBT001 - a row of the table
) -> None:
    person = registered(tree.here)
    Person.objects.filter(pk=person.pk).update(birth_date=born_on)

    assert matchable_volunteers(on=on).exists() is is_adult
    obstacle = matchable_obstacle(person_id=person.pk, on=on)
    assert obstacle == (None if is_adult else MatchableObstacle.NO_GUARDIAN)


@pytest.mark.parametrize(
    ("issued_in", "expires_in", "tier"),
    [(-10, 10, 2), (0, 1, 2), (1, 10, 0), (-10, 0, 0), (-10, -1, 0)],
)
def test_vetting_counts_while_it_is_valid(
    tree: Tree,
    issued_in: int,
    expires_in: int,
    tier: int,
) -> None:
    person = registered(tree.here)
    for number, kept in ((2, True), (3, False), (1, True)):
        Credential.objects.create(
            person=person if kept else registered(tree.here),
            kind=CredentialKind.VETTING,
            tier=number,
            issued_on=TODAY + timedelta(days=issued_in),
            expires_on=TODAY + timedelta(days=expires_in),
        )

    profile = matchable_volunteers(on=TODAY).get(person=person)
    assert profile.vetting_tier == tier  # type: ignore[attr-defined]


def test_everybody_is_asked_for_in_one_query(
    tree: Tree,
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    for _ in range(3):
        registered(tree.here)

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(matchable_volunteers(on=TODAY)) == 3
