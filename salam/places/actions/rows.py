"""A place as a row still to be written or compared: with its parent's code, without keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from salam.core.text import fold_tight, sort_key
from salam.places.actions.points import Point, h3_cell_of
from salam.places.actions.ranks import COUNTRY_CODE
from salam.places.enums import PlaceKind, PointSource, PopulationSource
from salam.places.models import Place


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One row of the place table, field for field, but for its keys."""

    code: str
    kind: str
    parent_code: str | None
    path: str
    province_code: str
    name: str
    name_folded: str
    sort_key: str
    is_city_zone: bool
    latitude: float
    longitude: float
    point_source: str
    h3_cell: int
    population: int | None
    population_source: str
    is_generated: bool
    valid_from: date | None
    valid_to: date | None

    @property
    def point(self) -> Point:
        return Point(self.latitude, self.longitude)


_FIELDS: Final = tuple(field.name for field in fields(PlaceRow))
COLUMNS: Final = tuple(name for name in _FIELDS if name != "parent_code")


def new_row(
    *,
    code: str,
    kind: PlaceKind,
    parent: PlaceRow | Place | None,
    name: str,
    point: Point,
    point_source: PointSource,
    population: int | None = None,
    population_source: PopulationSource = PopulationSource.UNKNOWN,
    is_city_zone: bool = False,
    is_generated: bool = False,
    valid_from: date | None = None,
    name_folded: str | None = None,
) -> PlaceRow:
    """A row with all that follows from the name, the parent and the point."""
    path = code if parent is None else f"{parent.path}.{code}"
    return PlaceRow(
        code=code,
        kind=kind.value,
        parent_code=None if parent is None else parent.code,
        path=path,
        province_code=province_code_of(path=path),
        name=name,
        name_folded=name_folded or fold_tight(name),
        sort_key=sort_key(name),
        is_city_zone=is_city_zone,
        latitude=point.latitude,
        longitude=point.longitude,
        point_source=point_source.value,
        h3_cell=h3_cell_of(point=point),
        population=population,
        population_source=population_source.value,
        is_generated=is_generated,
        valid_from=valid_from,
        valid_to=None,
    )


def province_code_of(*, path: str) -> str:
    """The province's label of a path; empty for the country."""
    labels = path.split(".", 2)
    return "" if path == COUNTRY_CODE else labels[1]


def read_rows(*, codes: Iterable[str] | None = None) -> Iterator[PlaceRow]:
    """Places as they stand in the table; without ``codes`` all but neighbourhoods."""
    places = (
        Place.objects.exclude(kind=PlaceKind.NEIGHBOURHOOD)
        if codes is None
        else Place.objects.filter(code__in=list(codes))
    )
    columns = ["parent__code" if name == "parent_code" else name for name in _FIELDS]
    for values in places.values_list(*columns).iterator(20_000):
        yield PlaceRow(*values)
