"""Finding a place by its name, for every form that asks for one."""

from __future__ import annotations

from collections.abc import Iterable

from salam.places.enums import HOME_KINDS, PlaceKind
from salam.places.queries import PlaceNotFound, display_names, get_place, search_places
from salam.web.widgets import Option

_FOUND_MAX = 10


def find_homes(words: str) -> list[Option]:
    """Cities, villages and neighbourhoods by name, the likeliest first."""
    return find_places(words, kinds=HOME_KINDS)


def find_places(words: str, *, kinds: Iterable[PlaceKind]) -> list[Option]:
    """Places of some kinds by name, with words that tell them apart."""
    found = search_places(text=words, kinds=kinds, limit=_FOUND_MAX)
    return [Option(value=place.code, label=place.display_name) for place in found]


def place_name(code: str) -> str | None:
    """What a place is called so that it is told from others; None for an unknown code."""
    try:
        place = get_place(code=code)
    except PlaceNotFound:
        return None
    return display_names(places=[place])[place.pk]
