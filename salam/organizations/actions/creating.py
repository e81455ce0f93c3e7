"""Entering organisations, intermediaries and groups in the register."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.bulk import copy_rows, reserve_ids
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.events import NewEvent, record_events
from salam.core.text import clean_name, fold, shown_digits, sort_key
from salam.core.verbs import Verb
from salam.organizations.enums import GroupKind, OrganizationKind, OrganizationStatus, Theme
from salam.organizations.models import CommunityGroup, Intermediary, Organization
from salam.organizations.permissions import NATIONAL_ONLY_KINDS, edit_verb
from salam.places.models import Place

NAME_LENGTH_MAX: Final = 160
SORT_KEY_LENGTH_MAX: Final = 400
# More placements a week than the largest institution could look after: a typing mistake, not a
# plan.
SEATS_WEEKLY_MAX: Final = 10_000

_ORGANIZATION_COLUMNS: Final = (
    "id",
    "public_id",
    "kind",
    "name",
    "name_folded",
    "sort_key",
    "theme",
    "place_id",
    "province_code",
    "status",
    "is_generated",
    "created_at",
)


@dataclass(frozen=True, kw_only=True)
class NewIntermediary:
    """One row of a list of intermediaries to enter."""

    name: str
    place_id: int
    seats_weekly: int
    theme: Theme = Theme.GENERAL


@dataclass(frozen=True)
class CreatedIntermediary:
    """The two keys of an entered intermediary: needs point at it, grants at its organisation."""

    intermediary_id: int
    organization_id: int


def create_organization(
    *,
    actor: Actor,
    kind: OrganizationKind,
    name: str,
    place_id: int,
    now: datetime,
    theme: Theme = Theme.GENERAL,
    is_generated: bool = False,
) -> Organization:
    """Enter an organisation, active from now; writes an Event.

    Intermediaries and groups have facts of their own and their own actions. Raises InvalidInput,
    PermissionRefused.
    """
    if kind in {OrganizationKind.INTERMEDIARY, OrganizationKind.GROUP}:
        raise InvalidInput(_("مؤسسهٔ واسط و گروه را از صفحهٔ خودشان ثبت کنید."))
    place = _place_in_reach(actor, kind, place_id)
    with transaction.atomic():
        return _write(
            actor,
            _unsaved(
                kind=kind, name=name, place=place, theme=theme, now=now, is_generated=is_generated
            ),
        )


def create_intermediary(
    *,
    actor: Actor,
    name: str,
    place_id: int,
    seats_weekly: int,
    now: datetime,
    theme: Theme = Theme.GENERAL,
    is_generated: bool = False,
) -> Intermediary:
    """Enter an institution that brokers contact; writes an Event.

    Raises InvalidInput, PermissionRefused.
    """
    place = _place_in_reach(actor, OrganizationKind.INTERMEDIARY, place_id)
    _check_seats(seats_weekly)
    organization = _unsaved(
        kind=OrganizationKind.INTERMEDIARY,
        name=name,
        place=place,
        theme=theme,
        now=now,
        is_generated=is_generated,
    )
    with transaction.atomic():
        _write(actor, organization)
        return Intermediary.objects.create(organization=organization, seats_weekly=seats_weekly)


def create_intermediaries(
    *,
    actor: Actor,
    intermediaries: Sequence[NewIntermediary],
    now: datetime,
    is_generated: bool = False,
) -> list[CreatedIntermediary]:
    """Enter many intermediaries at once by COPY, one Event each.

    Keys come back in the order of the rows.

    All or none. Raises InvalidInput, PermissionRefused.
    """
    places = _places_in_reach(actor, {row.place_id for row in intermediaries})
    organizations = []
    for row in intermediaries:
        _check_seats(row.seats_weekly)
        organizations.append(
            _unsaved(
                kind=OrganizationKind.INTERMEDIARY,
                name=row.name,
                place=places[row.place_id],
                theme=row.theme,
                now=now,
                is_generated=is_generated,
            ),
        )
    with transaction.atomic():
        organization_ids = reserve_ids(model=Organization, count=len(organizations))
        intermediary_ids = reserve_ids(model=Intermediary, count=len(organizations))
        copy_rows(
            model=Organization,
            columns=_ORGANIZATION_COLUMNS,
            rows=_copied(organization_ids, organizations),
        )
        copy_rows(
            model=Intermediary,
            columns=("id", "organization_id", "seats_weekly"),
            rows=zip(
                intermediary_ids,
                organization_ids,
                (row.seats_weekly for row in intermediaries),
                strict=True,
            ),
        )
        record_events(
            events=[
                _created_event(key, organization)
                for key, organization in zip(organization_ids, organizations, strict=True)
            ],
            actor_id=actor.person_id,
        )
    return [
        CreatedIntermediary(*keys) for keys in zip(intermediary_ids, organization_ids, strict=True)
    ]


def create_group(
    *,
    actor: Actor,
    kind: GroupKind,
    name: str,
    place_id: int,
    now: datetime,
    is_generated: bool = False,
) -> CommunityGroup:
    """Enter a community group, without members; writes an Event.

    Raises InvalidInput, PermissionRefused.
    """
    place = _place_in_reach(actor, OrganizationKind.GROUP, place_id)
    organization = _unsaved(
        kind=OrganizationKind.GROUP,
        name=name,
        place=place,
        theme=Theme.GENERAL,
        now=now,
        is_generated=is_generated,
    )
    with transaction.atomic():
        _write(actor, organization)
        return CommunityGroup.objects.create(organization=organization, kind=kind)


def _place_in_reach(actor: Actor, kind: OrganizationKind, place_id: int) -> Place:
    place = Place.objects.filter(pk=place_id).first()
    if place is None:
        raise PermissionRefused
    scope = Scope() if kind in NATIONAL_ONLY_KINDS else Scope(place_path=place.path)
    require(actor, edit_verb(kind=kind), scope)
    return place


def _places_in_reach(actor: Actor, place_ids: set[int]) -> dict[int, Place]:
    places = Place.objects.in_bulk(place_ids)
    if len(places) != len(place_ids):
        raise PermissionRefused
    for place in places.values():
        require(actor, Verb.ORGANIZATION_EDIT, Scope(place_path=place.path))
    return places


def _check_seats(seats_weekly: int) -> None:
    if not 0 <= seats_weekly <= SEATS_WEEKLY_MAX:
        raise InvalidInput(
            _("ظرفیت هفتگی باید از صفر تا {seats_max} نفر باشد.").format(
                seats_max=shown_digits(SEATS_WEEKLY_MAX)
            ),
        )


def _unsaved(
    *,
    kind: OrganizationKind,
    name: str,
    place: Place,
    theme: Theme,
    now: datetime,
    is_generated: bool,
) -> Organization:
    cleaned = clean_name(name, label=_("نام"), length_max=NAME_LENGTH_MAX)
    return Organization(
        kind=kind,
        name=cleaned,
        name_folded=fold(cleaned),
        sort_key=sort_key(cleaned)[:SORT_KEY_LENGTH_MAX],
        theme=theme,
        place=place,
        province_code=place.province_code,
        status=OrganizationStatus.ACTIVE,
        is_generated=is_generated,
        created_at=now,
    )


def _write(actor: Actor, organization: Organization) -> Organization:
    organization.save(force_insert=True)
    record_events(events=[_created_event(organization.pk, organization)], actor_id=actor.person_id)
    return organization


def _created_event(organization_id: int, organization: Organization) -> NewEvent:
    return NewEvent(
        "organizations.organization_created",
        "organizations.Organization",
        organization_id,
        {"kind": organization.kind, "place_id": organization.place_id},
    )


def _copied(
    keys: Sequence[int],
    organizations: Sequence[Organization],
) -> Iterator[tuple[object, ...]]:
    for key, row in zip(keys, organizations, strict=True):
        yield (
            key,
            uuid.uuid4(),
            row.kind,
            row.name,
            row.name_folded,
            row.sort_key,
            row.theme,
            row.place_id,
            row.province_code,
            row.status,
            row.is_generated,
            row.created_at,
        )
