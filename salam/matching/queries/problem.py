"""From tables to arrays: what the engine is asked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from salam.engine import Problem, UnitPoints, unit_points
from salam.matching.queries.attributes import LanguageBits, line_words
from salam.matching.queries.expansion import Expansion, LineTimes, expand_lines, rows_at
from salam.matching.queries.occupation import (
    Occupation,
    occupied_elsewhere,
    proposed_for,
    rows_of,
)
from salam.matching.queries.releasing import being_released
from salam.matching.queries.volunteers import Box, Volunteers, read_volunteers
from salam.matching.queries.waiting import waiting_points_of
from salam.needs.queries import OpenLines, open_lines
from salam.people.queries import list_active_skills
from salam.service.queries import PlacesHeld, answered_no, places_held

Ids = npt.NDArray[np.int64]

# Five points are 10 km of travel: a proposal already under review gives way to what is clearly
# better, and not to what is as good.
STABILITY_POINTS: Final = 5


@dataclass(frozen=True, eq=False)
class BuiltProblem:
    """A problem with the ids behind its rows.

    person_ids, home_place_ids: [V] int64; line_ids, need_ids, place_ids: [L] int64, where a
    flexible line of a need stands behind several rows, one for each half-day, and the places are
    those of the needs; province_codes: [L] ASCII bytes; is_language_asked: [L] bool, whether a
    language is among what the line asks; points: how each unit's worth came about; line_start,
    asked: [N] int64, by line of a need that is asked for this week, the first of its rows, which
    stand together, and the people it asks for, which are fewer than the units of its rows where a
    nested group bounds them; intermediary_ids: of the first groups, which are roots.
    """

    problem: Problem
    person_ids: Ids
    home_place_ids: Ids
    line_ids: Ids
    need_ids: Ids
    place_ids: Ids
    province_codes: npt.NDArray[np.bytes_]
    is_language_asked: npt.NDArray[np.bool_]
    points: UnitPoints
    line_start: Ids
    asked: Ids
    intermediary_ids: Ids


def build_problem(
    *, on: date, within_path: str | None = None, with_person: int | None = None
) -> BuiltProblem:
    """All matchable volunteers and the open lines of a place and below (of the country when it is
    left out).

    Volunteers are not cut at the place's border, somebody from the next county may be the nearest;
    but who cannot reach any of its lines is not read, ``with_person`` excepted. Live offers inside
    the place are confirmed placements, which no run moves; a need that somebody said no to is
    forbidden to them. What live runs and offers hold outside the place is left out of people's
    weeks, and of the seats. Rows come in the order of their ids, so the same tables give the same
    arrays. At most fifteen queries.

    Flexible lines are asked for the seven days after ``on``. An offer that holds a half-day of a
    line which the line does not ask for in those days holds it outside.
    """
    is_country = within_path is None
    written = open_lines(within_path=within_path)
    asked = _Asked.of(written, on=on)
    lines = asked.lines
    among_lines = (lines.line_id, lines.half_day)
    box = None
    if not is_country and len(lines):
        box = Box.around(lines.latitude, lines.longitude)
    volunteers = read_volunteers(on=on, box=box, person_id=with_person if box else None)
    held = _held()
    row, is_inside = rows_at(line_id=held.need_line_id, half_day=held.half_day, among=among_lines)
    occupation = Occupation(
        held.person_id[~is_inside],
        held.half_day[~is_inside].astype(np.int64),
        held.intermediary_id[~is_inside],
    )
    if not is_country:  # nothing lies outside the country
        occupation += occupied_elsewhere(
            line_ids=written.line_id,
            person_ids=volunteers.person_id,
            intermediary_ids=asked.roots,
        )
    shown = proposed_for(line_ids=None if is_country else written.line_id)
    shown_row, is_shown = rows_at(
        line_id=shown.need_line_id, half_day=shown.half_day, among=among_lines
    )
    refused_person, refused_need = answered_no()
    return _assemble(
        volunteers=volunteers,
        asked=asked,
        occupation=occupation,
        answers=Answers(
            held_person=held.person_id[is_inside],
            held_line=row[is_inside],
            refused_person=refused_person,
            refused_need=refused_need,
            shown_person=shown.person_id[is_shown],
            shown_line=shown_row[is_shown],
        ),
        on=on,
    )


def rows_in(
    built: BuiltProblem, *, line_id: Ids, half_day: Ids
) -> tuple[Ids, npt.NDArray[np.bool_]]:
    """Row of each half-day of a line [N], and whether it is asked for at all."""
    return rows_at(
        line_id=line_id,
        half_day=half_day,
        among=(built.line_ids, built.problem.l_slot.astype(np.int16)),
    )


def _held() -> PlacesHeld:
    """Live offers, and what is being sent and will be offers in a moment.

    In this order: what becomes an offer in between is seen twice and counted once.
    """
    parts = (being_released(), places_held())
    columns = {
        one.name: np.concatenate([getattr(part, one.name) for part in parts])
        for one in fields(PlacesHeld)
    }
    keys = np.stack([columns[name] for name in ("person_id", "half_day", "need_line_id")])
    order = np.lexsort(keys)
    is_first = np.ones(len(order), np.bool_)
    # Somebody may hold several half-days of one line.
    is_first[1:] = (np.diff(keys[:, order]) != 0).any(axis=0)
    return PlacesHeld(**{name: column[order[is_first]] for name, column in columns.items()})


def build_pair_problem(*, person_id: int, need_id: int, on: date) -> BuiltProblem:
    """One volunteer and one need, with the very same rules; no rows where one of them is not
    matchable.
    """
    return _assemble(
        volunteers=read_volunteers(on=on, person_id=person_id),
        asked=_Asked.of(open_lines(need_id=need_id), on=on),
        occupation=Occupation(),
        answers=Answers(),
        on=on,
    )


def _none() -> Ids:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Answers:
    """What people were asked before: live offers inside the place (person's id and row of the
    line), needs they said no to (ids), and what they stand proposed for and nobody has sent yet.
    Arrays in pairs of equal length.
    """

    held_person: Ids = field(default_factory=_none)
    held_line: Ids = field(default_factory=_none)
    refused_person: Ids = field(default_factory=_none)
    refused_need: Ids = field(default_factory=_none)
    shown_person: Ids = field(default_factory=_none)
    shown_line: Ids = field(default_factory=_none)


@dataclass(frozen=True, eq=False)
class _Asked:
    """Lines as the engine is asked: rows of ``lines`` are the engine's, each with its half-day.

    roots: the intermediaries' ids, ascending; expansion: what stands behind the rows.
    """

    lines: OpenLines
    roots: Ids
    expansion: Expansion

    @classmethod
    def of(cls, written: OpenLines, *, on: date) -> _Asked:
        roots, group = np.unique(written.intermediary_id, return_inverse=True)
        expansion = expand_lines(
            times=LineTimes(
                half_day=written.half_day,
                half_day_bits=written.half_day_bits.astype(np.uint16),
                seats_weekly=written.headcount.astype(np.int32) * written.half_days_weekly,
                first_day=written.first_day,
                last_day=written.last_day,
                group=group.astype(np.int32),
            ),
            root_count=len(roots),
            on=on,
        )
        rows = {one.name: getattr(written, one.name)[expansion.line] for one in fields(OpenLines)}
        lines = OpenLines(**rows | {"half_day": expansion.half_day.astype(np.int16)})
        return cls(lines=lines, roots=roots, expansion=expansion)

    @property
    def line_start(self) -> Ids:
        """The first row of each line, ascending: [N] int64."""
        return np.flatnonzero(np.diff(self.expansion.line, prepend=-1))

    @property
    def people(self) -> Ids:
        """People that each line asks for in the week, [N] int64."""
        start = self.line_start
        units = self.lines.headcount.astype(np.int64)
        summed = np.add.reduceat(units, start) if len(start) else units
        nested = self.expansion.group[start] - len(self.roots)
        caps = np.append(self.expansion.nested_cap.astype(np.int64), np.iinfo(np.int64).max)
        bound: Ids = caps[np.where(nested < 0, len(caps) - 1, nested)]
        people: Ids = np.minimum(summed, bound)
        return people


def _assemble(
    *,
    volunteers: Volunteers,
    asked: _Asked,
    occupation: Occupation,
    answers: Answers,
    on: date,
) -> BuiltProblem:
    lines = asked.lines
    languages = LanguageBits(skills=list_active_skills())
    points = _unit_points(lines)
    problem = Problem(
        **_volunteer_arrays(volunteers, languages, occupation),
        **_line_arrays(lines, languages),
        **_group_arrays(asked, occupation),
        **_answer_arrays(volunteers.person_id, lines, answers),
        l_unit_ptr=points.ptr,
        unit_value=points.values,
        v_points=waiting_points_of(volunteers=volunteers, on=on),
    )
    wanted = (lines.skill_bits | lines.language_bits).view(np.uint64)
    return BuiltProblem(
        problem=problem,
        person_ids=volunteers.person_id,
        home_place_ids=volunteers.home_place_id,
        line_ids=lines.line_id,
        need_ids=lines.need_id,
        place_ids=lines.place_id,
        province_codes=lines.province_code,
        is_language_asked=languages.word(skill_words=wanted) != 0,
        points=points,
        line_start=asked.line_start,
        asked=asked.people,
        intermediary_ids=asked.roots,
    )


def _volunteer_arrays(
    volunteers: Volunteers,
    languages: LanguageBits,
    occupation: Occupation,
) -> dict[str, Any]:
    taken = occupation.half_days_taken(person_ids=volunteers.person_id)
    left = volunteers.weekly_half_days - np.bitwise_count(taken).astype(np.int16)
    return {
        "v_lat": volunteers.latitude,
        "v_lon": volunteers.longitude,
        "v_radius_m": volunteers.radius_m,
        "v_cap": np.maximum(left, 0).astype(np.uint8),
        "v_slots": volunteers.half_day_bits.astype(np.uint16) & ~taken,
        "v_skills": volunteers.skill_words,
        "v_attrs": volunteers.words | languages.word(skill_words=volunteers.skill_words),
    }


def _line_arrays(lines: OpenLines, languages: LanguageBits) -> dict[str, Any]:
    return {
        "l_need": np.unique(lines.need_id, return_inverse=True)[1].astype(np.int32),
        "l_lat": lines.latitude,
        "l_lon": lines.longitude,
        "l_slot": lines.half_day.astype(np.uint8),
        "l_skills": lines.skill_bits.view(np.uint64),
        "l_attrs": line_words(lines=lines, languages=languages),
    }


def _group_arrays(asked: _Asked, occupation: Occupation) -> dict[str, Any]:
    """Roots are the lines' intermediaries, in the order of their ids, each with the seats that are
    left to it; below them stands a group for each flexible line, in the order of the lines.
    """
    seats = np.zeros(len(asked.roots), np.int64)
    seats[np.searchsorted(asked.roots, asked.lines.intermediary_id)] = asked.lines.seats_weekly
    left = np.maximum(seats - occupation.seats_taken(intermediary_ids=asked.roots), 0)
    nested = asked.expansion
    return {
        "l_group": nested.group,
        "g_cap": np.concatenate([left.astype(np.int32), nested.nested_cap]),
        "g_parent": np.concatenate([np.full(len(left), -1, np.int32), nested.nested_parent]),
    }


def _answer_arrays(person_ids: Ids, lines: OpenLines, answers: Answers) -> dict[str, Any]:
    """Live offers as confirmed placements, refusals as forbidden pairs; proposals that
    headquarters has before it keep a few points, so that near ties do not change from run to run.

    Somebody who cannot be matched any more is in neither: their offers are about to be taken back.
    """
    volunteer, is_there = rows_of(answers.held_person, among=person_ids)
    confirmed = _distinct(volunteer[is_there], answers.held_line[is_there], lines)
    volunteer, is_there = rows_of(answers.refused_person, among=person_ids)
    # The lines of a need stand together.
    need = answers.refused_need[is_there]
    start = np.searchsorted(lines.need_id, need)
    count = np.searchsorted(lines.need_id, need, side="right") - start
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    forbidden = _distinct(
        np.repeat(volunteer[is_there], count), np.repeat(start, count) + step, lines
    )
    forbidden = np.setdiff1d(forbidden, confirmed, assume_unique=True)
    f_volunteer, f_line = _apart(confirmed, lines)
    volunteer, is_there = rows_of(answers.shown_person, among=person_ids)
    shown = _distinct(volunteer[is_there], answers.shown_line[is_there], lines)
    shown = np.setdiff1d(shown, np.union1d(confirmed, forbidden), assume_unique=True)
    b_volunteer, b_line = _apart(np.concatenate([forbidden, shown]), lines)
    points = np.repeat([-1, STABILITY_POINTS], [len(forbidden), len(shown)])
    return {
        "f_volunteer": f_volunteer,
        "f_line": f_line,
        "b_volunteer": b_volunteer,
        "b_line": b_line,
        "b_points": points.astype(np.int32),
    }


def _distinct(volunteer: Ids, line: Ids, lines: OpenLines) -> Ids:
    """Distinct pairs as one number each, by volunteer and line: the same tables, the same order."""
    return np.unique(volunteer * len(lines) + line)


def _apart(pairs: Ids, lines: OpenLines) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    volunteer, line = np.divmod(pairs, max(1, len(lines)))
    return volunteer.astype(np.int32), line.astype(np.int32)


def _unit_points(lines: OpenLines) -> UnitPoints:
    return unit_points(
        urgency=lines.urgency,
        town_population=lines.town_population,
        people_served=lines.people_served,
        headcount=lines.headcount,
    )
