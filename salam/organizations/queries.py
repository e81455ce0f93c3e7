"""Reading organisations, groups and memberships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from salam.core.actors import Actor, require
from salam.core.errors import PermissionRefused
from salam.core.text import fold
from salam.core.verbs import Verb
from salam.organizations.enums import (
    MEMBER_LIMITS,
    GroupKind,
    OrganizationKind,
    OrganizationStatus,
)
from salam.organizations.models import CommunityGroup, Intermediary, Membership, Organization
from salam.organizations.permissions import scope_of
from salam.people.queries import records_of_person
from salam.places.models import Place

# How many labels the path of a province and of a county has (ir.23.2301).
_PROVINCE_DEPTH: Final = 2
_COUNTY_DEPTH: Final = 3


@dataclass(frozen=True)
class NearIntermediary:
    """An intermediary that can be asked to look after a need; ``id`` is the intermediary's."""

    id: int
    name: str
    place_name: str


@dataclass(frozen=True)
class GroupStanding:
    """How a group's membership stands against the limits of its kind."""

    member_count: int
    minimum: int | None
    maximum: int | None

    @property
    def missing_count(self) -> int:
        """Members still wanted; shown, never a reason to refuse: a group forms one by one."""
        return max(0, (self.minimum or 0) - self.member_count)

    @property
    def is_full(self) -> bool:
        return self.maximum is not None and self.member_count >= self.maximum


def get_organization_for(*, actor: Actor, organization_id: int, verb: Verb) -> Organization:
    """One organisation with its place, if the actor may do the verb to it.

    Raises PermissionRefused.
    """
    organization = Organization.objects.select_related("place").filter(pk=organization_id).first()
    if organization is None:
        raise PermissionRefused
    require(actor, verb, scope_of(organization=organization))
    return organization


def list_organizations(
    *,
    kind: OrganizationKind | None = None,
    within_path: str | None = None,
    text: str = "",
) -> QuerySet[Organization]:
    """Organisations by name in Persian order, with their places.

    Of one kind, below one place, holding a text.
    """
    organizations = Organization.objects.select_related("place").order_by("sort_key", "id")
    if kind is not None:
        organizations = organizations.filter(kind=kind)
    if within_path is not None:
        organizations = organizations.filter(place__path__within=within_path)
    folded = fold(text)
    if folded:
        organizations = organizations.filter(name_folded__contains_folded=folded)
    return organizations


def is_usable(*, organization: Organization) -> bool:
    """Whether it may act for people now: a suspended, lapsed or closed body may not."""
    return organization.status == OrganizationStatus.ACTIVE


def is_usable_intermediary(*, organization: Organization) -> bool:
    """Whether it may broker contact now. An agency never may, whatever else is written about it."""
    return organization.kind == OrganizationKind.INTERMEDIARY and is_usable(
        organization=organization,
    )


def usable_intermediaries_near(*, place: Place) -> list[NearIntermediary]:
    """Intermediaries that may broker now: of the place's county, else of its province.

    By name in Persian order. One query, two where the county has none.
    """
    labels = place.path.split(".")
    for depth in (_COUNTY_DEPTH, _PROVINCE_DEPTH):
        usable = Intermediary.objects.filter(
            organization__kind=OrganizationKind.INTERMEDIARY,
            organization__status=OrganizationStatus.ACTIVE,
            organization__place__path__within=".".join(labels[:depth]),
        )
        rows = usable.order_by("organization__sort_key", "id").values_list(
            "id", "organization__name", "organization__place__name"
        )
        if found := [NearIntermediary(*row) for row in rows]:
            return found
    return []


def group_standing(*, organization_id: int) -> GroupStanding:
    """Members now and the limits of the group's kind.

    Raises PermissionRefused for what is not a group.
    """
    group = CommunityGroup.objects.filter(organization_id=organization_id).first()
    if group is None:
        raise PermissionRefused
    limits = MEMBER_LIMITS[GroupKind(group.kind)]
    member_count = current_members(organization_id=organization_id).count()
    return GroupStanding(member_count, limits.minimum, limits.maximum)


def current_members(*, organization_id: int) -> QuerySet[Membership]:
    """Memberships that have not ended, longest first."""
    return Membership.objects.filter(
        organization_id=organization_id,
        left_on__isnull=True,
    ).order_by("joined_on", "id")


def memberships_held(*, person_id: int) -> Mapping[str, object]:
    """What the room holds on a person, for the person's own export."""
    memberships = Membership.objects.filter(
        person_id__in=records_of_person(person_id=person_id),
    ).order_by("joined_on", "id")
    return {
        "memberships": list(memberships.values("organization__name", "joined_on", "left_on")),
    }
