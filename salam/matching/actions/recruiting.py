"""What one more volunteer, half-day, seat or level of vetting would add to a plan, by county.

Worked out once, when a plan is stored, from its lowered prices: arrays alone, and then a bounded
number of rows. Nobody is counted and nobody is named; where a volunteer is worth most at a place,
only the worth is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Cast

from salam.core.bulk import copy_rows
from salam.core.columns import among, read_columns
from salam.engine import Solution
from salam.engine.recruit import (
    Recruits,
    best_by_place,
    typical_radius_m,
    worth_of_attributes,
    worth_of_half_days,
    worth_of_languages,
    worth_of_recruits,
    worth_of_seats,
)
from salam.matching.enums import AttributeBit, RecruitKind
from salam.matching.models import RecruitFigure, Run
from salam.matching.queries.attributes import LanguageBits
from salam.matching.queries.problem import BuiltProblem
from salam.organizations.models import Intermediary
from salam.people.enums import VettingTier
from salam.people.queries import SkillEntry, list_active_skills
from salam.places.enums import PlaceKind
from salam.places.models import Place

Ids = npt.NDArray[np.int64]

_COLUMNS: Final = ("run_id", "kind", "place_id", "key", "organization_id", "worth", "worth_of_two")
# A county is wide and a volunteer goes some kilometres: they are priced where most is missing.
_SPOTS_OF_A_COUNTY: Final = 3
_TYPICAL_BITS: Final = (
    AttributeBit.VETTED_CONTACT,
    AttributeBit.VETTED_UNSUPERVISED,
    AttributeBit.VETTED_PERSONAL_CARE,
    AttributeBit.ADULT,
    AttributeBit.AGE_21,
    AttributeBit.AGE_28,
)
_VETTING_BITS: Final = np.uint64((1 << (AttributeBit.VETTED_PERSONAL_CARE + 1)) - 1)


@dataclass(frozen=True)
class Worth:
    """One row of :class:`RecruitFigure`, without its run."""

    kind: RecruitKind
    place_id: int
    worth: int
    key: str = ""
    organization_id: int | None = None
    worth_of_two: int = 0


def price_recruits(*, run: Run, built: BuiltProblem, solution: Solution) -> list[Worth]:
    """All that one more would add, where that is anything; the run's place must be loaded.

    Four queries. At most counties x (skills + 4) rows and one for each institution.
    """
    counties = _Counties.within(run.place.path)
    skills = list_active_skills()
    return [
        *_volunteers(built, solution, counties, skills=skills),
        *_languages(built, solution, skills, place_id=run.place_id),
        *_half_days(built, solution, counties),
        *_seats(built, solution, counties),
        *_vettings(built, solution, counties),
    ]


def store_recruits(*, run_id: int, worths: Sequence[Worth]) -> None:
    """Write the rows of a run, inside the caller's transaction."""
    copy_rows(
        model=RecruitFigure,
        columns=_COLUMNS,
        rows=(
            (
                run_id,
                one.kind,
                one.place_id,
                one.key,
                one.organization_id,
                one.worth,
                one.worth_of_two,
            )
            for one in worths
        ),
    )


@dataclass(frozen=True, eq=False)
class _Counties:
    """Counties within a path by ascending code: ids [C] int64, codes [C] ASCII bytes."""

    ids: Ids
    codes: npt.NDArray[np.bytes_]

    @classmethod
    def within(cls, path: str) -> _Counties:
        rows = Place.objects.filter(kind=PlaceKind.COUNTY, path__within=path, valid_to__isnull=True)
        found = read_columns(rows=rows, columns={"id": np.int64, "code": "S24"}, order_by=["code"])
        return cls(found["id"], found["code"])

    def of(self, place_ids: Ids) -> Ids:
        """The row of the county of each place [N], -1 outside; one query."""
        distinct, place_of = np.unique(place_ids, return_inverse=True)
        # Country, province, county: the third label of a path.
        county = Func(
            Cast(F("path"), TextField()),
            Value("."),
            Value(3),
            function="split_part",
            output_field=TextField(),
        )
        found = read_columns(
            rows=Place.objects.filter(pk__in=among(keys=distinct)).annotate(county=county),
            columns={"id": np.int64, "county": "S24"},
            order_by=["id"],
        )
        row = np.searchsorted(self.codes, found["county"])
        padded = np.append(self.codes, np.zeros(1, self.codes.dtype))
        is_here = (padded[row] == found["county"]) & (found["county"] != b"")
        rows: Ids = np.full(len(distinct), -1, np.int64)
        rows[np.searchsorted(distinct, found["id"])] = np.where(is_here, row, -1)
        return rows[place_of]

    def best(self, row: Ids, worth: Ids) -> Iterator[tuple[int, int]]:
        """Id of a county and the greatest worth there, where it is anything."""
        is_here = row >= 0
        best = best_by_place(worth[is_here], row[is_here], len(self.ids))
        for one in np.flatnonzero(best).tolist():
            yield int(self.ids[one]), int(best[one])


