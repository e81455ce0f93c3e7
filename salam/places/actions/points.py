"""Points on the map: grid cells, plausible coordinates, distances."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import h3

from salam.core.quantities import haversine_m

H3_RESOLUTION: Final = 8
# A little wider than the country: enough to notice latitude and longitude in each other's column.
IRAN_LATITUDES: Final = (24.0, 41.0)
IRAN_LONGITUDES: Final = (43.0, 64.5)


class Point(NamedTuple):
    """Degrees north and east (WGS 84)."""

    latitude: float
    longitude: float


@lru_cache(maxsize=8192)  # most villages stand at the point of their district
def h3_cell_of(*, point: Point) -> int:
    """The H3 cell of a point at the resolution that all rooms use."""
    cell: int = h3.str_to_int(h3.latlng_to_cell(point.latitude, point.longitude, H3_RESOLUTION))
    return cell


def is_in_iran(*, point: Point) -> bool:
    """Whether the point can lie in the country at all; false for NaN too."""
    south, north = IRAN_LATITUDES
    west, east = IRAN_LONGITUDES
    return south <= point.latitude <= north and west <= point.longitude <= east


def distance_km(*, first: Point, second: Point) -> float:
    """Great-circle distance."""
    return (
        haversine_m(
            latitude=first.latitude,
            longitude=first.longitude,
            other=(second.latitude, second.longitude),
        )
        / 1000
    )
