"""Volunteers for the demo: through the same bulk action as real intake, marked as generated.

Shares follow the measured generator of the matching study: skills by a falling popularity, workers
with evenings and Fridays, students and pensioners with more time, most people ready to travel a few
kilometres.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from salam.commands.demo.names import names
from salam.commands.demo.places import Settlement
from salam.commands.demo.scales import Scale
from salam.core.actors import Actor
from salam.core.dates import local_day
from salam.core.quantities import bits_of
from salam.people.actions import VolunteerIntake, register_volunteers
from salam.people.enums import (
    ConsentPurpose,
    Gender,
    PlaceOfService,
    RegistrationChannel,
    VettingTier,
)
from salam.people.models import Person
from salam.people.queries import SkillEntry, list_active_skills, requires_guardian

CHUNK = 5_000
_RADII_M = (1_500, 3_000, 6_000, 12_000, 25_000, 50_000)
_RADIUS_SHARES = (0.14, 0.24, 0.28, 0.2, 0.1, 0.04)
_CAPS = (1, 2, 3, 4, 6)
_CAP_SHARES = (0.42, 0.33, 0.14, 0.08, 0.03)
_VETTING_SHARES = (0.5, 0.27, 0.17, 0.06)
# Free on each half-day: workers (evenings, and Thursday and Friday), students and pensioners,
# people with time.
_FREE_WORKER = (0.04, 0.16) * 5 + (0.45, 0.35) * 2
_CONSENTING_SHARE = 0.93


def generate_volunteers(
    *,
    actor: Actor,
    scale: Scale,
    settlements: Sequence[Settlement],
    now: datetime,
    report: Callable[[int, int], None],
) -> int:
    """Register the scale's volunteers, those not there yet; returns how many generated people there
    are.

    Each chunk draws from a seed of its own: broken off anywhere, a second call makes the very same
    people, finds those that are in by their identifiers, and adds the rest.
    """
    if Person.objects.filter(is_generated=True).count() >= scale.volunteer_count:
        return Person.objects.filter(is_generated=True).count()
    skills = list_active_skills()
    weights = _weights(settlements)
    for start in range(0, scale.volunteer_count, CHUNK):
        size = min(CHUNK, scale.volunteer_count - start)
        random = np.random.default_rng([scale.seed, start])
        homes = [settlements[index] for index in random.choice(len(settlements), size, p=weights)]
        register_volunteers(
            actor=actor,
            intakes=[
                _intake(
                    random,
                    home,
                    skills=skills,
                    serial=scale.first_serial + start + offset,
                    today=local_day(now),
                )
                for offset, home in enumerate(homes)
            ],
            channel=RegistrationChannel.DEMO,
            now=now,
            is_generated=True,
        )
        report(start + size, scale.volunteer_count)
    return Person.objects.filter(is_generated=True).count()


def _weights(settlements: Sequence[Settlement]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    # Volunteers gather in large places a little more than people do.
    weights = np.array([settlement.population for settlement in settlements]) ** 1.05
    return np.asarray(weights / weights.sum())


def _intake(
    random: np.random.Generator,
    home: Settlement,
    *,
    skills: Sequence[SkillEntry],
    serial: int,
    today: date,
) -> VolunteerIntake:
    gender = Gender.FEMALE if random.random() < 0.52 else Gender.MALE
    age = int(np.clip(random.gamma(5, 7) + 10, 14, 85))
    birth_date = today - timedelta(days=365 * age + age // 4 + int(random.integers(1, 365)))
    chosen = _skills(random, skills)
    half_days = _half_days(random)
    tier = VettingTier(int(random.choice(4, p=_VETTING_SHARES)))
    return VolunteerIntake(
        given_name=str(random.choice(names()[f"given_{gender.value}"])),
        family_name=str(random.choice(names()["family"])),
        phone=f"+98999{serial:07d}",
        national_id=_made_up_national_id(serial),
        birth_date=birth_date,
        gender=gender,
        home_place_id=home.place_id,
        home_province_code=home.province_code,
        skill_bits=bits_of(skill.bit for skill in chosen),
        area_bits=bits_of({skill.area_number for skill in chosen}),
        half_day_bits=bits_of(half_days),
        weekly_half_days=min(int(random.choice(_CAPS, p=_CAP_SHARES)), len(half_days)),
        radius_m=int(random.choice(_RADII_M, p=_RADIUS_SHARES)),
        place_of_service=PlaceOfService(str(random.choice(PlaceOfService.values))),
        consents=_consents(random, birth_date, today),
        vetting_tier=tier,
        vetting_issued_on=today - timedelta(days=200) if tier else None,
        vetting_expires_on=today + timedelta(days=530) if tier else None,
    )


def _skills(random: np.random.Generator, skills: Sequence[SkillEntry]) -> list[SkillEntry]:
    popularity = 1 / (np.arange(len(skills)) + 3.0) ** 1.1
    count = 1 + min(int(random.poisson(1.6)), 5)
    chosen = random.choice(len(skills), count, replace=False, p=popularity / popularity.sum())
    return [skills[index] for index in chosen]


def _half_days(random: np.random.Generator) -> list[int]:
    kind = random.random()
    shares = _FREE_WORKER if kind < 0.5 else (0.22 if kind < 0.85 else 0.5,) * 14
    free = np.flatnonzero(random.random(14) < shares).tolist()
    return free or [int(random.integers(0, 14))]


def _consents(
    random: np.random.Generator,
    birth_date: date,
    today: date,
) -> frozenset[ConsentPurpose]:
    if random.random() > _CONSENTING_SHARE:
        return frozenset()
    consents = {ConsentPurpose.MATCHING, ConsentPurpose.MESSAGES, ConsentPurpose.CONTACT}
    if requires_guardian(birth_date=birth_date, on=today) and random.random() < 0.7:
        consents.add(ConsentPurpose.GUARDIAN)
    return frozenset(consents)


def _made_up_national_id(serial: int) -> str:
    """A number that passes the check digit, under the prefix 000, which no registry office
    issues.
    """
    digits = f"000{serial:06d}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return f"{digits}{remainder if remainder < 2 else 11 - remainder}"
