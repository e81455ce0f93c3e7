"""Reading places: the tree, search by name, homes of people, target lists."""

from salam.places.queries.grouping import Groups, group_by_part, group_by_town_size
from salam.places.queries.homes import HomePlace, HomePlaces, home_places
from salam.places.queries.search import FoundPlace, display_names, search_places
from salam.places.queries.target_lists import TargetListEntry, list_target_lists, target_places
from salam.places.queries.tree import (
    PlaceCounts,
    PlaceNotFound,
    ancestors_of,
    children_of,
    get_place,
    part_within,
    place_counts,
    places_at,
    places_within,
    town_population,
    valid_on,
)

__all__ = [
    "FoundPlace",
    "Groups",
    "HomePlace",
    "HomePlaces",
    "PlaceCounts",
    "PlaceNotFound",
    "TargetListEntry",
    "ancestors_of",
    "children_of",
    "display_names",
    "get_place",
    "group_by_part",
    "group_by_town_size",
    "home_places",
    "list_target_lists",
    "part_within",
    "place_counts",
    "places_at",
    "places_within",
    "search_places",
    "target_places",
    "town_population",
    "valid_on",
]
