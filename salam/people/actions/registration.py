"""Registering volunteers, one by one from a screen or many from files: one way in for all."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.db import transaction

from salam.core.actors import Actor, Scope, require
from salam.core.bulk import copy_rows, reserve_ids
from salam.core.dates import HALF_DAY_COUNT, age_years, local_day
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.events import NewEvent, record_events
from salam.core.quantities import bits_of, to_signed
from salam.core.text import clean_name
from salam.core.verbs import Verb
from salam.people.actions.consents import CONSENT_TEXT_VERSION
from salam.people.actions.locking import lock_intake, lock_intake_of
from salam.people.actions.recognition import IntakeKeys, KnownPeople, KnownPerson
from salam.people.enums import (
    ConsentPurpose,
    CredentialKind,
    Gender,
    PlaceOfService,
    RegistrationChannel,
    VettingTier,
    VolunteerStatus,
)
from salam.people.models import Consent, Credential, Person, Skill, VolunteerProfile
from salam.people.queries import VOLUNTEER_AGE_MIN, is_consent_complete
from salam.people.vault.actions import VaultInput, store_entries
from salam.people.vault.enums import VaultKind
from salam.places.models import Place

AGE_MAX: Final = 110
ADDRESS_LENGTH_MAX: Final = 300
RADIUS_M_MAX: Final = 200_000

_CAMPAIGN_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}|")
# Where somebody looked at papers; nobody vets themselves on-line.
_VETTING_CHANNELS: Final = frozenset({RegistrationChannel.FILE, RegistrationChannel.DEMO})


@dataclass(frozen=True, kw_only=True)
class VolunteerIntake:
    """What one person tells when registering, normalised (mobile E.164, national ID ten digits)."""

    given_name: str
    family_name: str
    phone: str = field(repr=False)
    national_id: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    birth_date: date | None = None
    gender: Gender = Gender.UNSTATED
    home_place_id: int
    home_province_code: str
    skill_bits: int = 0
    area_bits: int = 0
    half_day_bits: int = 0
    weekly_half_days: int = 1
    radius_m: int = 5000
    place_of_service: PlaceOfService = PlaceOfService.EITHER
    consents: frozenset[ConsentPurpose] = frozenset()
    # On paper before today; empty: now.
    consented_at: datetime | None = None
    campaign_code: str = ""
    # Checked on paper before: only for intake from existing files and for demos.
    vetting_tier: VettingTier = VettingTier.NONE
    vetting_issued_on: date | None = None
    vetting_expires_on: date | None = None


class Registration(StrEnum):
    CREATED = "created"
    KNOWN = "known"
    KNOWN_DIFFERS = "known_differs"


@dataclass(frozen=True)
class IntakeOutcome:
    """What became of one intake: a new person, or one we know, and what the new data say otherwise.

    A dry run makes no person: the number of a new one is 0.
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
    skill_bits: int
    status: VolunteerStatus

    @property
    def person_id(self) -> int:
        return self.known.person_id

    @property
    def is_matchable(self) -> bool:
        has_time = self.intake.half_day_bits and self.intake.weekly_half_days
        return self.status is VolunteerStatus.ACTIVE and bool(self.skill_bits and has_time)


