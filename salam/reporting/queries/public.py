"""What the public page shows: counts by place, the last run, the published figures. Small counts
are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from salam.core.errors import PermissionRefused
from salam.core.statistics import SMALL_COUNT, suppress_small, suppress_together
from salam.matching.queries import RunSummary, last_run, proposal_counts_by_place
from salam.needs.queries import (
    asked_counts_by_place,
    need_counts_by_place,
    people_asked_near,
)
from salam.people.queries import generated_people_exist, volunteer_counts_by_place
from salam.places.enums import PlaceKind
from salam.places.queries import PlaceNotFound, children_of, get_place
from salam.programmes.models import PublishedFigure
from salam.programmes.queries import list_figures
from salam.service.queries import (
    confirmed_minutes_by_place,
    service_totals,
    serving_people_by_place,
)

_COUNTRY = "ir"
_ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class PlaceRow:
    """One place's counts; None stands for a count too small to publish."""

    code: str
    name: str
    volunteers: int | None
    needs: int | None
    asked: int | None
    proposed: int | None
    served_minutes: int | None = 0

    @property
    def counts(self) -> tuple[int | None, ...]:
        return (self.volunteers, self.needs, self.asked, self.proposed)

    @property
    def is_empty(self) -> bool:
        return self.counts == (0, 0, 0, 0) and self.served_minutes == 0

    @property
    def served_hours(self) -> int | None:
        return _full_hours(self.served_minutes)

    @property
    def has_page(self) -> bool:
        """Whether the row is a place of its own, which opens."""
        return self.code != _ELSEWHERE

    @property
    def covered_percent(self) -> int | None:
        """Proposed of a hundred asked for, in whole numbers; None where either is hidden."""
        if not self.asked or self.proposed is None:
            return None
        return round(100 * self.proposed / self.asked)


@dataclass(frozen=True)
class Overview:
    """A place with its parts."""

    code: str
    name: str
    kind: str
    total: PlaceRow
    rows: Sequence[PlaceRow]
    run: RunSummary | None
    has_generated_people: bool

    @property
    def filled_rows(self) -> list[PlaceRow]:
        return [row for row in self.rows if not row.is_empty]

    @property
    def empty_names(self) -> list[str]:
        """Places where nothing has been entered yet: said in one sentence rather than in rows of
        zeros.
        """
        return [row.name for row in self.rows if row.is_empty]


@dataclass(frozen=True, kw_only=True)
class LandingCounts:
    """What stands on the first page; None for a count too small to publish."""

    volunteers: int | None
    needs: int | None
    accepted: int | None
    served_minutes: int | None
    has_generated_people: bool

    @property
    def served_hours(self) -> int | None:
        return _full_hours(self.served_minutes)


@dataclass(frozen=True)
class FigureGroup:
    """The figures of one agency."""

    agency: str
    figures: Sequence[PublishedFigure]


def national_overview(*, on: date) -> Overview:
    """Counts by province; an empty page, not an error, before the places are loaded."""
    try:
        country = get_place(code=_COUNTRY)
    except PlaceNotFound:
        return _nothing_yet()
    run = last_run()
    provinces = [(place.code, place.name) for place in children_of(place=country, on=on)]
    tables = [_with_elsewhere(counts, provinces) for counts in _measures(run)]
    totals = [sum(table.values()) for table in tables]
    return Overview(
        code=country.code,
        name=country.name,
        kind=country.get_kind_display(),
        total=_total_row(country.code, country.name, totals, served_minutes=_all_minutes()),
        rows=_rows(provinces, [*_published(tables), _minutes(provinces)]),
        run=run,
        has_generated_people=generated_people_exist(),
    )


def _nothing_yet() -> Overview:
    return Overview(
        code=_COUNTRY,
        name=_("ایران"),
        kind=str(PlaceKind.COUNTRY.label),
        total=PlaceRow(_COUNTRY, _("ایران"), 0, 0, 0, 0),
        rows=[],
        run=None,
        has_generated_people=False,
    )


def province_overview(*, code: str, on: date) -> Overview:
    """Counts by county of one province.

    A province whose own count is hidden on the national page hides all its counties' too: their sum
    would tell it. Raises PermissionRefused for anything that is not a province.
    """
    province = get_place(code=code)
    if province.kind != PlaceKind.PROVINCE:
        raise PermissionRefused
    national = national_overview(on=on)
    own = next(row for row in national.rows if row.code == code)
    counties = [(place.code, place.name) for place in children_of(place=province, on=on)]
    tables = [
        _with_elsewhere(_by_county(counts), counties)
        for counts in _measures(national.run, province.province_code)
    ]
    published = [
        dict.fromkeys(table) if total is None else table
        for total, table in zip(
            (*own.counts, own.served_minutes),
            [*_published(tables), _minutes(counties, province.province_code)],
            strict=True,
        )
    ]
    return Overview(
        code=province.code,
        name=province.name,
        kind=province.get_kind_display(),
        total=own,
        rows=_rows(counties, published),
        run=national.run,
        has_generated_people=national.has_generated_people,
    )


