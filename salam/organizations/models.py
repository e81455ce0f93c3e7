"""Institutions, centres, hubs, agencies, intermediaries with their seats, and community groups."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from salam.organizations.enums import GroupKind, OrganizationKind, OrganizationStatus, Theme
from salam.people.models import Person
from salam.places.models import Place


class Organization(models.Model):
    """A body with a name and a place. Its status is read at the time of use, never copied."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=OrganizationKind.choices)
    name = models.CharField(max_length=160)
    name_folded = models.CharField(max_length=160)
    sort_key = models.CharField(max_length=400)
    theme = models.CharField(max_length=16, choices=Theme.choices, default=Theme.GENERAL)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    province_code = models.CharField(max_length=2, blank=True)
    status = models.CharField(max_length=12, choices=OrganizationStatus.choices)
    is_generated = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "province_code"], name="organization_kind_province"),
            GinIndex(
                fields=["name_folded"], opclasses=["gin_trgm_ops"], name="organization_name_search"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="organization_kind_known",
                condition=Q(kind__in=OrganizationKind.values),
            ),
            models.CheckConstraint(
                name="organization_status_known",
                condition=Q(status__in=OrganizationStatus.values),
            ),
            # The target of access's composite key: a grant carries the kind of its office.
            models.UniqueConstraint(name="organization_id_kind", fields=["id", "kind"]),
        ]

    def __str__(self) -> str:
        return self.name


class Intermediary(models.Model):
    """An institution that brokers contact, and how many placements a week it can look after."""

    organization = models.OneToOneField(Organization, models.CASCADE, related_name="intermediary")
    seats_weekly = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"intermediary {self.organization_id}"


class CommunityGroup(models.Model):
    """An organisation without a licence: neighbours who act together, with rules of their kind."""

    organization = models.OneToOneField(Organization, models.CASCADE, related_name="group")
    kind = models.CharField(max_length=16, choices=GroupKind.choices)

    def __str__(self) -> str:
        return f"{self.kind} {self.organization_id}"


class Membership(models.Model):
    """A person in a group, from a day until a day."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    joined_on = models.DateField()
    left_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="membership_once_at_a_time",
                fields=["organization", "person"],
                condition=Q(left_on__isnull=True),
            ),
            models.CheckConstraint(
                name="membership_joined_before_left",
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}:{self.person_id}"
