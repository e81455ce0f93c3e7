"""The volunteers of a run as arrays: from words on the shelf, and worked out anew where needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import cos, radians
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncDate

from salam.core.columns import among, read_columns
from salam.core.dates import TEHRAN
from salam.core.expressions import days_since
from salam.core.quantities import EARTH_RADIUS_M
from salam.matching.models import ChangedVolunteer, VolunteerWord
from salam.matching.queries.attributes import volunteer_word
from salam.people.models import Person, VolunteerProfile
from salam.people.queries import matchable_volunteers

_COLUMNS: Final[Mapping[str, type[np.generic]]] = {
    "person_id": np.int64,
    "latitude": np.float64,
    "longitude": np.float64,
    "home_place_id": np.int64,
    "radius_m": np.int32,
    "weekly_half_days": np.int16,
    "half_day_bits": np.int16,
    "skill_bits": np.int64,
    "word": np.int64,
    "days_registered": np.int32,
}
# Degrees a metre goes north, and a little more: who is read in vain is refused by the engine.
_DEGREES_A_METRE: Final = 1.01 * 180 / (EARTH_RADIUS_M * np.pi)
# The longest way that anybody goes (a check of the profile) is less than two degrees.
_REACH_DEGREES: Final = 2.0
_SAFE_LATITUDE: Final = 80.0
# So many people are looked up one by one sooner than whole tables are joined.
_LOOKED_UP_MAX: Final = 20_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Volunteers:
    """Matchable volunteers by id as arrays [V]; skill words and attribute words unsigned, the
    latter without languages; days_registered: since they registered, negative where they did so
    after the day.
    """

    person_id: npt.NDArray[np.int64]
    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    home_place_id: npt.NDArray[np.int64]
    radius_m: npt.NDArray[np.int32]
    weekly_half_days: npt.NDArray[np.int16]
    half_day_bits: npt.NDArray[np.int16]
    skill_words: npt.NDArray[np.uint64]
    words: npt.NDArray[np.uint64]
    days_registered: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.person_id)


@dataclass(frozen=True)
class Box:
    """Degrees that enclose some places; not across the antimeridian."""

    south: float
    north: float
    west: float
    east: float

    @classmethod
    def around(cls, latitudes: npt.NDArray[np.float64], longitudes: npt.NDArray[np.float64]) -> Box:
        """Around at least one place."""
        return cls(
            float(latitudes.min()),
            float(latitudes.max()),
            float(longitudes.min()),
            float(longitudes.max()),
        )

    def within_reach(self, *, radius: str) -> Q:
        """Rows whose person's home may lie within their own radius, at this lookup, of the box."""
        return self._within("person__home_place__", F(radius))

    def people_within(self, *, metres: int) -> npt.NDArray[np.int64]:
        """Keys of the people whose homes may lie so near to the box; one query."""
        near = Person.objects.filter(self._within("home_place__", Value(metres)))
        return read_columns(rows=near, columns={"pk": np.int64}, order_by=["pk"])["pk"]

    def _within(self, prefix: str, metres: F | Value) -> Q:
        north = metres * Value(_DEGREES_A_METRE)
        reach = Q(
            **{
                f"{prefix}latitude__gte": Value(self.south) - north,
                f"{prefix}latitude__lte": Value(self.north) + north,
            }
        )
        furthest = max(abs(self.south), abs(self.north)) + _REACH_DEGREES
        if furthest > _SAFE_LATITUDE:  # meridians come so near that a radius spans many of them
            return reach
        east = metres * Value(_DEGREES_A_METRE / cos(radians(furthest)))
        return reach & Q(
            **{
                f"{prefix}longitude__gte": Value(self.west) - east,
                f"{prefix}longitude__lte": Value(self.east) + east,
            }
        )


def fresh_words(*, on: date) -> QuerySet[VolunteerWord]:
    """Words that hold on a day: worked out for it, of people who have not changed since."""
    changed = ChangedVolunteer.objects.filter(person_id=OuterRef("person_id"))
    return VolunteerWord.objects.filter(
        ~Exists(changed),
        valid_from__lte=on,
        valid_until__gt=on,
    )


