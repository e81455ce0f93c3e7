"""How the kinds of places stand above each other, and how long their official codes are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from salam.places.enums import PlaceKind

COUNTRY_CODE: Final = "ir"

# Digits with the leading zeros; a neighbourhood's code is made from its parent's.
CODE_LENGTH: Final[Mapping[PlaceKind, int]] = {
    PlaceKind.PROVINCE: 2,
    PlaceKind.COUNTY: 4,
    PlaceKind.DISTRICT: 6,
    PlaceKind.CITY: 10,
    PlaceKind.RURAL_DISTRICT: 10,
    PlaceKind.VILLAGE: 16,
}

# A city below a city is one of its numbered zones.
PARENT_KINDS: Final[Mapping[PlaceKind, tuple[PlaceKind, ...]]] = {
    PlaceKind.COUNTRY: (),
    PlaceKind.PROVINCE: (PlaceKind.COUNTRY,),
    PlaceKind.COUNTY: (PlaceKind.PROVINCE,),
    PlaceKind.DISTRICT: (PlaceKind.COUNTY,),
    PlaceKind.CITY: (PlaceKind.DISTRICT, PlaceKind.CITY),
    PlaceKind.RURAL_DISTRICT: (PlaceKind.DISTRICT,),
    PlaceKind.VILLAGE: (PlaceKind.RURAL_DISTRICT,),
    PlaceKind.NEIGHBOURHOOD: (PlaceKind.CITY, PlaceKind.VILLAGE),
}

# Above cities and villages populations are sums of what lies below.
SUMMED_KINDS: Final = frozenset(
    {
        PlaceKind.COUNTRY,
        PlaceKind.PROVINCE,
        PlaceKind.COUNTY,
        PlaceKind.DISTRICT,
        PlaceKind.RURAL_DISTRICT,
    },
)
