"""Neighbourhoods for the demo's towns: the source has none, so they are generated and say so."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from salam.commands.demo.names import names
from salam.commands.demo.scales import Scale
from salam.core.actors import Actor
from salam.core.dates import local_day
from salam.places.actions import NewNeighbourhood, create_neighbourhoods
from salam.places.enums import PlaceKind
from salam.places.models import Place

_PEOPLE_A_NEIGHBOURHOOD = 25_000
_NEIGHBOURHOODS_MAX = 40
_KM_A_DEGREE = 111.2


@dataclass(frozen=True)
class Settlement:
    """A place where people live: a neighbourhood, or a town or village without any."""

    place_id: int
    path: str
    province_code: str
    county_code: str
    population: float
    latitude: float
    longitude: float


def generate_neighbourhoods(
    *,
    actor: Actor,
    scale: Scale,
    now: datetime,
    report: Callable[[int, int], None],
) -> int:
    """Neighbourhoods for each larger town of the scale's provinces that has none; returns how many
    were made.

    Points scatter around the town's point, wider for larger towns, and are marked as generated.
    """
    towns = list(
        Place.objects.filter(
            kind=PlaceKind.CITY,
            province_code__in=scale.province_codes,
            population__gte=2 * _PEOPLE_A_NEIGHBOURHOOD,
            valid_to__isnull=True,
        )
        .exclude(children__isnull=False)
        .order_by("code"),
    )
    made = []
    for town in towns:
        random = np.random.default_rng([scale.seed, int(town.code)])
        count = min(_NEIGHBOURHOODS_MAX, round((town.population or 0) / _PEOPLE_A_NEIGHBOURHOOD))
        spread_km = 0.9 + 5.5 * math.sqrt((town.population or 0) / 1e6) / 2
        chosen = random.choice(len(names()["neighbourhood"]), size=count, replace=False)
        for index in chosen.tolist():
            north, east = random.normal(0, spread_km, 2).clip(-20, 20).tolist()
            made.append(
                NewNeighbourhood(
                    parent_code=town.code,
                    name=names()["neighbourhood"][index],
                    latitude=town.latitude + north / _KM_A_DEGREE,
                    longitude=town.longitude
                    + east / (_KM_A_DEGREE * math.cos(math.radians(town.latitude))),
                ),
            )
    create_neighbourhoods(actor=actor, neighbourhoods=made, on=local_day(now), is_generated=True)
    report(len(made), len(made))
    return len(made)


def settlements_of(province_codes: Sequence[str]) -> list[Settlement]:
    """Where people of these provinces live, with populations; a town's people are spread over its
    parts.
    """
    rows = list(
        Place.objects.filter(
            kind__in=[PlaceKind.CITY, PlaceKind.VILLAGE, PlaceKind.NEIGHBOURHOOD],
            province_code__in=province_codes,
            valid_to__isnull=True,
        )
        .order_by("code")
        # A hundred thousand places of the country: columns take a fifth of the time of objects.
        .values_list(
            "pk",
            "parent_id",
            "path",
            "province_code",
            "code",
            "population",
            "latitude",
            "longitude",
        )
    )
    parts = Counter(parent_id for _pk, parent_id, *_rest in rows)
    people = {pk: float(population or 0) for pk, *_rest, population, _lat, _lon in rows}
    return [
        Settlement(
            place_id=pk,
            path=path,
            province_code=province_code,
            # The first four digits of every official code below a province name its county.
            county_code=code[:4],
            population=people[parent_id] / parts[parent_id] if parent_id in people else people[pk],
            latitude=latitude,
            longitude=longitude,
        )
        for pk, parent_id, path, province_code, code, _population, latitude, longitude in rows
        if pk not in parts
    ]