def landing_counts() -> LandingCounts:
    """The country in four numbers, for the first page."""
    totals = service_totals()
    counted = {
        "volunteers": sum(volunteer_counts_by_place().values()),
        "needs": sum(need_counts_by_place().values()),
        "accepted": totals.accepted,
    }
    return LandingCounts(
        **suppress_small(counted, total_is_published=False),
        served_minutes=_all_minutes(),
        has_generated_people=generated_people_exist(),
    )


def people_asked_nearby(*, place_code: str, radius_m: int) -> int | None:
    """How many people open needs ask for within somebody's reach; None where few.

    Raises PlaceNotFound.
    """
    place = get_place(code=place_code)
    count = people_asked_near(
        latitude=place.latitude,
        longitude=place.longitude,
        radius_m=radius_m,
    )
    return suppress_small({place_code: count}, total_is_published=False)[place_code]


def figure_groups() -> list[FigureGroup]:
    """Published figures by agency; the scheme's own organisation first, since its figures are the
    national ones.
    """
    groups: dict[str, list[PublishedFigure]] = {}
    for figure in list_figures():
        groups.setdefault(figure.agency_fa, []).append(figure)
    return [
        FigureGroup(agency, figures)
        for agency, figures in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _measures(run: RunSummary | None, province_code: str | None = None) -> list[Mapping[str, int]]:
    """Volunteers, needs, people asked for and people proposed, each by place."""
    proposed: Mapping[str, int] = {}
    if run is not None:
        proposed = proposal_counts_by_place(run_id=run.run_id, province_code=province_code)
    return [
        volunteer_counts_by_place(province_code=province_code),
        need_counts_by_place(province_code=province_code),
        asked_counts_by_place(province_code=province_code),
        proposed,
    ]


def _minutes(
    places: Sequence[tuple[str, str]],
    province_code: str | None = None,
) -> Mapping[str, int | None]:
    """Confirmed minutes by place; hidden where they are the work of few.

    Their size tells nothing of how many served, so it is the people who are counted, and hidden
    with whoever else keeps them from being worked out.
    """
    people = _with_elsewhere(serving_people_by_place(province_code=province_code), places)
    minutes = confirmed_minutes_by_place(province_code=province_code)
    if province_code is not None:
        minutes = _by_county(minutes)
    table = _with_elsewhere(minutes, places)
    # While few have served at all, the country's hours are hidden too and give nothing away.
    is_total_published = sum(people.values()) >= SMALL_COUNT
    shown = suppress_small(people, total_is_published=is_total_published)
    return {code: None if shown[code] is None else table[code] for code in table}


def _all_minutes() -> int | None:
    """The country's confirmed minutes, hidden while fewer than five people have served."""
    totals = service_totals()
    few = 0 < totals.serving_people < SMALL_COUNT
    return None if few else totals.confirmed_minutes


def _full_hours(minutes: int | None) -> int | None:
    return None if minutes is None else minutes // 60


def _by_county(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by the county of each place: the first four digits of every official code below a
    province.
    """
    by_county: dict[str, int] = {}
    for code, count in counts.items():
        by_county[code[:4]] = by_county.get(code[:4], 0) + count
    return by_county


def _with_elsewhere(
    counts: Mapping[str, int],
    places: Sequence[tuple[str, str]],
) -> dict[str, int]:
    """A count for each place listed, and one for what belongs to none of them.

    People of a place that was closed since still count in the total: without a row of their own,
    suppression would reckon with a wrong sum.
    """
    table = {code: counts.get(code, 0) for code, _name in places}
    table[_ELSEWHERE] = sum(counts.values()) - sum(table.values())
    return table


def _published(tables: Sequence[Mapping[str, int]]) -> list[Mapping[str, int | None]]:
    """What may be shown: volunteers by themselves; needs and what comes of them together."""
    volunteers, *service = tables
    return [
        suppress_small(volunteers, total_is_published=True),
        *suppress_together(service, total_is_published=True),
    ]


def _rows(
    places: Sequence[tuple[str, str]],
    published: Sequence[Mapping[str, int | None]],
) -> list[PlaceRow]:
    rows = [
        PlaceRow(code, name, *[table[code] for table in published])
        for code, name in (*places, (_ELSEWHERE, _("جاهای پیشین")))
    ]
    return [row for row in rows if row.code != _ELSEWHERE or not row.is_empty]


def _total_row(
    code: str,
    name: str,
    totals: Sequence[int],
    *,
    served_minutes: int | None,
) -> PlaceRow:
    shown = [suppress_small({code: total}, total_is_published=False)[code] for total in totals]
    volunteers, needs, asked, proposed = shown
    return PlaceRow(code, name, volunteers, needs, asked, proposed, served_minutes)
