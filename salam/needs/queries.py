"""Reading needs, and the open lines that matching works on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypedDict
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import Case, Count, F, Func, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from salam.access.queries import reach_of
from salam.core.actors import Actor, Scope, require
from salam.core.columns import read_columns
from salam.core.dates import local_day
from salam.core.errors import PermissionRefused
from salam.core.quantities import EARTH_RADIUS_M, haversine_m
from salam.core.verbs import Verb
from salam.needs.enums import NeedStatus
from salam.needs.models import Need, NeedLine
from salam.needs.permissions import NEED_PLACE_KINDS, scope_of
from salam.organizations.enums import OrganizationKind, OrganizationStatus
from salam.people.queries import records_of_person
from salam.places.models import Place
from salam.places.queries import (
    FoundPlace,
    PlaceNotFound,
    get_place,
    part_within,
    search_places,
    town_population,
    valid_on,
)

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


# What :class:`OpenLines` holds, in its order.
_LINE_COLUMNS: Final[Mapping[str, type[np.generic] | str]] = {
    "id": np.int64,
    "need_id": np.int64,
    "fixed_half_day": np.int16,
    "half_day_bits": np.int16,
    "half_days_weekly": np.int16,
    "first_day": np.int32,
    "last_day": np.int32,
    "skill_bits": np.int64,
    "language_bits": np.int64,
    "headcount": np.int16,
    "vetting_tier_min": np.int16,
    "gender_required": "S8",
    "age_min": np.int16,
    "need__urgency": np.int16,
    "need__people_served": np.int32,
    "need__place_id": np.int64,
    "town_population": np.int32,
    "need__place__latitude": np.float64,
    "need__place__longitude": np.float64,
    "need__province_code": "S2",
    "need__intermediary_id": np.int64,
    "usable_seats": np.int32,
}


# A line without a window: every day lies between these two.
FIRST_DAY: Final = 0
LAST_DAY: Final = (1 << 31) - 1

_WEEK: Final = timedelta(days=7)
_SEATS: Final = Sum(F("headcount") * F("half_days_weekly"))


class _Ordinal(Func):
    """A date as Python numbers it: 1 January of the year 1 is day 1."""

    template = "(%(expressions)s - DATE '0001-01-01' + 1)"
    output_field = IntegerField()


class NeedTotals(TypedDict):
    """What a listed need carries beside its own columns."""

    people_wanted: int


@dataclass(frozen=True, eq=False, kw_only=True)
class OpenLines:
    """All open lines as arrays of equal length [L], ordered by need, half-day and id.

    Skill words are signed as in the table; genders and province codes are ASCII texts.
    A flexible line has the half-day -1 and the bits of those that it allows. First and last day of
    a window are proleptic ordinals (date.toordinal); without a window they are FIRST_DAY and
    LAST_DAY.
    """

    line_id: npt.NDArray[np.int64]
    need_id: npt.NDArray[np.int64]
    half_day: npt.NDArray[np.int16]
    half_day_bits: npt.NDArray[np.int16]
    half_days_weekly: npt.NDArray[np.int16]
    first_day: npt.NDArray[np.int32]
    last_day: npt.NDArray[np.int32]
    skill_bits: npt.NDArray[np.int64]
    language_bits: npt.NDArray[np.int64]
    headcount: npt.NDArray[np.int16]
    vetting_tier_min: npt.NDArray[np.int16]
    gender_required: npt.NDArray[np.bytes_]
    age_min: npt.NDArray[np.int16]
    urgency: npt.NDArray[np.int16]
    people_served: npt.NDArray[np.int32]
    place_id: npt.NDArray[np.int64]
    town_population: npt.NDArray[np.int32]
    """Of the town that the need's place is or lies in."""
    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    province_code: npt.NDArray[np.bytes_]
    intermediary_id: npt.NDArray[np.int64]
    seats_weekly: npt.NDArray[np.int32]
    """Seats that can be used: none while the intermediary is suspended, lapsed or closed."""

    def __len__(self) -> int:
        return len(self.line_id)


def get_need_for(*, actor: Actor, need_id: int, verb: Verb) -> Need:
    """One need with place, intermediary and lines, if the actor may do the verb to it.

    Raises PermissionRefused.
    """
    return _allowed(actor, Need.objects.filter(pk=need_id), verb)