def check_intake(intake: VolunteerIntake, *, on: date) -> VolunteerIntake:
    """The intake with clean texts. Raises InvalidInput with the first thing that is wrong."""
    given = clean_name(intake.given_name, label="نام")
    family = clean_name(intake.family_name, label="نام خانوادگی")
    address = intake.address and clean_name(
        intake.address,
        label="نشانی",
        length_max=ADDRESS_LENGTH_MAX,
    )
    if intake.birth_date is not None:
        _check_age(intake.birth_date, on)
    if not 0 <= intake.half_day_bits < 1 << HALF_DAY_COUNT:
        raise InvalidInput("نیم‌روزها درست نیست؛ دوباره انتخابشان کنید.")
    if not 0 <= intake.weekly_half_days <= HALF_DAY_COUNT:
        raise InvalidInput("سقف هفتگی باید میان صفر تا ۱۴ نیم‌روز باشد.")
    if not 0 <= intake.radius_m <= RADIUS_M_MAX:
        raise InvalidInput("شعاع رفت‌وآمد باید میان صفر تا ۲۰۰ کیلومتر باشد.")
    if not _CAMPAIGN_CODE.fullmatch(intake.campaign_code):
        raise InvalidInput("کد پویش درست نیست؛ نشانی صفحه را دوباره باز کنید.")
    if (given, family, address) == (intake.given_name, intake.family_name, intake.address):
        return intake
    return replace(intake, given_name=given, family_name=family, address=address)


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
    an Event each, all by COPY. Intakes must have passed :func:`check_intake`.

    People register themselves on-line, one at a time; for all else the actor must reach their home
    places. A dry run writes nothing; a ``register`` handed to it again remembers earlier calls.
    Raises PermissionRefused, VaultKeyMissing.
    """
    _require_intake(actor, intakes, channel)
    register = register or KnownPeople()
    keys = [
        register.keys_of(
            name=intake.given_name + intake.family_name,
            phone=intake.phone,
            national_id=intake.national_id,
        )
        for intake in intakes
    ]
    with transaction.atomic():
        if not dry_run:
            _lock(keys)
        register.look_up(keys)
        sorted_out = _sort_out(intakes, keys, register, on=local_day(now))
        newcomers = [newcomer for _, newcomer, _ in sorted_out if newcomer]
        if newcomers and not dry_run:
            _write(newcomers, actor=actor, channel=channel, now=now, is_generated=is_generated)
    return [_outcome(known, newcomer, differing) for known, newcomer, differing in sorted_out]


def _check_age(birth_date: date, on: date) -> None:
    if birth_date > on:
        raise InvalidInput("تاریخ تولد در آینده است؛ آن را دوباره ببینید.")
    age = age_years(born_on=birth_date, on=on)
    if age > AGE_MAX:
        raise InvalidInput("تاریخ تولد خیلی دور است؛ سال را دوباره ببینید.")
    if age < VOLUNTEER_AGE_MIN:
        raise InvalidInput("ثبت‌نام از ۱۴ سالگی ممکن است.")


def _require_intake(
    actor: Actor,
    intakes: Sequence[VolunteerIntake],
    channel: RegistrationChannel,
) -> None:
    if channel not in _VETTING_CHANNELS and any(intake.vetting_tier for intake in intakes):
        raise ValueError("vetting comes from papers, not with a registration")
    if channel is RegistrationChannel.ONLINE:
        if len(intakes) != 1:
            raise ValueError("people register themselves on-line, one at a time")
        return
    if actor.can(Verb.VOLUNTEER_REGISTER, Scope()):
        return
    homes = {intake.home_place_id for intake in intakes}
    paths = list(Place.objects.filter(pk__in=homes).values_list("path", flat=True))
    if not homes or len(paths) != len(homes):
        raise PermissionRefused
    for path in paths:
        require(actor, Verb.VOLUNTEER_REGISTER, Scope(place_path=path))


def _lock(keys: Sequence[IntakeKeys]) -> None:
    if len(keys) > 1:
        lock_intake()
        return
    for key in keys:
        lock_intake_of(lookups=key.lookups)


def _sort_out(
    intakes: Sequence[VolunteerIntake],
    keys: Sequence[IntakeKeys],
    register: KnownPeople,
    *,
    on: date,
) -> list[tuple[KnownPerson, _Newcomer | None, tuple[str, ...]]]:
    # A skill that was retired after the form was filled in: its bit may mean another one tomorrow.
    active = bits_of(bit for bit in Skill.objects.values_list("bit", flat=True) if bit is not None)
    sorted_out: list[tuple[KnownPerson, _Newcomer | None, tuple[str, ...]]] = []
    for intake, key in zip(intakes, keys, strict=True):
        known = register.find(key, birth_date=intake.birth_date)
        if known is not None:
            differing = known.differing(key, birth_date=intake.birth_date)
            sorted_out.append((known, None, differing))
            continue
        newcomer = _Newcomer(
            known=register.add(key, birth_date=intake.birth_date),
            intake=intake,
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
                newcomer.intake.home_province_code,
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
                newcomer.intake.home_province_code,
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
        if intake.address:
            yield VaultInput(person_id, VaultKind.ADDRESS, intake.address)
