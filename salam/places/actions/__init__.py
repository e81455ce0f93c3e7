"""Everything that changes places: one function per verb, re-exported here."""

from salam.places.actions.importing import ImportResult, ListTooShort, import_places
from salam.places.actions.loading import TreeLoad, load_tree
from salam.places.actions.neighbourhoods import (
    NeighbourhoodRefused,
    NewNeighbourhood,
    create_neighbourhood,
    create_neighbourhoods,
)
from salam.places.actions.target_lists import (
    TargetListRefused,
    add_to_target_list,
    create_target_list,
    remove_from_target_list,
)

__all__ = [
    "ImportResult",
    "ListTooShort",
    "NeighbourhoodRefused",
    "NewNeighbourhood",
    "TargetListRefused",
    "TreeLoad",
    "add_to_target_list",
    "create_neighbourhood",
    "create_neighbourhoods",
    "create_target_list",
    "import_places",
    "load_tree",
    "remove_from_target_list",
]