def get_need_at_for(*, actor: Actor, public_id: UUID, verb: Verb) -> Need:
    """As :func:`get_need_for`, by what stands in addresses."""
    return _allowed(actor, Need.objects.filter(public_id=public_id), verb)


def list_needs_for(
    *,
    actor: Actor,
    verb: Verb,
    status: NeedStatus | None = NeedStatus.OPEN,
    within_path: str | None = None,
) -> QuerySet[WithAnnotations[Need, NeedTotals]]:
    """Needs to which the actor may do the verb, most urgent first, then longest waiting; one query.

    Annotated with ``people_wanted``, the seats of a week over all lines.
    """
    needs = Need.objects.select_related("place", "intermediary__organization")
    reach = reach_of(actor=actor, verb=verb)
    if not reach.is_everywhere:
        allowed = Q(intermediary__organization_id__in=reach.organization_ids)
        for path in reach.place_paths:
            allowed |= Q(place__path__within=path)
        needs = needs.filter(allowed)
    if status is not None:
        needs = needs.filter(status=status)
    if within_path is not None:
        needs = needs.filter(place__path__within=within_path)
    wanted = Sum(F("lines__headcount") * F("lines__half_days_weekly"))
    return needs.annotate(people_wanted=wanted).order_by(
        "-urgency",
        "created_at",
        "id",
    )


def get_need_place_for(*, actor: Actor, code: str) -> Place:
    """A place in which the actor may write down needs. Raises PermissionRefused."""
    try:
        place = get_place(code=code)
    except PlaceNotFound:
        raise PermissionRefused from None
    require(actor, Verb.NEED_OPEN, Scope(place_path=place.path))
    if place.kind not in NEED_PLACE_KINDS:
        raise PermissionRefused
    return place


def find_need_places(*, actor: Actor, text: str, limit: int = 10) -> list[FoundPlace]:
    """Places by name in which the actor may write down needs, the likeliest first."""
    reach = reach_of(actor=actor, verb=Verb.NEED_OPEN)
    paths = (None,) if reach.is_everywhere else reach.place_paths
    found = {
        place.code: place
        for path in paths
        for place in search_places(
            text=text,
            kinds=NEED_PLACE_KINDS,
            within_path=path,
            limit=limit,
        )
    }
    return list(found.values())[:limit]


def few_need_places(*, actor: Actor, on: date, limit: int) -> list[Place] | None:
    """All places in which the actor may write down needs, by name; None when more than ``limit``.

    One query.
    """
    reach = reach_of(actor=actor, verb=Verb.NEED_OPEN)
    if reach.is_everywhere:
        return None
    within = Q(pk__in=[])
    for path in reach.place_paths:
        within |= Q(path__within=path)
    places = Place.objects.filter(within, valid_on(on=on), kind__in=NEED_PLACE_KINDS)
    rows = list(places.order_by("sort_key", "id")[: limit + 1])
    return rows if len(rows) <= limit else None


def open_lines(*, within_path: str | None = None, need_id: int | None = None) -> OpenLines:
    """The lines of open needs, in one query: all, those of a place and below, or one need's."""
    lines = NeedLine.objects.filter(need__status=NeedStatus.OPEN)
    if within_path is not None:
        lines = lines.filter(need__place__path__within=within_path)
    if need_id is not None:
        lines = lines.filter(need_id=need_id)
    usable_seats = Case(
        When(
            need__intermediary__organization__kind=OrganizationKind.INTERMEDIARY,
            need__intermediary__organization__status=OrganizationStatus.ACTIVE,
            then=F("need__intermediary__seats_weekly"),
        ),
        default=Value(0),
        output_field=IntegerField(),
    )
    found = read_columns(
        rows=lines.annotate(
            usable_seats=usable_seats,
            town_population=town_population(lookup="need__place"),
            fixed_half_day=Coalesce("half_day", -1),
            first_day=Coalesce(_Ordinal("starts_on"), FIRST_DAY),
            last_day=Coalesce(_Ordinal("ends_on"), LAST_DAY),
        ),
        columns=_LINE_COLUMNS,
        order_by=("need_id", "fixed_half_day", "id"),
    )
    names = (one.name for one in fields(OpenLines))
    return OpenLines(**dict(zip(names, found.values(), strict=True)))


