"""What headquarters sees of a place and its parts. Counts only: nobody is ever listed.

Whoever holds a place sees small counts there, to act on them; a partner agency's reader sees what
could be published, with the same suppression at every level (docs/decisions/0008).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext as _

from salam.access.enums import AGGREGATE_ROLES
from salam.access.permissions import GrantedActor
from salam.access.queries import reach_of
from salam.core.actors import Actor, Scope, require
from salam.core.dates import week_start
from salam.core.errors import PermissionRefused
from salam.core.statistics import suppress_small, suppress_together
from salam.core.verbs import Verb
from salam.matching.queries import COUNTRY_CODE, proposed_counts_within, runs_to_review
from salam.needs.queries import asked_counts_within, need_counts_within
from salam.people.queries import generated_people_exist, volunteer_counts_within
from salam.places.models import Place
from salam.places.queries import ancestors_of, children_of, get_place, places_at
from salam.service.queries import (
    PartService,
    WeekHours,
    hours_by_week,
    service_within,
    waiting_within,
)

WEEKS: Final = 12
_NOTHING: Final = PartService()


@dataclass(frozen=True, kw_only=True)
class HqRow:
    """One place's counts; None stands for a count too small to be shown to this reader."""

    code: str
    name: str
    kind: str = ""
    latitude: float = 0.0
    longitude: float = 0.0
    is_place: bool = True
    """Whether the row is a part with a page of its own; the rest stands in one row without."""
    volunteers: int | None = 0
    needs: int | None = 0
    asked: int | None = 0
    """People asked for by open needs."""
    proposed: int | None = 0
    invited: int | None = 0
    """People asked whether they would come: offers."""
    accepted: int | None = 0
    answered: int | None = 0
    active: int | None = 0
    minutes: int | None = 0

    @property
    def hours(self) -> float | None:
        """Confirmed hours, as :func:`hours_of` says them."""
        return None if self.minutes is None else hours_of(minutes=self.minutes)

    @property
    def accepted_percent(self) -> int | None:
        """Yeses of a hundred answers, in whole numbers; None without answers or where hidden."""
        if not self.answered or self.accepted is None:
            return None
        return round(100 * self.accepted / self.answered)

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, name) == 0 for name in _MEASURES)


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody's word in a place."""

    unanswered: int
    to_confirm: int
    to_review: int | None
    """Plans to decide on; None for who may not look at runs."""


@dataclass(frozen=True)
class HqOverview:
    """A place with its parts, as its actor may see them."""

    place: Place
    above: Sequence[Place]
    """What lies above and the actor may open, from the top."""
    total: HqRow
    rows: Sequence[HqRow]
    weeks: Sequence[WeekHours | None]
    """The last twelve weeks, earliest first; None for a week too small to be shown."""
    first_week: date
    waiting: Waiting | None
    is_suppressed: bool
    has_generated_people: bool

    @property
    def filled_rows(self) -> list[HqRow]:
        return [row for row in self.rows if not row.is_empty]


# ``serving`` (people with confirmed hours) is never shown: it tells when hours are of too few.
_MEASURES: Final = (
    "volunteers",
    "needs",
    "asked",
    "proposed",
    "invited",
    "accepted",
    "answered",
    "active",
    "minutes",
)
Tables = Mapping[str, Mapping[str, int]]
Shown = Mapping[str, Mapping[str, int | None]]


def hq_overview(*, actor: Actor, place_code: str, on: date) -> HqOverview:
    """The counts of a place and its parts, its last weeks, and what waits.

    The number of queries does not grow with the rows; for a reader of an agency it grows with the
    levels above, since what is hidden there must stay hidden here. Raises PermissionRefused (also
    for an unknown place).
    """
    place = get_place(code=place_code)
    require(actor, Verb.AGGREGATE_VIEW, Scope(place_path=place.path))
    above = ancestors_of(place=place)
    parts = list(children_of(place=place, on=on))
    tables = _counted(place.path)
    is_suppressed = _sees_published_only(actor)
    own: Mapping[str, int | None] = {name: sum(tables[name].values()) for name in _MEASURES}
    shown: Shown = _by_parts(tables, parts, place)
    if is_suppressed:
        own = _own_published([*above, place], on=on)
        shown = _published(_by_parts(tables, parts, place), own=own)
    return HqOverview(
        place=place,
        above=[one for one in above if actor.can(Verb.AGGREGATE_VIEW, Scope(place_path=one.path))],
        total=_row(place, own),
        rows=_rows(parts, shown, place),
        weeks=_weeks(place.path, on=on, is_suppressed=is_suppressed, own=own),
        first_week=_first_week(on),
        waiting=None if is_suppressed else _waiting(actor, place.path, on=on),
        is_suppressed=is_suppressed,
        has_generated_people=generated_people_exist(),
    )


def hours_of(*, minutes: int) -> float:
    """Minutes as hours for people: to a tenth, a whole number where it is one."""
    tenths = round(minutes / 6)
    return tenths // 10 if tenths % 10 == 0 else tenths / 10


