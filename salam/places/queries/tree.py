from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Case,
    Count,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from salam.core.errors import PermissionRefused
from salam.core.text import ascii_digits
from salam.places.enums import PlaceKind
from salam.places.models import Place

# Smaller than any town that we know of: a place without any figure counts as a small one.
UNKNOWN_TOWN_POPULATION = 211

_TOWN_KINDS = (PlaceKind.CITY, PlaceKind.VILLAGE)
# From the outermost inwards: a town lies at most two steps above what lies in it.
TOWN_STEPS = ("parent__parent__", "parent__", "")


class PlaceNotFound(PermissionRefused):
    """No place has this code."""


@dataclass(frozen=True, kw_only=True)
class PlaceCounts:
    """How many places of each kind exist today; the zones are among the cities."""

    country: int = 0
    province: int = 0
    county: int = 0
    district: int = 0
    city: int = 0
    city_zone: int = 0
    rural_district: int = 0
    village: int = 0
    neighbourhood: int = 0
    generated: int = 0


def get_place(*, code: str) -> Place:
    """The place with an official code, its digits typed in any script. Raises PlaceNotFound."""
    try:
        return Place.objects.get(code=ascii_digits(code).strip().lower())
    except Place.DoesNotExist:
        raise PlaceNotFound from None


def valid_on(*, on: date) -> Q:
    """The filter for places that exist on a day."""
    return (Q(valid_from__isnull=True) | Q(valid_from__lte=on)) & (
        Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    )


def places_within(*, path: str) -> QuerySet[Place]:
    """The place with this path and all below it, closed ones too."""
    return Place.objects.filter(path__within=path)


def places_at(*, paths: Collection[str]) -> list[Place]:
    """The places with these paths, those higher up first, then in alphabetical order."""
    found = Place.objects.filter(path__in=paths).order_by("sort_key")
    return sorted(found, key=lambda place: place.path.count("."))


def ancestors_of(*, place: Place) -> list[Place]:
    """What lies above a place, from the country down, without the place itself.

    The labels of the path are the codes: they are looked up by their unique index, which is
    cheaper than searching the tree index upwards.
    """
    return list(Place.objects.filter(code__in=_labels_above(place.path)).order_by("path"))


def children_of(*, place: Place, on: date) -> QuerySet[Place]:
    """What lies directly below a place on a day, in alphabetical order."""
    return Place.objects.filter(valid_on(on=on), parent=place).order_by("sort_key")


def part_within(*, lookup: str, path: str) -> Func:
    """For grouping in the database: the path of the part of a place that a row belongs to.

    ``lookup`` names the row's own path (``need__place__path``), which must lie within ``path``.
    What belongs to the place itself and to none of its parts comes under ``path``.
    """
    depth = path.count(".") + 2
    part = Func(F(lookup), Value(0), Value(depth), function="subpath", output_field=TextField())
    return Cast(part, TextField())


def place_counts() -> PlaceCounts:
    """Counts by kind of the places that are not closed, in one query."""
    counts = Place.objects.filter(valid_to__isnull=True).aggregate(
        city_zone=Count("id", filter=Q(is_city_zone=True)),
        generated=Count("id", filter=Q(is_generated=True)),
        **{kind.value: Count("id", filter=Q(kind=kind)) for kind in PlaceKind},
    )
    return PlaceCounts(**counts)


def town_population(*, lookup: str = "") -> Case:
    """For reading rows that lie in places: the population of the town of each place.

    ``lookup`` leads from the row to the place ("need__place"); it is empty for places themselves. A
    neighbourhood and a zone count as their whole city; what lies above towns counts as itself.
    """
    towns = []
    for steps in TOWN_STEPS:
        above = f"{lookup}__{steps}" if lookup else steps
        towns.append(When(is_town(above=above), then=_known_population(above)))
    itself = f"{lookup}__" if lookup else ""
    return Case(*towns, default=_known_population(itself), output_field=IntegerField())


def is_town(*, above: str) -> Q:
    """Whether the place that ``above`` leads to is a town of its own and no zone of one."""
    return Q(**{f"{above}kind__in": _TOWN_KINDS, f"{above}is_city_zone": False})


def _known_population(lookup: str) -> Coalesce:
    return Coalesce(F(f"{lookup}population"), UNKNOWN_TOWN_POPULATION)


def _labels_above(path: str) -> list[str]:
    return path.split(".")[:-1]