def need_counts_by_place(*, province_code: str | None = None) -> Mapping[str, int]:
    """Open needs by province code, or by their place's code within one province."""
    needs = Need.objects.filter(status=NeedStatus.OPEN).order_by()
    if province_code is None:
        rows = needs.values_list("province_code").annotate(count=Count("id"))
    else:
        needs = needs.filter(province_code=province_code)
        rows = needs.values_list("place__code").annotate(count=Count("id"))
    return dict(rows)


def asked_counts_by_place(*, province_code: str | None = None) -> Mapping[str, int]:
    """Seats of a week that open needs ask for, by province code or by place code within one
    province: of a fixed line its headcount, of a flexible one that times its half-days a week.
    """
    lines = NeedLine.objects.filter(need__status=NeedStatus.OPEN).order_by()
    if province_code is None:
        rows = lines.values_list("need__province_code").annotate(count=_SEATS)
    else:
        lines = lines.filter(need__province_code=province_code)
        rows = lines.values_list("need__place__code").annotate(count=_SEATS)
    return dict(rows)


def need_counts_within(*, path: str) -> Mapping[str, int]:
    """Open needs of a place by the path of its parts, as ``part_within`` says them."""
    needs = Need.objects.filter(status=NeedStatus.OPEN, place__path__within=path).order_by()
    parts = needs.annotate(part=part_within(lookup="place__path", path=path))
    return dict(parts.values_list("part").annotate(count=Count("id")))


def asked_counts_within(*, path: str, at: datetime | None = None) -> Mapping[str, int]:
    """As :func:`asked_counts_by_place`, of a place by the path of its parts.

    With ``at`` by the needs that were open at that instant (lines never change), without windows
    that do not touch the week after it.
    """
    lines = NeedLine.objects.filter(need__place__path__within=path).order_by()
    if at is None:
        lines = lines.filter(need__status=NeedStatus.OPEN)
    else:
        today = local_day(at)
        lines = lines.filter(
            Q(need__closed_at__isnull=True) | Q(need__closed_at__gt=at),
            Q(starts_on__isnull=True) | Q(starts_on__lte=today + _WEEK, ends_on__gt=today),
            need__created_at__lte=at,
        )
    parts = lines.annotate(part=part_within(lookup="need__place__path", path=path))
    return dict(parts.values_list("part").annotate(count=_SEATS))


def people_asked_near(*, latitude: float, longitude: float, radius_m: int) -> int:
    """How many people open needs ask for within a distance of a point.

    A count alone: a need that was never offered to somebody is not named to them. Whoever shows it
    leaves small counts out. One query; the box around the circle is cut by the database, its
    corners here.
    """
    degrees = math.degrees(radius_m / EARTH_RADIUS_M)
    # Towards the poles degrees of longitude shrink; Iran ends far below 60 degrees.
    wide = degrees / max(math.cos(math.radians(latitude)), 0.5)
    rows = NeedLine.objects.filter(
        need__status=NeedStatus.OPEN,
        need__place__latitude__range=(latitude - degrees, latitude + degrees),
        need__place__longitude__range=(longitude - wide, longitude + wide),
    ).values_list("headcount", "need__place__latitude", "need__place__longitude")
    return sum(
        headcount
        for headcount, north, east in rows
        if haversine_m(latitude=latitude, longitude=longitude, other=(north, east)) <= radius_m
    )


def listed_by_person(*, person_id: int) -> Mapping[str, object]:
    """What the room holds on a person: which needs they wrote down, for the person's own export."""
    needs = Need.objects.filter(listed_by_id__in=records_of_person(person_id=person_id))
    return {
        "needs_listed": list(
            needs.order_by("created_at", "id").values("title", "created_at", "status"),
        ),
    }


def _allowed(actor: Actor, needs: QuerySet[Need], verb: Verb) -> Need:
    need = (
        needs.select_related("place", "intermediary__organization")
        .prefetch_related("lines")
        .first()
    )
    if need is None:
        raise PermissionRefused
    require(actor, verb, scope_of(need=need))
    return need
