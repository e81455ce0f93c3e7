"""From tables to arrays: what the engine is asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from salam.core.quantities import to_unsigned
from salam.engine import Problem, UnitPoints, unit_points
from salam.matching.queries.attributes import AttributeWords
from salam.matching.queries.occupation import Occupation, occupied_outside
from salam.needs.queries import OpenLines, open_lines
from salam.people.models import VolunteerProfile
from salam.people.queries import list_active_skills, matchable_volunteers
from salam.places.queries import town_populations
from salam.service.queries import PlaceHeld, answered_no, places_held

_VOLUNTEER_COLUMNS = (
    "person_id",
    "person__home_place__latitude",
    "person__home_place__longitude",
    "radius_m",
    "weekly_half_days",
    "half_day_bits",
    "skill_bits",
    "vetting_tier",
    "person__gender",
    "person__birth_date",
)


@dataclass(frozen=True, eq=False)
class BuiltProblem:
    """A problem with the ids behind its rows.

    person_ids: [V] int64; line_ids, need_ids: [L] int64; province_codes: [L]; is_language_asked:
    [L] bool, whether a language is among what the line asks; points: how each unit's worth came
    about.
    """

    problem: Problem
    person_ids: npt.NDArray[np.int64]
    line_ids: npt.NDArray[np.int64]
    need_ids: npt.NDArray[np.int64]
    province_codes: Sequence[str]
    is_language_asked: npt.NDArray[np.bool_]
    points: UnitPoints


def build_problem(*, on: date, within_path: str | None = None) -> BuiltProblem:
    """All matchable volunteers and the open lines of a place and below (of the country when it is
    left out).

    Volunteers are not cut at the place's border: somebody from the next county may be the nearest.
    Live offers inside the place are confirmed placements, which no run moves; a need that somebody
    said no to is forbidden to them. What live runs and offers hold outside the place is left out of
    people's weeks, and of the seats. Rows come in the order of their ids, so the same tables give
    the same arrays. At most eight queries.
    """
    lines = open_lines(within_path=within_path)
    inside = set(lines.line_id)
    held = places_held()
    return _assemble(
        volunteers=matchable_volunteers(on=on),
        lines=lines,
        on=on,
        occupation=occupied_outside(
            within_path=within_path,
            held=[one for one in held if one.need_line_id not in inside],
        ),
        answers=Answers(
            held=[one for one in held if one.need_line_id in inside],
            refused=answered_no(),
        ),
    )


def build_pair_problem(*, person_id: int, need_id: int, on: date) -> BuiltProblem:
    """One volunteer and one need, with the very same rules; no rows where one of them is not
    matchable.
    """
    return _assemble(
        volunteers=matchable_volunteers(on=on).filter(person_id=person_id),
        lines=open_lines(need_id=need_id),
        on=on,
        occupation=Occupation(),
        answers=Answers(),
    )


@dataclass(frozen=True)
class Answers:
    """What people were asked before: live offers inside the place, and needs they said no to."""

    held: Sequence[PlaceHeld] = ()
    refused: Collection[tuple[int, int]] = ()


def _assemble(
    *,
    volunteers: QuerySet[VolunteerProfile],
    lines: OpenLines,
    on: date,
    occupation: Occupation,
    answers: Answers,
) -> BuiltProblem:
    words = AttributeWords(skills=list_active_skills(), on=on)
    rows = volunteers.order_by("person_id").values_list(*_VOLUNTEER_COLUMNS)
    v = [list(column) for column in zip(*rows.iterator(10_000), strict=True)]
    v = v or [[] for _ in _VOLUNTEER_COLUMNS]
    points = _unit_points(lines)
    problem = Problem(
        **_volunteer_arrays(v, words, occupation),
        **_line_arrays(lines, words),
        **_group_arrays(lines, occupation),
        **_answer_arrays(v[0], lines, answers),
        l_unit_ptr=points.ptr,
        unit_value=points.values,
    )
    return BuiltProblem(
        problem=problem,
        person_ids=np.array(v[0], np.int64),
        line_ids=np.array(lines.line_id, np.int64),
        need_ids=np.array(lines.need_id, np.int64),
        province_codes=lines.province_code,
        is_language_asked=_is_language_asked(lines, words),
        points=points,
    )


def _volunteer_arrays(
    v: Sequence[Sequence[Any]],
    words: AttributeWords,
    occupation: Occupation,
) -> dict[str, Any]:
    person_id, latitude, longitude, radius, cap, half_days, skill_bits, tier, gender, birth_date = v
    taken = [occupation.half_day_bits.get(one, 0) for one in person_id]
    free = [bits & ~gone for bits, gone in zip(half_days, taken, strict=True)]
    left = [max(0, most - gone.bit_count()) for most, gone in zip(cap, taken, strict=True)]
    skills = [to_unsigned(bits) for bits in skill_bits]
    attributes = [
        words.of_volunteer(
            vetting_tier=tier_held,
            gender=stated,
            birth_date=born_on,
            skill_bits=bits,
        )
        for tier_held, stated, born_on, bits in zip(tier, gender, birth_date, skills, strict=True)
    ]
    return {
        "v_lat": np.array(latitude, np.float64),
        "v_lon": np.array(longitude, np.float64),
        "v_radius_m": np.array(radius, np.int32),
        "v_cap": np.array(left, np.uint8),
        "v_slots": np.array(free, np.uint16),
        "v_skills": np.array(skills, np.uint64),
        "v_attrs": np.array(attributes, np.uint64),
    }


def _line_arrays(lines: OpenLines, words: AttributeWords) -> dict[str, Any]:
    attributes = [
        words.of_line(
            vetting_tier_min=tier,
            gender_required=gender,
            age_min=age,
            language_bits=to_unsigned(languages),
        )
        for tier, gender, age, languages in zip(
            lines.vetting_tier_min,
            lines.gender_required,
            lines.age_min,
            lines.language_bits,
            strict=True,
        )
    ]
    need_ids = np.array(lines.need_id, np.int64)
    return {
        "l_need": np.unique(need_ids, return_inverse=True)[1].astype(np.int32),
        "l_lat": np.array(lines.latitude, np.float64),
        "l_lon": np.array(lines.longitude, np.float64),
        "l_slot": np.array(lines.half_day, np.uint8),
        "l_skills": np.array([to_unsigned(bits) for bits in lines.skill_bits], np.uint64),
        "l_attrs": np.array(attributes, np.uint64),
    }


def _is_language_asked(lines: OpenLines, words: AttributeWords) -> npt.NDArray[np.bool_]:
    asked = [
        words.has_language(skill_bits=to_unsigned(skills | languages))
        for skills, languages in zip(lines.skill_bits, lines.language_bits, strict=True)
    ]
    return np.array(asked, np.bool_)


def _group_arrays(lines: OpenLines, occupation: Occupation) -> dict[str, Any]:
    """Groups are the lines' intermediaries, in the order of their ids, each a root with the seats
    that are left to it.
    """
    ids = np.array(lines.intermediary_id, np.int64)
    groups, first, line_group = np.unique(ids, return_index=True, return_inverse=True)
    taken = np.array([occupation.seats.get(group, 0) for group in groups.tolist()], np.int32)
    return {
        "l_group": line_group.astype(np.int32),
        "g_cap": np.maximum(np.array(lines.seats_weekly, np.int32)[first] - taken, 0),
        "g_parent": np.full(len(first), -1, np.int32),
    }


def _answer_arrays(
    person_ids: Sequence[int],
    lines: OpenLines,
    answers: Answers,
) -> dict[str, Any]:
    """Live offers as confirmed placements, refusals as forbidden pairs.

    Somebody who cannot be matched any more is in neither: their offers are about to be taken back.
    """
    row_of = {person_id: row for row, person_id in enumerate(person_ids)}
    line_of = {line_id: line for line, line_id in enumerate(lines.line_id)}
    confirmed = {
        (row_of[one.person_id], line_of[one.need_line_id])
        for one in answers.held
        if one.person_id in row_of
    }
    lines_of_need: dict[int, list[int]] = {}
    for line, need_id in enumerate(lines.need_id):
        lines_of_need.setdefault(need_id, []).append(line)
    forbidden = {
        (row_of[person_id], line)
        for person_id, need_id in answers.refused
        if person_id in row_of
        for line in lines_of_need.get(need_id, ())
    } - confirmed
    f_volunteer, f_line = _columns(confirmed)
    b_volunteer, b_line = _columns(forbidden)
    return {
        "f_volunteer": f_volunteer,
        "f_line": f_line,
        "b_volunteer": b_volunteer,
        "b_line": b_line,
        "b_points": np.full(len(b_line), -1, np.int32),
    }


def _columns(pairs: Collection[tuple[int, int]]) -> tuple[npt.NDArray[np.int32], ...]:
    """Two columns of sorted pairs: the same tables give the same arrays."""
    ordered = np.array(sorted(pairs), np.int32).reshape(-1, 2)
    return tuple(np.ascontiguousarray(column) for column in ordered.T)


def _unit_points(lines: OpenLines) -> UnitPoints:
    populations = town_populations(place_ids=set(lines.place_id))
    return unit_points(
        urgency=np.array(lines.urgency, np.int64),
        town_population=np.array([populations[place] for place in lines.place_id], np.float64),
        people_served=np.array(lines.people_served, np.float64),
        headcount=np.array(lines.headcount, np.int64),
    )
