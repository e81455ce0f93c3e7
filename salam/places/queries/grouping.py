"""Where places belong: to a part of a larger place, to a town of some size. Columns, in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db.models import BooleanField, Case, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from salam.core.columns import read_columns
from salam.places.enums import PlaceKind, TownSize
from salam.places.models import Place
from salam.places.queries.tree import TOWN_STEPS, is_town, town_population

# Upper ends of the sizes of cities, in the order of TownSize.
_CITY_SIZES: Final = np.array([10_000, 50_000, 200_000, 1_000_000])
_CITY_NAMES: Final = (
    TownSize.UNDER_10K,
    TownSize.UNDER_50K,
    TownSize.UNDER_200K,
    TownSize.UNDER_1M,
    TownSize.OVER_1M,
)


@dataclass(frozen=True, eq=False)
class Groups:
    """Things by the group that each belongs to: names of the groups, and for each thing the row of
    its name, [N] int64; -1 where it belongs to none.
    """

    names: tuple[str, ...]
    of: npt.NDArray[np.int64]


def group_by_part(*, place_ids: npt.NDArray[np.int64], path: str) -> Groups:
    """The code of the part of a place that each of these places [N] belongs to; one query.

    What belongs to the place itself and to none of its parts comes under its own code, what lies
    outside belongs to none.
    """
    labels = path.split(".")
    part = Func(
        Cast(F("path"), TextField()),
        Value("."),
        Value(len(labels) + 1),
        function="split_part",
        output_field=TextField(),
    )
    distinct, place_of = np.unique(place_ids, return_inverse=True)
    found = read_columns(
        rows=_places(distinct).filter(path__within=path).annotate(part=part),
        columns={"id": np.int64, "part": "S24"},
        order_by=["id"],
    )
    codes, code_of = np.unique(found["part"], return_inverse=True)
    names = tuple(code.decode() or labels[-1] for code in codes.tolist())
    return Groups(names, _spread(distinct, found["id"], code_of)[place_of])


def group_by_town_size(*, place_ids: npt.NDArray[np.int64]) -> Groups:
    """How large the town is that each of these places [N] is or lies in; one query.

    The town is that of the weights (:func:`town_population`).
    """
    is_village = Case(
        *(
            When(is_town(above=above), then=Q(**{f"{above}kind": PlaceKind.VILLAGE}))
            for above in TOWN_STEPS
        ),
        default=Value(False),
        output_field=BooleanField(),
    )
    distinct, place_of = np.unique(place_ids, return_inverse=True)
    found = read_columns(
        rows=_places(distinct).annotate(people=town_population(), is_village=is_village),
        columns={"id": np.int64, "people": np.int64, "is_village": np.bool_},
        order_by=["id"],
    )
    size = np.searchsorted(_CITY_SIZES, found["people"], side="right") + 1
    size[found["is_village"]] = 0
    names = (TownSize.VILLAGE, *_CITY_NAMES)
    return Groups(names, _spread(distinct, found["id"], size)[place_of])


def _places(place_ids: npt.NDArray[np.int64]) -> QuerySet[Place]:
    ids: Any = RawSQL("SELECT unnest(%s::bigint[])", [place_ids.tolist()])
    return Place.objects.filter(pk__in=ids)


def _spread(
    wanted: npt.NDArray[np.int64], found: npt.NDArray[np.int64], group: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The group of each wanted id, both rising; -1 where it was not found."""
    spread = np.full(len(wanted), -1, np.int64)
    spread[np.searchsorted(wanted, found)] = group
    return spread
