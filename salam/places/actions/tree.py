"""The real tree, put together: the official list with points, populations and where they are from.

What has no figure of its own gets a stand-in, marked as such (docs/decisions/0004-places.md).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Final

from salam.core.text import fold_tight
from salam.places.actions.gazetteer import (
    GazetteerRow,
    Matches,
    match_cities,
    match_stray_cities,
    match_villages,
    read_capitals,
)
from salam.places.actions.official_list import ListedPlace
from salam.places.actions.points import Point
from salam.places.actions.ranks import COUNTRY_CODE, SUMMED_KINDS
from salam.places.actions.rows import PlaceRow, new_row
from salam.places.enums import PlaceKind, PointSource, PopulationSource

CAPITAL_PROVINCE_CODE: Final = "23"
# 20,730,625 rural residents of the 1395 census over the 98,100 villages of the list. Empty villages
# are in the list too, so an inhabited one is larger; for sums the mean is what adds up.
VILLAGE_POPULATION_PROXY: Final = 211


class CapitalMissing(Exception):
    """A capital of our table is not among the matched cities: the sources do not fit together."""


@dataclass(frozen=True, slots=True)
class Seat:
    """The point of something with several places in it, and whether it is a city of its own."""

    point: Point
    source: PointSource


@dataclass(frozen=True, slots=True)
class NationalTree:
    """Rows parents first, populations of the upper kinds still to be summed, and what matched."""

    rows: list[PlaceRow]
    city_match_count: int
    village_match_count: int
    city_population_proxy: int


def build_tree(*, places: Sequence[ListedPlace], gazetteer: Sequence[GazetteerRow]) -> NationalTree:
    """Join the official list with GeoNames. Raises CapitalMissing when a capital is not matched."""
    matches = _match_all_cities(places, gazetteer)
    seats = _seats(places, matches)
    villages = match_villages(
        places=places,
        rows=gazetteer,
        matches=matches,
        points=_points_of(seats),
    )
    proxy = _city_population_proxy(matches)
    populations = _populations(places, matches | villages, proxy)
    return NationalTree(
        rows=_rows(places, _place_points(places, seats, matches | villages), populations),
        city_match_count=len(matches),
        village_match_count=len(villages),
        city_population_proxy=proxy,
    )


def _match_all_cities(
    places: Sequence[ListedPlace],
    gazetteer: Sequence[GazetteerRow],
) -> Matches:
    """Rows with a population first, under a neighbouring province too; only then empty ones.

    An empty row is often a hamlet that bears the city's name (Fardis).
    """
    inhabited = [row for row in gazetteer if row.population]
    matches = match_cities(places=places, rows=inhabited, matches={})
    matches |= match_stray_cities(
        places=places,
        rows=inhabited,
        matches=matches,
        points=_points_of(_seats(places, matches)),
    )
    return matches | match_cities(places=places, rows=gazetteer, matches=matches)


def _seats(places: Iterable[ListedPlace], matches: Matches) -> dict[str, Seat]:
    """Points of country, provinces, counties and districts, each that of a city in it.

    A province's is its capital's; a county's or district's is that of the city of its name, else of
    its largest matched city, else what lies above.
    """
    cities = [place for place in places if place.kind is PlaceKind.CITY and place.code in matches]
    by_area: dict[str, list[ListedPlace]] = defaultdict(list)
    for city in cities:
        for area_code in (city.province_code, city.county_code, city.district_code):
            by_area[area_code].append(city)
    seats: dict[str, Seat] = {}
    for capital in read_capitals():
        point = _capital_point(capital.name, by_area[capital.province_code], matches)
        seats[capital.province_code] = Seat(point, PointSource.PUBLISHED)
    seats[COUNTRY_CODE] = seats[CAPITAL_PROVINCE_CODE]
    for place in places:
        if place.kind in {PlaceKind.COUNTY, PlaceKind.DISTRICT} and place.parent_code:
            seats[place.code] = _seat(place, by_area[place.code], matches) or Seat(
                seats[place.parent_code].point,
                PointSource.PARENT,
            )
    return seats


def _capital_point(name: str, cities: Iterable[ListedPlace], matches: Matches) -> Point:
    folded = fold_tight(name)
    for city in cities:
        if city.city_name_folded == folded:
            return matches[city.code].point
    raise CapitalMissing(name)


def _seat(area: ListedPlace, cities: Sequence[ListedPlace], matches: Matches) -> Seat | None:
    if not cities:
        return None
    name = fold_tight(area.name)
    city = max(
        cities,
        key=lambda city: (city.city_name_folded == name, matches[city.code].standing),
    )
    return Seat(matches[city.code].point, PointSource.PUBLISHED)


def _points_of(seats: Mapping[str, Seat]) -> dict[str, Point]:
    return {code: seat.point for code, seat in seats.items()}


def _place_points(
    places: Iterable[ListedPlace],
    seats: Mapping[str, Seat],
    matches: Matches,
) -> dict[str, Seat]:
    points = dict(seats)
    for place in places:
        if place.code in points or place.parent_code is None:
            continue
        row = matches.get(place.code)
        points[place.code] = (
            Seat(points[place.parent_code].point, PointSource.PARENT)
            if row is None
            else Seat(row.point, PointSource.PUBLISHED)
        )
    return points


def _city_population_proxy(matches: Matches) -> int:
    """Lower quartile of the published cities: those that GeoNames leaves out are small ones."""
    known = [row.population for row in matches.values() if row.population]
    return round(quantiles(known, n=4)[0])


def _populations(
    places: Sequence[ListedPlace],
    matches: Matches,
    city_proxy: int,
) -> dict[str, tuple[int, PopulationSource]]:
    """Population and source of cities, zones and villages; the kinds above are summed in SQL."""
    zone_counts = Counter(
        (place.county_code, place.city_name_folded) for place in places if place.is_city_zone
    )
    populations: dict[str, tuple[int, PopulationSource]] = {}
    for place in places:
        if place.kind in SUMMED_KINDS:
            continue
        row = matches.get(place.code)
        if place.is_city_zone:
            count = zone_counts[place.county_code, place.city_name_folded]
            whole, _ = populations.get(place.parent_code or "", (0, None))
            whole = whole or (row.population if row else 0) or city_proxy
            populations[place.code] = (round(whole / count), PopulationSource.PROXY)
        elif row is not None and row.population:
            populations[place.code] = (row.population, PopulationSource.PUBLISHED)
        else:
            is_city = place.kind is PlaceKind.CITY
            proxy = city_proxy if is_city else VILLAGE_POPULATION_PROXY
            populations[place.code] = (proxy, PopulationSource.PROXY)
    return populations


def _rows(
    places: Iterable[ListedPlace],
    points: Mapping[str, Seat],
    populations: Mapping[str, tuple[int, PopulationSource]],
) -> list[PlaceRow]:
    rows: dict[str, PlaceRow] = {}
    for place in places:
        population, source = populations.get(place.code, (None, PopulationSource.SUM))
        rows[place.code] = new_row(
            code=place.code,
            kind=place.kind,
            parent=None if place.parent_code is None else rows[place.parent_code],
            name=place.name,
            point=points[place.code].point,
            point_source=points[place.code].source,
            population=population,
            population_source=source,
            is_city_zone=place.is_city_zone,
            name_folded=place.name_folded,
        )
    return list(rows.values())