def own_places(*, actor: Actor) -> list[Place]:
    """Where an actor's view begins: the country, or each place held, the largest first.

    Raises PermissionRefused for somebody who holds none.
    """
    reach = reach_of(actor=actor, verb=Verb.AGGREGATE_VIEW)
    places = places_at(paths=[COUNTRY_CODE] if reach.is_everywhere else reach.place_paths)
    if not places:
        raise PermissionRefused
    return places


def _sees_published_only(actor: Actor) -> bool:
    """A role at an agency takes away what another role of the same person would show."""
    return isinstance(actor, GrantedActor) and any(
        held.role in AGGREGATE_ROLES for held in actor.held
    )


def _counted(path: str) -> Tables:
    """Each measure by the path of the part. Seven queries."""
    service = service_within(path=path)
    return {
        "volunteers": volunteer_counts_within(path=path),
        "needs": need_counts_within(path=path),
        "asked": asked_counts_within(path=path),
        "proposed": proposed_counts_within(path=path),
        **{
            name: {part: getattr(one, name) for part, one in service.items()}
            for name in ("invited", "accepted", "answered", "active", "minutes", "serving")
        },
    }


def _by_parts(tables: Tables, parts: Sequence[Place], place: Place) -> Tables:
    """A count for each part listed, and under the place's own path what belongs to none of them:
    what stands at the place itself, and parts that are closed now.
    """
    paths = [part.path for part in parts]
    whole = {}
    for name, table in tables.items():
        listed = {path: table.get(path, 0) for path in paths}
        whole[name] = {**listed, place.path: sum(table.values()) - sum(listed.values())}
    return whole


def _published(tables: Tables, *, own: Mapping[str, int | None]) -> Shown:
    """What may be shown of the parts: volunteers by themselves, the rest together.

    A place whose own count is hidden hides all its parts' too: their sum would tell it.
    """
    flow = [name for name in tables if name != "volunteers"]
    together = suppress_together([tables[name] for name in flow], total_is_published=True)
    shown: dict[str, Mapping[str, int | None]] = dict(zip(flow, together, strict=True))
    shown["volunteers"] = suppress_small(tables["volunteers"], total_is_published=True)
    return {
        name: dict.fromkeys(table) if own.get(name, 0) is None else table
        for name, table in shown.items()
    }


def _own_published(line: Sequence[Place], *, on: date) -> Mapping[str, int | None]:
    """A place's own counts as they may be shown: as a part of what lies above, and so on up.

    ``line`` leads from the country to the place.
    """
    country = line[0]
    totals = {name: sum(table.values()) for name, table in _counted(country.path).items()}
    own: Mapping[str, int | None] = {
        name: suppress_small({country.path: total}, total_is_published=False)[country.path]
        for name, total in totals.items()
    }
    for above, place in pairwise(line):
        parts = list(children_of(place=above, on=on))
        shown = _published(_by_parts(_counted(above.path), parts, above), own=own)
        if place.path not in shown["volunteers"]:
            raise PermissionRefused
        own = {name: table[place.path] for name, table in shown.items()}
    return {name: own[name] for name in _MEASURES}


def _rows(parts: Sequence[Place], shown: Shown, place: Place) -> list[HqRow]:
    rows = [_row(part, {name: table[part.path] for name, table in shown.items()}) for part in parts]
    rest = _row(place, {name: table[place.path] for name, table in shown.items()})
    rest = replace(rest, code="", name=_("خودِ این‌جا و جاهای پیشین"), kind="", is_place=False)
    return rows if rest.is_empty else [*rows, rest]


def _row(place: Place, counts: Mapping[str, int | None]) -> HqRow:
    return HqRow(
        code=place.code,
        name=place.name,
        kind=place.get_kind_display(),
        latitude=place.latitude,
        longitude=place.longitude,
        volunteers=counts["volunteers"],
        needs=counts["needs"],
        asked=counts["asked"],
        proposed=counts["proposed"],
        invited=counts["invited"],
        accepted=counts["accepted"],
        answered=counts["answered"],
        active=counts["active"],
        minutes=counts["minutes"],
    )


def _first_week(on: date) -> date:
    return week_start(on) - timedelta(weeks=WEEKS - 1)


def _weeks(
    path: str,
    *,
    on: date,
    is_suppressed: bool,
    own: Mapping[str, int | None],
) -> list[WeekHours | None]:
    """All of the last weeks, also those without hours."""
    first = _first_week(on)
    starts = [first + timedelta(weeks=number) for number in range(WEEKS)]
    if own["minutes"] is None:
        return [None] * WEEKS
    found = {week.starts_on: week for week in hours_by_week(path=path, since=first)}
    weeks = [found.get(start, WeekHours(start, 0, 0)) for start in starts]
    if not is_suppressed:
        return list(weeks)
    people = suppress_small(
        {week.starts_on: week.serving for week in weeks},
        total_is_published=True,
    )
    return [None if people[week.starts_on] is None else week for week in weeks]


def _waiting(actor: Actor, path: str, *, on: date) -> Waiting:
    waiting = waiting_within(path=path, on=on)
    may_review = actor.can(Verb.RUN_VIEW, Scope(place_path=path))
    return Waiting(
        unanswered=waiting.unanswered,
        to_confirm=waiting.to_confirm,
        to_review=runs_to_review(actor=actor, path=path) if may_review else None,
    )
