"""Intermediaries and needs for the demo, through the same bulk actions as real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction

from salam.commands.demo.names import Story, names, stories
from salam.commands.demo.places import Settlement
from salam.commands.demo.scales import Scale
from salam.core.actors import Actor
from salam.core.dates import HALF_DAY_COUNT, local_day
from salam.core.quantities import bits_of
from salam.needs.actions import NewLine, NewNeed, open_needs
from salam.needs.enums import Timing, Urgency
from salam.needs.models import Need, NeedLine
from salam.organizations.actions import NewIntermediary, create_intermediaries
from salam.people.enums import VettingTier
from salam.people.queries import list_active_skills

CHUNK = 5_000
_NEEDS_AN_INTERMEDIARY = 12
_URGENCY_SHARES = (0.25, 0.3, 0.25, 0.14, 0.06)
_LINE_COUNT_SHARES = (0.38, 0.28, 0.18, 0.1, 0.06)
# About a third of needs leave the half-day to who comes.
_TIMINGS = (Timing.FIXED, Timing.WINDOW, Timing.OPEN)
_TIMING_SHARES = (2 / 3, 1 / 6, 1 / 6)
_HALF_DAYS_WEEKLY_MAX = 3
_HEADCOUNTS = (1, 2, 3, 5)
_HEADCOUNT_SHARES = (0.62, 0.24, 0.1, 0.04)


def generate_needs(
    *,
    actor: Actor,
    scale: Scale,
    settlements: Sequence[Settlement],
    now: datetime,
    report: Callable[[int, int], None],
) -> tuple[int, int]:
    """Open the scale's needs unless they are there; returns how many generated needs and lines
    there are.
    """
    if not Need.objects.filter(is_generated=True).exists():
        random = np.random.default_rng([scale.seed, 7])
        weights = np.array([place.population for place in settlements]) ** 0.8
        chosen = [
            settlements[index]
            for index in random.choice(
                len(settlements), scale.need_count, p=weights / weights.sum()
            )
        ]
        # All or nothing: broken off in between, a second call would make the institutions twice.
        with transaction.atomic():
            _open_all(random, chosen, actor=actor, now=now, report=report)
    needs = Need.objects.filter(is_generated=True).count()
    report(needs, needs)
    return needs, NeedLine.objects.filter(need__is_generated=True).count()


def _open_all(
    random: np.random.Generator,
    places: Sequence[Settlement],
    *,
    actor: Actor,
    now: datetime,
    report: Callable[[int, int], None],
) -> None:
    brokers = _intermediaries(random, places, actor=actor, now=now)
    bits = {skill.code: skill.bit for skill in list_active_skills()}
    for start in range(0, len(places), CHUNK):
        chunk = places[start : start + CHUNK]
        needs = _needs(random, chunk, brokers=brokers, bits=bits, today=local_day(now))
        open_needs(actor=actor, needs=list(needs), now=now, is_generated=True)
        report(start + len(chunk), len(places))


def _intermediaries(
    random: np.random.Generator,
    places: Sequence[Settlement],
    *,
    actor: Actor,
    now: datetime,
) -> Mapping[str, list[int]]:
    """About one for twelve needs of a county, with seats for half to one and a half of what they
    will broker.
    """
    by_county: dict[str, list[Settlement]] = {}
    for place in places:
        by_county.setdefault(place.county_code, []).append(place)
    new, counties = [], []
    for county_code, county_places in sorted(by_county.items()):
        for _ in range(max(1, len(county_places) // _NEEDS_AN_INTERMEDIARY)):
            home = county_places[int(random.integers(len(county_places)))]
            share = len(county_places) / max(1, len(county_places) // _NEEDS_AN_INTERMEDIARY)
            new.append(
                NewIntermediary(
                    name=f"مؤسسهٔ {random.choice(names()['institution'])}",
                    place_id=home.place_id,
                    # A need asks for about 3.5 people over its lines.
                    seats_weekly=max(1, round(share * 3.5 * random.uniform(0.5, 1.5))),
                ),
            )
            counties.append(county_code)
    created = create_intermediaries(actor=actor, intermediaries=new, now=now, is_generated=True)
    by_code: dict[str, list[int]] = {}
    for county_code, intermediary in zip(counties, created, strict=True):
        by_code.setdefault(county_code, []).append(intermediary.intermediary_id)
    return by_code


def _needs(
    random: np.random.Generator,
    places: Sequence[Settlement],
    *,
    brokers: Mapping[str, Sequence[int]],
    bits: Mapping[str, int],
    today: date,
) -> Iterator[NewNeed]:
    """One need a place; each trait is drawn for all of them at once."""
    count = len(places)
    told = random.integers(0, len(stories()), count).tolist()
    urgencies = (1 + random.choice(len(_URGENCY_SHARES), count, p=_URGENCY_SHARES)).tolist()
    spread = random.lognormal(0, 0.5, count).tolist()
    broker_shares = random.random(count).tolist()
    line_counts = (1 + random.choice(len(_LINE_COUNT_SHARES), count, p=_LINE_COUNT_SHARES)).tolist()
    half_days = np.argsort(random.random((count, HALF_DAY_COUNT)), axis=1).tolist()
    headcounts = random.choice(
        _HEADCOUNTS, (count, len(_LINE_COUNT_SHARES)), p=_HEADCOUNT_SHARES
    ).tolist()
    flexible = _flexible(random, half_days, today=today)
    for row, place in enumerate(places):
        story = stories()[told[row]]
        near = brokers[place.county_code]
        yield NewNeed(
            title=story.title,
            what=story.what,
            why=story.why,
            place_id=place.place_id,
            urgency=Urgency(urgencies[row]),
            people_served=max(1, round(story.people_served * spread[row])),
            intermediary_id=near[int(broker_shares[row] * len(near))],
            lines=_lines(
                story,
                bits,
                times=flexible.get(row) or _fixed(half_days[row][: line_counts[row]]),
                headcounts=headcounts[row],
            ),
        )


def _fixed(half_days: Sequence[int]) -> list[NewLine]:
    return [NewLine(half_day=half_day, skill_bits=0) for half_day in sorted(half_days)]


def _flexible(
    random: np.random.Generator,
    half_days: Sequence[Sequence[int]],
    *,
    today: date,
) -> dict[int, list[NewLine]]:
    """By row, the times of the needs that leave the half-day open: some that would do, of them a
    few a week, between two days or until the need is closed.
    """
    count = len(half_days)
    timings = random.choice(len(_TIMINGS), count, p=_TIMING_SHARES).tolist()
    allowed = random.integers(2, HALF_DAY_COUNT + 1, count).tolist()
    weekly = random.integers(1, _HALF_DAYS_WEEKLY_MAX + 1, count).tolist()
    ahead = random.integers(0, 10, count).tolist()
    weeks = random.integers(2, 9, count).tolist()
    lines = {}
    for row, timing in enumerate(timings):
        if _TIMINGS[timing] is Timing.FIXED:
            continue
        is_window = _TIMINGS[timing] is Timing.WINDOW
        starts_on = today + timedelta(days=ahead[row])
        line = NewLine(
            timing=_TIMINGS[timing],
            half_day_bits=bits_of(half_days[row][: allowed[row]]),
            half_days_weekly=min(weekly[row], allowed[row]),
            starts_on=starts_on if is_window else None,
            ends_on=starts_on + timedelta(weeks=weeks[row]) if is_window else None,
            skill_bits=0,
        )
        lines[row] = [line]
    return lines


def _lines(
    story: Story,
    bits: Mapping[str, int],
    *,
    times: Sequence[NewLine],
    headcounts: Sequence[int],
) -> list[NewLine]:
    """Lines at these times, for people of the story."""
    skill_bits = bits_of(bits[code] for code in story.skill_codes if code in bits)
    return [
        replace(
            line,
            skill_bits=skill_bits,
            headcount=headcount,
            vetting_tier_min=VettingTier(story.vetting_tier_min),
        )
        for line, headcount in zip(times, headcounts, strict=False)
    ]
