from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.errors import DomainError
from salam.core.events import NewEvent, record_events
from salam.core.verbs import Verb
from salam.places.actions.names import checked_name
from salam.places.actions.points import Point, distance_km
from salam.places.actions.ranks import PARENT_KINDS
from salam.places.actions.rows import PlaceRow, new_row
from salam.places.actions.writing import insert_places
from salam.places.enums import PlaceKind, PointSource
from salam.places.models import Place
from salam.places.queries import PlaceNotFound

# The point of a small town may be that of its district: only gross mistakes can be noticed.
DISTANCE_TO_PARENT_MAX_KM: Final = 100


class NeighbourhoodRefused(DomainError):
    """A neighbourhood cannot be made as described."""

    code = "neighbourhood_refused"


@dataclass(frozen=True, kw_only=True)
class NewNeighbourhood:
    """A neighbourhood to be made below a city, a zone of a city or a village."""

    parent_code: str
    name: str
    latitude: float
    longitude: float


def create_neighbourhood(
    *,
    actor: Actor,
    parent_code: str,
    name: str,
    latitude: float,
    longitude: float,
    on: date,
    is_generated: bool = False,
) -> Place:
    """Make one neighbourhood with a code of its own ({parent}n001); writes an Event.

    Raises PermissionRefused (also for an unknown parent), NeighbourhoodRefused, InvalidInput.
    """
    new = NewNeighbourhood(
        parent_code=parent_code,
        name=name,
        latitude=latitude,
        longitude=longitude,
    )
    [place] = create_neighbourhoods(
        actor=actor,
        neighbourhoods=[new],
        on=on,
        is_generated=is_generated,
    )
    return place


def create_neighbourhoods(
    *,
    actor: Actor,
    neighbourhoods: Sequence[NewNeighbourhood],
    on: date,
    is_generated: bool = False,
) -> list[Place]:
    """Make many neighbourhoods, all or none, by COPY; one Event each. Returned in the order given.

    Raises PermissionRefused, NeighbourhoodRefused, InvalidInput.
    """
    with transaction.atomic():
        parents = _lock_parents(actor, {new.parent_code for new in neighbourhoods})
        serials, taken = _existing(parents.values())
        rows = []
        for new in neighbourhoods:
            parent = parents[new.parent_code]
            row = _row(new, parent, serials, on=on, is_generated=is_generated)
            if (row.parent_code, row.name_folded) in taken:
                raise NeighbourhoodRefused(
                    _("محلهٔ «{name}» پیش‌تر در همین جا ثبت شده است.").format(name=row.name)
                )
            taken.add((row.parent_code, row.name_folded))
            rows.append(row)
        ids = insert_places(rows=rows)
        record_events(
            events=[
                NewEvent(
                    "places.neighbourhood_created",
                    "place",
                    ids[row.code],
                    {"place_code": row.code, "is_generated": is_generated},
                )
                for row in rows
            ],
            actor_id=actor.person_id,
        )
        made = Place.objects.in_bulk(ids.values())
    return [made[ids[row.code]] for row in rows]


def _lock_parents(actor: Actor, codes: set[str]) -> dict[str, Place]:
    """The parents, locked in ascending id: two serial numbers are never the same."""
    parents = {
        parent.code: parent
        for parent in Place.objects.filter(code__in=codes)
        .order_by("id")
        .select_for_update(no_key=True)
    }
    if len(parents) < len(codes):
        raise PlaceNotFound
    for parent in parents.values():
        require(actor, Verb.PLACE_EDIT, Scope(place_path=parent.path))
        if parent.kind not in PARENT_KINDS[PlaceKind.NEIGHBOURHOOD]:
            raise NeighbourhoodRefused(_("محله را زیر یک شهر، منطقهٔ شهری یا روستا بسازید."))
        if parent.valid_to is not None:
            raise NeighbourhoodRefused(_("این شهر یا روستا دیگر در فهرست رسمی نیست."))
    return parents


def _existing(parents: Iterable[Place]) -> tuple[Counter[str], set[tuple[str | None, str]]]:
    """Last serial by parent's code, and the names in use.

    A neighbourhood that was moved keeps the code of its first parent, so serials are read from
    codes; closed ones keep theirs too.
    """
    serials: Counter[str] = Counter()
    taken: set[tuple[str | None, str]] = set()
    by_id = {parent.pk: parent.code for parent in parents}
    for code in by_id.values():
        prefix = f"{code}n"
        for used in Place.objects.filter(code__startswith=prefix).values_list("code", flat=True):
            serials[code] = max(serials[code], int(used.removeprefix(prefix)))
    standing = Place.objects.filter(
        parent__in=by_id,
        kind=PlaceKind.NEIGHBOURHOOD,
        valid_to__isnull=True,
    )
    for parent_id, name_folded in standing.values_list("parent_id", "name_folded"):
        taken.add((by_id[parent_id or 0], name_folded))
    return serials, taken


def _row(
    new: NewNeighbourhood,
    parent: Place,
    serials: Counter[str],
    *,
    on: date,
    is_generated: bool,
) -> PlaceRow:
    name = checked_name(text=new.name, label=_("نام محله"))
    point = Point(new.latitude, new.longitude)
    is_plausible = (
        all(math.isfinite(degrees) for degrees in point)
        and distance_km(first=point, second=Point(parent.latitude, parent.longitude))
        <= DISTANCE_TO_PARENT_MAX_KM
    )
    if not is_plausible:
        raise NeighbourhoodRefused(
            _("نقطهٔ محلهٔ «{name}» از {parent} بسیار دور است؛ عرض و طول را دوباره ببینید.").format(
                name=name, parent=parent.name
            ),
        )
    serials[parent.code] += 1
    return new_row(
        code=f"{parent.code}n{serials[parent.code]:03d}",
        kind=PlaceKind.NEIGHBOURHOOD,
        parent=parent,
        name=name,
        point=point,
        point_source=PointSource.GENERATED if is_generated else PointSource.GIVEN,
        is_generated=is_generated,
        valid_from=on,
    )
