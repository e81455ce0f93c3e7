"""Who may do what where, who may see whose contact data, and who did."""

from __future__ import annotations

import uuid
from functools import reduce
from operator import or_
from secrets import token_urlsafe
from typing import ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from salam.access.enums import AGGREGATE_ROLES, OWN_OFFICE_ROLES, ROLE_OFFICES, Role
from salam.organizations.enums import OrganizationKind
from salam.organizations.models import Organization
from salam.people.models import Person
from salam.people.vault.enums import VaultKind
from salam.places.models import Place


class Grant(models.Model):
    """A person holds a role for an office, over a place and all below it or over one office."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    role = models.CharField(max_length=24, choices=Role.choices)
    office = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    # Repeated from the office and tied to it by a composite key, so that the check below can see
    # it.
    office_kind = models.CharField(max_length=16, choices=OrganizationKind.choices)
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="grant_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="grant_one_scope",
                condition=Q(place__isnull=True, organization__isnull=False)
                | Q(place__isnull=False, organization__isnull=True),
            ),
            models.CheckConstraint(
                name="grant_agency_aggregate_only",
                condition=~Q(office_kind=OrganizationKind.AGENCY) | Q(role__in=AGGREGATE_ROLES),
            ),
            models.CheckConstraint(
                name="grant_role_fits_office",
                condition=reduce(
                    or_,
                    (Q(role=role, office_kind__in=kinds) for role, kinds in ROLE_OFFICES.items()),
                ),
            ),
            models.CheckConstraint(
                name="grant_own_office_or_place",
                condition=Q(
                    role__in=OWN_OFFICE_ROLES,
                    organization__isnull=False,
                    organization=F("office"),
                )
                | (~Q(role__in=OWN_OFFICE_ROLES) & Q(place__isnull=False)),
            ),
            models.CheckConstraint(
                name="grant_valid_from_before_until",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
            models.UniqueConstraint(
                name="grant_open_once",
                fields=["person", "role", "office", "place", "organization"],
                condition=Q(revoked_at__isnull=True, valid_until__isnull=True),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.person_id}"


class ContactGrant(models.Model):
    """For a while, and for one purpose, one intermediary may see one volunteer's contact data."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    # Tied to the organisation by a composite key: no agency, centre or office is ever given contact
    # data.
    organization_kind = models.CharField(
        max_length=16,
        choices=OrganizationKind.choices,
        default=OrganizationKind.INTERMEDIARY,
        db_default=OrganizationKind.INTERMEDIARY,
    )
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=40)
    origin = models.CharField(max_length=64, db_comment="opaque: what the grant was given for")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_grant_to_intermediary_only",
                condition=Q(organization_kind=OrganizationKind.INTERMEDIARY),
            ),
            models.CheckConstraint(
                name="contact_grant_from_before_until",
                condition=Q(valid_until__gt=F("valid_from")),
            ),
            models.UniqueConstraint(
                name="contact_grant_one_live_an_origin",
                fields=["organization", "person", "origin"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}:{self.person_id}"


class Disclosure(models.Model):
    """One look at one contact field. Rows never change; the owner can read them."""

    contact_grant = models.ForeignKey(ContactGrant, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    viewer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    field = models.CharField(max_length=12, choices=VaultKind.choices)
    purpose = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-occurred_at"], name="disclosure_of_person")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            # Emptying an empty table hides nothing, and test runs do it between tests.
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="""
                    IF EXISTS (SELECT 1 FROM access_disclosure) THEN
                        RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                    END IF;
                    RETURN NULL;
                    """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.person_id}"


class DeliveryCount(models.Model):
    """How often the system itself used contact data on a day: counted, never listed by person."""

    day = models.DateField()
    purpose = models.CharField(max_length=40)
    delivered_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="delivery_count_a_day", fields=["day", "purpose"]),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.purpose}"


def new_session_seed() -> str:
    """What every session of a login carries; another one ends them all."""
    return token_urlsafe(16)


class Login(AbstractBaseUser):
    """What somebody is logged in as: a person, or a phone whose owner has not registered yet.

    ``password`` is the personal PIN of a phone that people share. Changing it ends all sessions, as
    does a new ``session_seed``. Neither phone nor e-mail stand here: a phone that nobody registered
    with is known by its keyed hash alone.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(Person, models.CASCADE, null=True, related_name="+")
    phone_digest = models.BinaryField(
        null=True,
        unique=True,
        db_comment="the vault's keyed hash of a phone, for logins without a person",
    )
    is_active = models.BooleanField(default=True)
    session_seed = models.CharField(max_length=24, default=new_session_seed)
    pin_failure_count = models.PositiveSmallIntegerField(default=0)
    pin_locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "public_id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = BaseUserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="login_person_or_phone",
                condition=Q(person__isnull=True, phone_digest__isnull=False)
                | Q(person__isnull=False, phone_digest__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"login {self.pk}"

    @property
    def has_pin(self) -> bool:
        return self.has_usable_password()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django's hash covers the PIN alone, and most people have none.
        return salted_hmac(
            "salam.access.login",
            f"{self.password}:{self.session_seed}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class SharedCacheEntry(models.Model):
    """The rows of Django's database cache: limits that all processes of the site count together.

    A table of ours rather than ``createcachetable``'s, so that it comes and goes with migrations.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "shared_cache"

    def __str__(self) -> str:
        return self.cache_key