def typical_attributes(built: BuiltProblem) -> int:
    """What at least half of the volunteers have, and coming of age; never sex nor language."""
    word = 1 << AttributeBit.ADULT
    held = built.problem.v_attrs
    for bit in _TYPICAL_BITS:
        if 2 * int(((held >> np.uint64(bit)) & np.uint64(1)).sum()) >= max(len(held), 1):
            word |= 1 << bit
    return word


def _spots(row: Ids, line_price: Ids, place_ids: Ids) -> Ids:
    """Lines at those places of each county whose lines would pay most together, [P] rows."""
    line = np.flatnonzero((row >= 0) & (line_price > 0))
    places, first, place_of = np.unique(place_ids[line], return_index=True, return_inverse=True)
    paid = np.bincount(place_of, line_price[line], len(places))
    county = row[line[first]]
    order = np.lexsort((places, -paid, county))
    rank = np.arange(len(order)) - np.searchsorted(county[order], county[order])
    spots: Ids = line[first[order[rank < _SPOTS_OF_A_COUNTY]]]
    return spots


def _volunteers(
    built: BuiltProblem, solution: Solution, counties: _Counties, *, skills: Sequence[SkillEntry]
) -> Iterator[Worth]:
    problem = built.problem
    row = counties.of(built.place_ids)
    spot = _spots(row, solution.line_price, built.place_ids)
    spoken_of = [skill for skill in skills if not skill.is_language]
    recruits = Recruits(
        lat=problem.l_lat[spot],
        lon=problem.l_lon[spot],
        skills=np.array([1 << skill.bit for skill in spoken_of], np.uint64),
        radius_m=typical_radius_m(problem),
        attrs=typical_attributes(built),
    )
    one, two = worth_of_recruits(problem, solution, recruits)
    for kind, skill in enumerate(spoken_of):
        pairs = dict(counties.best(row[spot], two[:, kind]))
        for place_id, worth in counties.best(row[spot], one[:, kind]):
            yield Worth(
                RecruitKind.VOLUNTEER,
                place_id,
                worth,
                key=skill.code,
                worth_of_two=pairs[place_id],
            )


def _languages(
    built: BuiltProblem, solution: Solution, skills: Sequence[SkillEntry], *, place_id: int
) -> Iterator[Worth]:
    """Where somebody who speaks a language and has whatever else is asked would add most.

    Over the whole place of the run only, and not who or where.
    """
    bits = LanguageBits(skills=skills)
    for skill in skills:
        if not skill.is_language:
            continue
        word = int(bits.word(skill_words=np.array([1 << skill.bit], np.uint64))[0])
        worth = worth_of_languages(built.problem, solution, word)
        if worth:
            yield Worth(RecruitKind.LANGUAGE, place_id, worth, key=skill.code)


def _half_days(built: BuiltProblem, solution: Solution, counties: _Counties) -> Iterator[Worth]:
    row = counties.of(built.home_place_ids)
    for place_id, worth in counties.best(row, worth_of_half_days(built.problem, solution)):
        yield Worth(RecruitKind.HALF_DAY, place_id, worth)


def _seats(built: BuiltProblem, solution: Solution, counties: _Counties) -> Iterator[Worth]:
    worth = worth_of_seats(built.problem, solution)[: len(built.intermediary_ids)]
    paid = np.flatnonzero(worth)
    found = {
        one.pk: one.organization
        for one in Intermediary.objects.filter(
            pk__in=built.intermediary_ids[paid].tolist()
        ).select_related("organization")
    }
    organizations = [found[int(built.intermediary_ids[one])] for one in paid]
    row = counties.of(np.array([one.place_id for one in organizations], np.int64))
    for one, group, county in zip(organizations, paid.tolist(), row.tolist(), strict=True):
        if county >= 0:
            yield Worth(
                RecruitKind.SEAT,
                int(counties.ids[county]),
                int(worth[group]),
                organization_id=one.pk,
            )


def _vettings(built: BuiltProblem, solution: Solution, counties: _Counties) -> Iterator[Worth]:
    """One level more for each volunteer, by county and the level that is reached."""
    held = built.problem.v_attrs & _VETTING_BITS
    # Levels are unary: the next one is the word's lowest bit that is not set.
    reached = (held | (held + np.uint64(1))) & _VETTING_BITS
    worth = worth_of_attributes(built.problem, solution, built.problem.v_attrs | reached)
    row = counties.of(built.home_place_ids)
    level = np.bitwise_count(reached)
    for tier in (VettingTier.CONTACT, VettingTier.UNSUPERVISED, VettingTier.PERSONAL_CARE):
        of_tier = np.where(level == tier, worth, 0)
        for place_id, best in counties.best(row, of_tier):
            yield Worth(RecruitKind.VETTING, place_id, best, key=str(int(tier)))
