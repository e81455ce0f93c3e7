"""What the way in trusts nobody with: homes, papers, a guardian's word, who is known already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from salam.core.actors import Actor, Scope, Stranger
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.verbs import Verb
from salam.people.actions import (
    IntakeOutcome,
    Registration,
    VolunteerIntake,
    register_volunteers,
)
from salam.people.actions.consents import GuardianMustConsent
from salam.people.enums import ConsentPurpose, RegistrationChannel, VettingTier
from salam.people.models import Credential, Person, VolunteerProfile
from salam.places.enums import PlaceKind
from tests.cast import NOW, Tree, make_place
from tests.people.intake import FULL_CONSENT, OPERATOR, new_intake, register

TODAY = NOW.date()
MINOR_BORN_ON = date(TODAY.year - 15, 1, 1)
VETTED = {
    "vetting_tier": VettingTier.UNSUPERVISED,
    "vetting_issued_on": TODAY - timedelta(days=10),
    "vetting_expires_on": TODAY + timedelta(days=300),
}


@dataclass(frozen=True)
class Registrar:
    """May do the verbs over one place and all below it."""

    verbs: frozenset[Verb]
    path: str
    person_id: int | None = None

    def can(self, verb: Verb, scope: Scope) -> bool:
        return verb in self.verbs and f"{scope.place_path}.".startswith(f"{self.path}.")


def register_as(
    actor: Actor,
    intake: VolunteerIntake,
    channel: RegistrationChannel = RegistrationChannel.ONLINE,
) -> IntakeOutcome:
    [outcome] = register_volunteers(actor=actor, intakes=[intake], channel=channel, now=NOW)
    return outcome


def test_nobody_brings_a_guardians_consent_online(tree: Tree) -> None:
    with_guardian = FULL_CONSENT | {ConsentPurpose.GUARDIAN}
    for birth_date in (MINOR_BORN_ON, date(1985, 5, 23), None):
        with pytest.raises(GuardianMustConsent):
            register_as(
                Stranger(),
                new_intake(tree.here, birth_date=birth_date, consents=with_guardian),
            )
    assert not Person.objects.exists()

    minor = register_as(Stranger(), new_intake(tree.here, birth_date=MINOR_BORN_ON))
    assert not minor.is_matchable


def test_consent_online_is_given_now_and_at_no_other_time(tree: Tree) -> None:
    with pytest.raises(ValueError, match="consent"):
        register_as(Stranger(), new_intake(tree.here, consented_at=NOW - timedelta(days=1)))


def test_the_province_is_that_of_the_home_whatever_an_intake_says(tree: Tree) -> None:
    outcomes = [
        register_as(Stranger(), new_intake(tree.here, home_province_code="99")),
        register_as(OPERATOR, new_intake(tree.elsewhere), RegistrationChannel.CLERK),
        *register(new_intake(tree.elsewhere, home_province_code="23")),
    ]

    ids = [outcome.person_id for outcome in outcomes]
    codes = dict(zip(ids, ("23", "2", "2"), strict=True))
    assert dict(Person.objects.values_list("pk", "province_code")) == codes
    assert dict(VolunteerProfile.objects.values_list("person_id", "province_code")) == codes


def test_people_live_in_a_city_a_village_or_a_neighbourhood(tree: Tree) -> None:
    district = make_place(kind=PlaceKind.DISTRICT, code="230101", name="مرکزی", parent=tree.county)
    rural = make_place(
        kind=PlaceKind.RURAL_DISTRICT, code="2301011", name="قلعه‌نو", parent=district
    )
    village = make_place(kind=PlaceKind.VILLAGE, code="23010111", name="طالب‌آباد", parent=rural)

    for place in (tree.country, tree.province, tree.county, district, rural):
        for channel in RegistrationChannel:
            with pytest.raises(InvalidInput, match="محل زندگی"):
                register_as(OPERATOR, new_intake(place), channel)
    assert not Person.objects.exists()

    register(*(new_intake(place) for place in (tree.city, village, tree.here)))
    assert Person.objects.count() == 3


@pytest.mark.parametrize("actor", [Stranger(), OPERATOR])
def test_a_home_that_is_not_there_is_not_found(tree: Tree, actor: Actor) -> None:
    with pytest.raises(PermissionRefused):
        register_as(actor, new_intake(tree.here, home_place_id=0))


@pytest.mark.parametrize("channel", [RegistrationChannel.FILE, RegistrationChannel.DEMO])
def test_papers_of_vetting_need_the_right_to_record_them(
    tree: Tree,
    channel: RegistrationChannel,
) -> None:
    both = frozenset({Verb.VOLUNTEER_REGISTER, Verb.CREDENTIAL_RECORD})
    vetted = new_intake(tree.here, **VETTED)

    for actor in (
        Registrar(frozenset({Verb.VOLUNTEER_REGISTER}), tree.province.path),
        Registrar(both, tree.other_province.path),
    ):
        with pytest.raises(PermissionRefused):
            register_as(actor, vetted, channel)
    assert not Person.objects.exists()

    unvetted = new_intake(tree.here)
    register_as(Registrar(frozenset({Verb.VOLUNTEER_REGISTER}), "ir"), unvetted, channel)
    assert not Credential.objects.exists()
    register_as(Registrar(both, tree.province.path), vetted, channel)
    assert Credential.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"family_name": "محمدی"},
        {"phone": "+989351112233"},
        {"birth_date": date(1990, 1, 1), "given_name": "زهرا"},
    ],
)
def test_a_known_identifier_tells_a_stranger_nothing(
    tree: Tree,
    changes: dict[str, object],
) -> None:
    intake = new_intake(tree.here)
    register(intake)

    outcome = register_as(Stranger(), replace(intake, **changes))  # type: ignore[arg-type]

    assert outcome == IntakeOutcome(0, Registration.KNOWN)
    assert Person.objects.count() == 1
