from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.lookups import TrigramSimilar
from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from salam.core.language import listed
from salam.core.text import fold_tight
from salam.places.enums import PlaceKind
from salam.places.models import Place

# Two letters make no trigram inside a word; "قم" must still be found, by its beginning.
CONTAINED_LENGTH_MIN: Final = 3
SEARCH_LIMIT_MAX: Final = 100

_WORDED_KINDS: Final = frozenset(
    {PlaceKind.PROVINCE, PlaceKind.COUNTY, PlaceKind.DISTRICT, PlaceKind.RURAL_DISTRICT},
)


@dataclass(frozen=True, kw_only=True)
class FoundPlace:
    """A place with a name that says where it is: «نارمک، تهران، استان تهران»."""

    id: int
    code: str
    kind: PlaceKind
    name: str
    path: str
    province_code: str
    population: int | None
    is_generated: bool
    display_name: str


@dataclass(frozen=True)
class _Label:
    name: str
    kind: str
    is_city_zone: bool

    @property
    def worded(self) -> str:
        """The name with its kind where the bare name would be taken for a city."""
        kind = PlaceKind(self.kind)
        if kind not in _WORDED_KINDS:
            return self.name
        return _("{kind} {name}").format(kind=kind.label, name=self.name)


def search_places(
    *,
    text: str,
    kinds: Iterable[PlaceKind] | None = None,
    within_path: str | None = None,
    limit: int = 20,
) -> list[FoundPlace]:
    """Places by name: exact before beginning before contained, each the larger first.

    Spaces, half-spaces and letter variants make no difference. Where no name contains the text,
    names alike are offered. Two queries, three then.
    """
    needle = fold_tight(text)
    if not needle:
        return []
    places = Place.objects.filter(valid_to__isnull=True)
    if kinds is not None:
        places = places.filter(kind__in=list(kinds))
    if within_path is not None:
        places = places.filter(path__within=within_path)
    wanted = min(limit, SEARCH_LIMIT_MAX)
    found = list(_named(places, needle)[:wanted]) or list(_named_alike(places, needle)[:wanted])
    names = display_names(places=found)
    return [
        FoundPlace(
            id=place.pk,
            code=place.code,
            kind=PlaceKind(place.kind),
            name=place.name,
            path=place.path,
            province_code=place.province_code,
            population=place.population,
            is_generated=place.is_generated,
            display_name=names[place.pk],
        )
        for place in found
    ]


def display_names(*, places: Sequence[Place]) -> dict[int, str]:
    """Names by place id that say where each place is, with one query for all that lies above."""
    codes = {label for place in places for label in place.path.split(".")[1:]}
    labels = {
        code: _Label(name, kind, is_city_zone)
        for code, name, kind, is_city_zone in Place.objects.filter(code__in=codes).values_list(
            "code",
            "name",
            "kind",
            "is_city_zone",
        )
    }
    return {
        place.pk: _display_name(
            _Label(place.name, place.kind, place.is_city_zone),
            [labels[label] for label in reversed(place.path.split(".")[1:-1])],
        )
        for place in places
    }


def _named(places: QuerySet[Place], needle: str) -> QuerySet[Place]:
    if len(needle) < CONTAINED_LENGTH_MIN:
        matching = Q(name_folded__startswith=needle)
    else:
        matching = Q(name_folded__contains_folded=needle)
    nearness = Case(
        When(name_folded=needle, then=Value(0)),
        When(name_folded__startswith=needle, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return places.filter(matching).order_by(
        nearness,
        F("population").desc(nulls_last=True),
        "sort_key",
        "code",
    )


def _named_alike(places: QuerySet[Place], needle: str) -> QuerySet[Place]:
    alike = TrigramSimilar(F("name_folded"), Value(needle))
    return places.filter(alike).order_by(
        TrigramSimilarity("name_folded", needle).desc(),
        F("population").desc(nulls_last=True),
        "code",
    )


def _display_name(own: _Label, above: Sequence[_Label]) -> str:
    """Own name, then what a person of that place would name to tell it from others."""
    wanted = _kinds_above(own)
    parts = [own.worded]
    for label in above:
        # The county of a city is named only where it is not called like the city itself.
        is_telling = label.kind in wanted and not label.is_city_zone and label.name != own.name
        if label.kind == PlaceKind.PROVINCE or is_telling:
            parts.append(label.worded)
    return listed(parts)


def _kinds_above(own: _Label) -> tuple[PlaceKind, ...]:
    if own.kind == PlaceKind.VILLAGE:
        return (PlaceKind.RURAL_DISTRICT, PlaceKind.COUNTY)
    if own.kind == PlaceKind.NEIGHBOURHOOD or own.is_city_zone:
        return (PlaceKind.CITY, PlaceKind.VILLAGE)
    if own.kind in {PlaceKind.COUNTY, PlaceKind.PROVINCE, PlaceKind.COUNTRY}:
        return ()
    return (PlaceKind.COUNTY,)
