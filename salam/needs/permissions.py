"""Where a need stands when somebody asks to do something to it."""

from __future__ import annotations

from typing import Final

from salam.core.actors import Scope
from salam.needs.models import Need
from salam.places.enums import PlaceKind

# Where people live and can be served; anything larger is a plan, not a need. A city's zones are
# city rows too.
NEED_PLACE_KINDS: Final = frozenset({PlaceKind.NEIGHBOURHOOD, PlaceKind.VILLAGE, PlaceKind.CITY})


def scope_of(*, need: Need) -> Scope:
    """A need lies in a place and is looked after by an intermediary; both must be loaded."""
    return Scope(
        place_path=need.place.path,
        organization_id=need.intermediary.organization_id,
    )
