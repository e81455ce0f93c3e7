"""Registering volunteers, one by one from a screen or many from files: one way in for all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.bulk import copy_rows, reserve_ids
from salam.core.dates import local_day
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.events import NewEvent, record_events
from salam.core.quantities import bits_of, to_signed
from salam.core.verbs import Verb
from salam.people.actions.consents import CONSENT_TEXT_VERSION, GuardianMustConsent
from salam.people.actions.intake import VolunteerIntake
from salam.people.actions.locking import lock_intake, lock_intake_of
from salam.people.actions.recognition import IntakeKeys, KnownPeople, KnownPerson
from salam.people.enums import (
    ConsentPurpose,
    CredentialKind,
    RegistrationChannel,
    VolunteerStatus,
)
from salam.people.models import Consent, Credential, Person, Skill, VolunteerProfile
from salam.people.queries import is_consent_complete
from salam.people.vault.actions import VaultInput, store_entries
from salam.people.vault.enums import VaultKind
from salam.places.enums import HOME_KINDS
from salam.places.models import Place

# Where somebody looked at papers; nobody vets themselves on-line.
_VETTING_CHANNELS: Final = frozenset({RegistrationChannel.FILE, RegistrationChannel.DEMO})


class Registration(StrEnum):
    CREATED = "created"
    KNOWN = "known"
    KNOWN_DIFFERS = "known_differs"


@dataclass(frozen=True)
class IntakeOutcome:
    """What became of one intake: a new person, or one we know, and what the new data say otherwise.

    A dry run makes no person: the number of a new one is 0. So is that of a known one on-line, and
    nothing differs there: whoever types a neighbour's national ID must learn nothing about the
    neighbour. What follows is a message to the phone that is on record, never another page.
    """

    person_id: int
    registration: Registration
    is_matchable: bool = False
    differing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Newcomer:
    """Somebody unknown so far: the record to be, and what is written into it."""

    known: KnownPerson
    intake: VolunteerIntake
    province_code: str
    skill_bits: int
    status: VolunteerStatus

    @property
    def person_id(self) -> int:
        return self.known.person_id

    @property
    def is_matchable(self) -> bool:
        has_time = self.intake.half_day_bits and self.intake.weekly_half_days
        return self.status is VolunteerStatus.ACTIVE and bool(self.skill_bits and has_time)


def register_volunteers(
    *,
    actor: Actor,
    intakes: Sequence[VolunteerIntake],
    channel: RegistrationChannel,
    now: datetime,
    is_generated: bool = False,
    dry_run: bool = False,
    register: KnownPeople | None = None,
) -> list[IntakeOutcome]:
    """Register volunteers in one transaction; returns one outcome an intake, in order.

    One person, one record (see :class:`KnownPeople`). A known person is left as is; what differs is
    named in the outcome. Without a birth date and consent to matching (and a guardian's for minors)
    a person comes in *invited*. Writes persons, profiles, consents, vault entries, credentials and
    an Event each, all by COPY. Intakes must have passed ``check_intake``; their province is that of
    the home place.

    People register themselves on-line, one at a time and without a guardian's word; for all else
    the actor must reach their home places, with the right to record credentials where somebody was
    vetted on paper. A dry run writes nothing; a ``register`` handed to it again remembers earlier
    calls. Raises GuardianMustConsent, InvalidInput, PermissionRefused, VaultKeyMissing.
    """
    provinces = _require_intake(actor, intakes, channel)
    register = register or KnownPeople()
    keys = [
        register.keys_of(
            name=intake.given_name + intake.family_name,
            phone=intake.phone,
            national_id=intake.national_id,
            other_id=intake.other_id,
        )
        for intake in intakes
    ]
    with transaction.atomic():
        if not dry_run:
            _lock(keys)
        register.look_up(keys)
        sorted_out = _sort_out(
            list(zip(intakes, keys, strict=True)),
            register,
            provinces=provinces,
            on=local_day(now),
        )
        newcomers = [newcomer for _row, newcomer, _known in sorted_out if newcomer]
        if newcomers and not dry_run:
            _write(newcomers, actor=actor, channel=channel, now=now, is_generated=is_generated)
    outcomes = [_outcome(known, newcomer, differing) for known, newcomer, differing in sorted_out]
    if channel is RegistrationChannel.ONLINE:
        return [_told_online(outcome) for outcome in outcomes]
    return outcomes


def _require_intake(
    actor: Actor,
    intakes: Sequence[VolunteerIntake],
    channel: RegistrationChannel,
) -> dict[int, str]:
    """Checks who may hand in what, and where; returns the province codes of the home places."""
    if channel not in _VETTING_CHANNELS and any(intake.vetting_tier for intake in intakes):
        raise ValueError("vetting comes from papers, not with a registration")
    if channel is RegistrationChannel.ONLINE:
        _check_online(intakes)
    homes = {
        home.pk: home
        for home in Place.objects.filter(
            pk__in={intake.home_place_id for intake in intakes},
        ).only("path", "kind", "province_code")
    }
    for intake in intakes:
        if intake.home_place_id not in homes:
            raise PermissionRefused
    if channel is not RegistrationChannel.ONLINE:
        _require_reach(actor, intakes, homes)
    if any(home.kind not in HOME_KINDS for home in homes.values()):
        raise InvalidInput(_("محل زندگی باید شهر، روستا یا محله باشد؛ آن را دوباره انتخاب کنید."))
    return {home.pk: home.province_code for home in homes.values()}


def _check_online(intakes: Sequence[VolunteerIntake]) -> None:
    """People speak for themselves, and now."""
    if len(intakes) != 1:
        raise ValueError("people register themselves on-line, one at a time")
    [intake] = intakes
    if intake.consented_at is not None:
        raise ValueError("consent on-line is given now")
    if ConsentPurpose.GUARDIAN in intake.consents:
        raise GuardianMustConsent


def _require_reach(
    actor: Actor,
    intakes: Sequence[VolunteerIntake],
    homes: Mapping[int, Place],
) -> None:
    """Over each home the right to register and, for who was vetted on paper, to record that."""
    if not intakes:
        require(actor, Verb.VOLUNTEER_REGISTER, Scope())
    vetted_homes = {intake.home_place_id for intake in intakes if intake.vetting_tier}
    for home_id, home in homes.items():
        scope = Scope(place_path=home.path)
        require(actor, Verb.VOLUNTEER_REGISTER, scope)
        if home_id in vetted_homes:
            require(actor, Verb.CREDENTIAL_RECORD, scope)


def _lock(keys: Sequence[IntakeKeys]) -> None:
    if len(keys) > 1:
        lock_intake()
        return
    for key in keys:
        lock_intake_of(lookups=key.lookups)


def _sort_out(
    intakes: Sequence[tuple[VolunteerIntake, IntakeKeys]],
    register: KnownPeople,
    *,
    provinces: Mapping[int, str],
    on: date,
) -> list[tuple[KnownPerson, _Newcomer | None, tuple[str, ...]]]:
    # A skill that was retired after the form was filled in: its bit may mean another one tomorrow.
    active = bits_of(bit for bit in Skill.objects.values_list("bit", flat=True) if bit is not None)
    sorted_out: list[tuple[KnownPerson, _Newcomer | None, tuple[str, ...]]] = []
    for intake, key in intakes:
        known = register.find(key, birth_date=intake.birth_date)
        if known is not None:
            differing = known.differing(key, birth_date=intake.birth_date)
            sorted_out.append((known, None, differing))
            continue
        newcomer = _Newcomer(
            known=register.add(key, birth_date=intake.birth_date),
            intake=intake,
            province_code=provinces[intake.home_place_id],
            skill_bits=intake.skill_bits & active,
            status=_first_status(intake, on=on),
        )
        sorted_out.append((newcomer.known, newcomer, ()))
    return sorted_out


def _outcome(
    known: KnownPerson,
    newcomer: _Newcomer | None,
    differing: tuple[str, ...],
) -> IntakeOutcome:
    if newcomer is not None:
        return IntakeOutcome(
            known.person_id,
            Registration.CREATED,
            is_matchable=newcomer.is_matchable,
        )
    registration = Registration.KNOWN_DIFFERS if differing else Registration.KNOWN
    return IntakeOutcome(known.person_id, registration, differing=differing)


def _told_online(outcome: IntakeOutcome) -> IntakeOutcome:
    if outcome.registration is Registration.CREATED:
        return outcome
    return IntakeOutcome(0, Registration.KNOWN)


def _first_status(intake: VolunteerIntake, *, on: date) -> VolunteerStatus:
    is_complete = is_consent_complete(
        birth_date=intake.birth_date,
        given=intake.consents,
        on=on,
    )
    return VolunteerStatus.ACTIVE if is_complete else VolunteerStatus.INVITED


def _write(
    newcomers: Sequence[_Newcomer],
    *,
    actor: Actor,
    channel: RegistrationChannel,
    now: datetime,
    is_generated: bool,
) -> None:
    ids = reserve_ids(model=Person, count=len(newcomers))
    for newcomer, person_id in zip(newcomers, ids, strict=True):
        newcomer.known.person_id = person_id
    _write_people(newcomers, now=now, is_generated=is_generated)
    _write_profiles(newcomers, channel=channel, now=now)
    _write_consents(newcomers, channel=channel, now=now, taken_by_id=actor.person_id)
    _write_credentials(newcomers)
    store_entries(entries=_vault_inputs(newcomers))
    record_events(
        events=(
            NewEvent(
                "people.volunteer_registered",
                "people.Person",
                newcomer.person_id,
                {"status": newcomer.status.value, "channel": channel.value},
            )
            for newcomer in newcomers
        ),
        actor_id=actor.person_id,
    )


def _write_people(newcomers: Sequence[_Newcomer], *, now: datetime, is_generated: bool) -> None:
    copy_rows(
        model=Person,
        columns=(
            "id",
            "public_id",
            "given_name",
            "family_name",
            "birth_date",
            "gender",
            "home_place_id",
            "province_code",
            "is_generated",
            "created_at",
        ),
        rows=(
            (
                newcomer.person_id,
                uuid.uuid4(),
                newcomer.intake.given_name,
                newcomer.intake.family_name,
                newcomer.intake.birth_date,
                newcomer.intake.gender.value,
                newcomer.intake.home_place_id,
                newcomer.province_code,
                is_generated,
                now,
            )
            for newcomer in newcomers
        ),
    )


def _write_profiles(
    newcomers: Sequence[_Newcomer],
    *,
    channel: RegistrationChannel,
    now: datetime,
) -> None:
    copy_rows(
        model=VolunteerProfile,
        columns=(
            "person_id",
            "status",
            "channel",
            "campaign_code",
            "skill_bits",
            "area_bits",
            "half_day_bits",
            "weekly_half_days",
            "radius_m",
            "place_of_service",
            "registered_at",
            "province_code",
        ),
        rows=(
            (
                newcomer.person_id,
                newcomer.status.value,
                channel.value,
                newcomer.intake.campaign_code,
                to_signed(newcomer.skill_bits),
                newcomer.intake.area_bits,
                newcomer.intake.half_day_bits,
                newcomer.intake.weekly_half_days,
                newcomer.intake.radius_m,
                newcomer.intake.place_of_service.value,
                now,
                newcomer.province_code,
            )
            for newcomer in newcomers
        ),
    )


def _write_consents(
    newcomers: Sequence[_Newcomer],
    *,
    channel: RegistrationChannel,
    now: datetime,
    taken_by_id: int | None,
) -> None:
    copy_rows(
        model=Consent,
        columns=("person_id", "purpose", "text_version", "channel", "given_at", "taken_by_id"),
        rows=(
            (
                newcomer.person_id,
                purpose.value,
                CONSENT_TEXT_VERSION,
                channel.value,
                newcomer.intake.consented_at or now,
                taken_by_id,
            )
            for newcomer in newcomers
            for purpose in sorted(newcomer.intake.consents)
        ),
    )


def _write_credentials(newcomers: Sequence[_Newcomer]) -> None:
    copy_rows(
        model=Credential,
        columns=("person_id", "kind", "tier", "issued_on", "expires_on"),
        rows=(
            (
                newcomer.person_id,
                CredentialKind.VETTING.value,
                int(newcomer.intake.vetting_tier),
                newcomer.intake.vetting_issued_on,
                newcomer.intake.vetting_expires_on,
            )
            for newcomer in newcomers
            if newcomer.intake.vetting_tier
        ),
    )


def _vault_inputs(newcomers: Sequence[_Newcomer]) -> Iterator[VaultInput]:
    for newcomer in newcomers:
        intake, person_id = newcomer.intake, newcomer.person_id
        yield VaultInput(person_id, VaultKind.PHONE, intake.phone)
        if intake.national_id:
            yield VaultInput(person_id, VaultKind.NATIONAL_ID, intake.national_id)
        if intake.other_id:
            yield VaultInput(person_id, VaultKind.OTHER_ID, intake.other_id)
        if intake.address:
            yield VaultInput(person_id, VaultKind.ADDRESS, intake.address)
