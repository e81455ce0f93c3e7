"""What the public page shows: counts by place, the last run, the published figures. Small counts
are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from salam.core.errors import PermissionRefused
from salam.core.statistics import suppress_small
from salam.matching.queries import RunSummary, last_run, proposal_counts_by_place
from salam.needs.queries import asked_counts_by_place, need_counts_by_place
from salam.people.queries import generated_people_exist, volunteer_counts_by_place
from salam.places.enums import PlaceKind
from salam.places.queries import children_of, get_place
from salam.programmes.models import PublishedFigure
from salam.programmes.queries import list_figures

_COUNTRY = "ir"


@dataclass(frozen=True)
class PlaceRow:
    """One place's counts; None stands for a count too small to publish."""

    code: str
    name: str
    volunteers: int | None
    needs: int | None
    asked: int | None
    proposed: int | None

    @property
    def is_empty(self) -> bool:
        return (self.volunteers, self.needs, self.asked, self.proposed) == (0, 0, 0, 0)


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


@dataclass(frozen=True)
class FigureGroup:
    """The figures of one agency."""

    agency: str
    figures: Sequence[PublishedFigure]


def national_overview(*, on: date) -> Overview:
    """Counts by province."""
    country = get_place(code=_COUNTRY)
    run = last_run()
    measures = _measures(run)
    provinces = list(children_of(place=country, on=on))
    published = [
        suppress_small(
            {place.code: counts.get(place.province_code, 0) for place in provinces},
            total_is_published=True,
        )
        for counts in measures
    ]
    return Overview(
        code=country.code,
        name=country.name,
        kind=country.get_kind_display(),
        total=_total_row(country.code, country.name, [sum(counts.values()) for counts in measures]),
        rows=[_row(place.code, place.name, published) for place in provinces],
        run=run,
        has_generated_people=generated_people_exist(),
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
    totals = (own.volunteers, own.needs, own.asked, own.proposed)
    counties = list(children_of(place=province, on=on))
    published = []
    for total, counts in zip(totals, _measures(national.run, province.province_code), strict=True):
        by_county = _by_county(counts)
        cells = {place.code: by_county.get(place.code, 0) for place in counties}
        published.append(
            dict.fromkeys(cells)
            if total is None
            else suppress_small(cells, total_is_published=True),
        )
    return Overview(
        code=province.code,
        name=province.name,
        kind=province.get_kind_display(),
        total=own,
        rows=[_row(place.code, place.name, published) for place in counties],
        run=national.run,
        has_generated_people=national.has_generated_people,
    )


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


def _by_county(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by the county of each place: the first four digits of every official code below a
    province.
    """
    by_county: dict[str, int] = {}
    for code, count in counts.items():
        by_county[code[:4]] = by_county.get(code[:4], 0) + count
    return by_county


def _row(code: str, name: str, published: Sequence[Mapping[str, int | None]]) -> PlaceRow:
    volunteers, needs, asked, proposed = (counts[code] for counts in published)
    return PlaceRow(code, name, volunteers, needs, asked, proposed)


def _total_row(code: str, name: str, totals: Sequence[int]) -> PlaceRow:
    volunteers, needs, asked, proposed = (
        suppress_small({code: total}, total_is_published=False)[code] for total in totals
    )
    return PlaceRow(code, name, volunteers, needs, asked, proposed)
