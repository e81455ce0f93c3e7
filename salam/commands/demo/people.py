"""Volunteers for the demo: through the same bulk action as real intake, marked as generated.

Shares follow the measured generator of the matching study: skills by a falling popularity, workers
with evenings and Fridays, students and pensioners with more time, most people ready to travel a few
kilometres. Each trait is drawn for a whole chunk at once: one by one, drawing 300,000 people took
longer than registering them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from salam.commands.demo.names import names
from salam.commands.demo.places import Settlement
from salam.commands.demo.scales import Scale
from salam.core.actors import Actor
from salam.core.dates import HALF_DAY_COUNT, local_day
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
_FREE = (_FREE_WORKER, (0.22,) * HALF_DAY_COUNT, (0.5,) * HALF_DAY_COUNT)
_FREE_SHARES = (0.5, 0.35, 0.15)
_FEMALE_SHARE = 0.52
_CONSENTING_SHARE = 0.93
_GUARDIAN_SHARE = 0.7
_SKILLS_MAX = 6
_PLACES_OF_SERVICE = tuple(PlaceOfService)
_ADULT_CONSENTS = frozenset(
    {ConsentPurpose.MATCHING, ConsentPurpose.MESSAGES, ConsentPurpose.CONTACT}
)
_ALL_CONSENTS = _ADULT_CONSENTS | {ConsentPurpose.GUARDIAN}


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

    Each chunk draws from a seed of its own: broken off anywhere, a second call goes on after the
    last chunk that is whole, and finds those of the next by their identifiers.
    """
    there = Person.objects.filter(is_generated=True).count()
    if there >= scale.volunteer_count:
        return there
    skills = list_active_skills()
    weights = _weights(settlements)
    # A chunk is one transaction, so what is there fills whole chunks.
    for start in range(there // CHUNK * CHUNK, scale.volunteer_count, CHUNK):
        size = min(CHUNK, scale.volunteer_count - start)
        random = np.random.default_rng([scale.seed, start])
        homes = [settlements[index] for index in random.choice(len(settlements), size, p=weights)]
        register_volunteers(
            actor=actor,
            intakes=list(
                _intakes(
                    random,
                    homes,
                    skills=skills,
                    first_serial=scale.first_serial + start,
                    today=local_day(now),
                )
            ),
            channel=RegistrationChannel.DEMO,
            now=now,
            is_generated=True,
        )
        report(start + size, scale.volunteer_count)
    return Person.objects.filter(is_generated=True).count()


def _weights(settlements: Sequence[Settlement]) -> npt.NDArray[np.float64]:
    # Volunteers gather in large places a little more than people do.
    weights = np.array([settlement.population for settlement in settlements]) ** 1.05
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class _Traits:
    """What was drawn for the people of a chunk, by column; each as long as the chunk."""

    genders: Sequence[Gender]
    given_names: Sequence[str]
    family_names: Sequence[str]
    birth_dates: Sequence[date]
    skill_bits: Sequence[int]
    area_bits: Sequence[int]
    half_day_bits: Sequence[int]
    weekly_half_days: Sequence[int]
    radii_m: Sequence[int]
    tiers: Sequence[int]
    places_of_service: Sequence[int]
    is_consenting: Sequence[bool]
    has_guardian: Sequence[bool]


def _intakes(
    random: np.random.Generator,
    homes: Sequence[Settlement],
    *,
    skills: Sequence[SkillEntry],
    first_serial: int,
    today: date,
) -> Iterator[VolunteerIntake]:
    drawn = _traits(random, len(homes), skills=skills, today=today)
    vetted_on, vetted_until = today - timedelta(days=200), today + timedelta(days=530)
    for row, home in enumerate(homes):
        birth_date, tier = drawn.birth_dates[row], VettingTier(drawn.tiers[row])
        serial = first_serial + row
        yield VolunteerIntake(
            given_name=drawn.given_names[row],
            family_name=drawn.family_names[row],
            phone=f"+98999{serial:07d}",
            national_id=_made_up_national_id(serial),
            birth_date=birth_date,
            gender=drawn.genders[row],
            home_place_id=home.place_id,
            home_province_code=home.province_code,
            skill_bits=drawn.skill_bits[row],
            area_bits=drawn.area_bits[row],
            half_day_bits=drawn.half_day_bits[row],
            weekly_half_days=drawn.weekly_half_days[row],
            radius_m=drawn.radii_m[row],
            place_of_service=_PLACES_OF_SERVICE[drawn.places_of_service[row]],
            consents=_consents(
                birth_date,
                today,
                is_consenting=drawn.is_consenting[row],
                has_guardian=drawn.has_guardian[row],
            ),
            vetting_tier=tier,
            vetting_issued_on=vetted_on if tier else None,
            vetting_expires_on=vetted_until if tier else None,
        )


def _traits(
    random: np.random.Generator,
    count: int,
    *,
    skills: Sequence[SkillEntry],
    today: date,
) -> _Traits:
    genders = [
        Gender.FEMALE if is_female else Gender.MALE
        for is_female in (random.random(count) < _FEMALE_SHARE).tolist()
    ]
    ages = np.clip(random.gamma(5, 7, count) + 10, 14, 85).astype(np.int64)
    days = 365 * ages + ages // 4 + random.integers(1, 365, count)
    skill_bits, area_bits = _skill_words(random, count, skills)
    is_free = _free_half_days(random, count)
    return _Traits(
        genders=genders,
        given_names=_given_names(random, genders),
        family_names=_chosen(random, count, names()["family"]),
        birth_dates=[today - timedelta(days=one) for one in days.tolist()],
        skill_bits=skill_bits,
        area_bits=area_bits,
        half_day_bits=(is_free @ (1 << np.arange(HALF_DAY_COUNT))).tolist(),
        weekly_half_days=np.minimum(
            random.choice(_CAPS, count, p=_CAP_SHARES), is_free.sum(axis=1)
        ).tolist(),
        radii_m=random.choice(_RADII_M, count, p=_RADIUS_SHARES).tolist(),
        tiers=random.choice(4, count, p=_VETTING_SHARES).tolist(),
        places_of_service=random.integers(0, len(_PLACES_OF_SERVICE), count).tolist(),
        is_consenting=(random.random(count) < _CONSENTING_SHARE).tolist(),
        has_guardian=(random.random(count) < _GUARDIAN_SHARE).tolist(),
    )


def _given_names(random: np.random.Generator, genders: Sequence[Gender]) -> list[str]:
    by_gender = {gender: names()[f"given_{gender.value}"] for gender in set(genders)}
    shares = random.random(len(genders)).tolist()
    return [
        by_gender[gender][int(share * len(by_gender[gender]))]
        for share, gender in zip(shares, genders, strict=True)
    ]


def _chosen(random: np.random.Generator, count: int, values: Sequence[str]) -> list[str]:
    return [values[index] for index in random.integers(0, len(values), count).tolist()]


def _skill_words(
    random: np.random.Generator,
    count: int,
    skills: Sequence[SkillEntry],
) -> tuple[list[int], list[int]]:
    """Words of one to six skills a person, and of their areas.

    The largest of log(popularity) + Gumbel noise are a draw without replacement by popularity.
    """
    popularity = 1 / (np.arange(len(skills)) + 3.0) ** 1.1
    rank = np.log(popularity) + random.gumbel(size=(count, len(skills)))
    chosen = np.argsort(-rank, axis=1)[:, :_SKILLS_MAX]
    is_chosen = np.arange(_SKILLS_MAX) <= np.minimum(random.poisson(1.6, (count, 1)), 5)
    skill_words = _words(chosen, is_chosen, [skill.bit for skill in skills])
    area_words = _words(chosen, is_chosen, [skill.area_number for skill in skills])
    return skill_words, area_words


def _words(chosen: Any, is_chosen: Any, bits: Sequence[int]) -> list[int]:
    """The bits of what was chosen as one word a row."""
    masks = np.uint64(1) << np.array(bits, np.uint64)
    found = np.where(is_chosen, masks[chosen], np.uint64(0))
    words: list[int] = np.bitwise_or.reduce(found, axis=1).tolist()
    return words


def _free_half_days(random: np.random.Generator, count: int) -> npt.NDArray[np.bool_]:
    """Half-days of each person, [count, 14]; everybody has at least one."""
    shares = np.array(_FREE)[random.choice(len(_FREE), count, p=_FREE_SHARES)]
    is_free: npt.NDArray[np.bool_] = random.random((count, HALF_DAY_COUNT)) < shares
    chance = random.integers(0, HALF_DAY_COUNT, count)
    is_idle = ~is_free.any(axis=1)
    is_free[is_idle, chance[is_idle]] = True
    return is_free


def _consents(
    birth_date: date,
    today: date,
    *,
    is_consenting: bool,
    has_guardian: bool,
) -> frozenset[ConsentPurpose]:
    if not is_consenting:
        return frozenset()
    if has_guardian and requires_guardian(birth_date=birth_date, on=today):
        return _ALL_CONSENTS
    return _ADULT_CONSENTS


def _made_up_national_id(serial: int) -> str:
    """A number that passes the check digit, under the prefix 000, which no registry office
    issues.
    """
    digits = f"000{serial:06d}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return f"{digits}{remainder if remainder < 2 else 11 - remainder}"