def stale_profiles(*, on: date) -> QuerySet[VolunteerProfile]:
    """Profiles without a word that holds on a day."""
    fresh = fresh_words(on=on).filter(person_id=OuterRef("person_id"))
    return VolunteerProfile.objects.filter(~Exists(fresh))


def read_volunteers(
    *, on: date, person_id: int | None = None, box: Box | None = None
) -> Volunteers:
    """All who can be matched on a day, or the one asked for, or those who may reach the box and the
    one asked for.

    All are read in one query, at one instant: a word is used only where nothing changed since, so
    that the answer is the same whether the shelf is full or empty. With a box two more come before
    it, which only keep it from looking at the whole country.
    """
    kept, anew = _matchable(on)
    anew = anew.annotate(word=volunteer_word(on=on))
    asked = Q() if person_id is None else Q(person_id=person_id)
    if box is not None:
        people = box.people_within(metres=_longest_way_m())
        near = Q(person_id__in=among(keys=people)) if len(people) <= _LOOKED_UP_MAX else Q()
        kept_near = near & box.within_reach(radius="person__volunteer__radius_m")
        anew_near = near & box.within_reach(radius="radius_m")
        # An empty condition asks for everybody: it must not be joined by "or".
        kept = kept.filter(kept_near | asked if asked else kept_near)
        anew = anew.filter(anew_near | asked if asked else anew_near)
    else:
        kept, anew = kept.filter(asked), anew.filter(asked)
    rows: Any = _columns(kept, profile="person__volunteer__", on=on).union(
        _columns(anew, profile="", on=on), all=True
    )
    found = read_columns(rows=rows, columns=_COLUMNS, order_by=["person_id"])
    return Volunteers(
        person_id=found["person_id"],
        latitude=found["latitude"],
        longitude=found["longitude"],
        home_place_id=found["home_place_id"],
        radius_m=found["radius_m"],
        weekly_half_days=found["weekly_half_days"],
        half_day_bits=found["half_day_bits"],
        skill_words=found["skill_bits"].view(np.uint64),
        words=found["word"].view(np.uint64),
        days_registered=found["days_registered"],
    )


def _longest_way_m() -> int:
    """How far anybody would go."""
    return VolunteerProfile.objects.aggregate(metres=Max("radius_m"))["metres"] or 0


def matchable_among(*, person_ids: npt.NDArray[np.int64], on: date) -> npt.NDArray[np.int64]:
    """Those of these people who can be matched on a day, ascending; one query."""
    kept, anew = (
        part.filter(person_id__in=among(keys=person_ids)).values_list("person_id")
        for part in _matchable(on)
    )
    rows: Any = kept.union(anew, all=True)
    found = read_columns(rows=rows, columns={"person_id": np.int64}, order_by=["person_id"])
    return found["person_id"]


def _matchable(on: date) -> tuple[QuerySet[VolunteerWord], QuerySet[VolunteerProfile]]:
    """Those of whom the shelf says so, and those on whom it has nothing to say: nobody is in both.

    To be read in one statement: between two of them the shelf may be renewed.
    """
    fresh = fresh_words(on=on).filter(person_id=OuterRef("person_id"))
    return (
        # Who has no profile any more may have a word until the next renewal.
        fresh_words(on=on).filter(is_matchable=True, person__volunteer__isnull=False),
        matchable_volunteers(on=on).filter(~Exists(fresh)),
    )


def _columns(rows: QuerySet[Any], *, profile: str, on: date) -> QuerySet[Any, Any]:
    """The columns of ``_COLUMNS`` in their order; ``profile`` leads from a row to the profile."""
    return rows.values_list(
        "person_id",
        "person__home_place__latitude",
        "person__home_place__longitude",
        "person__home_place_id",
        f"{profile}radius_m",
        f"{profile}weekly_half_days",
        f"{profile}half_day_bits",
        f"{profile}skill_bits",
        "word",
        days_since(TruncDate(f"{profile}registered_at", tzinfo=TEHRAN), on=on),
    )
