"""People, what they can give and when, and what they agreed to. Contact data: see people.vault."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from salam.people.enums import (
    ConsentPurpose,
    CredentialKind,
    Gender,
    PlaceOfService,
    Readiness,
    RegistrationChannel,
    VettingTier,
    VolunteerStatus,
)
from salam.places.models import Place


class Area(models.Model):
    """One of the 13 areas of cooperation of the campaign."""

    number = models.PositiveSmallIntegerField(unique=True)
    code = models.SlugField(max_length=40, unique=True)
    name_fa = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(name="area_number_1_to_13", condition=Q(number__range=(1, 13))),
        ]

    def __str__(self) -> str:
        return self.name_fa


class Skill(models.Model):
    """Something a person can do. Active skills are bits of one word, so there are at most 64."""

    code = models.SlugField(max_length=40, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="skills")
    name_fa = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    bit = models.PositiveSmallIntegerField(
        null=True,
        unique=True,
        db_comment="bit in skill words; empty once retired",
    )
    retired_bit = models.PositiveSmallIntegerField(
        null=True,
        unique=True,
        db_comment="the bit that a retired skill had: open needs may still carry it",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="skill_bit_0_to_63",
                condition=Q(bit__isnull=True) | Q(bit__range=(0, 63)),
            ),
            models.CheckConstraint(
                name="skill_retired_bit_0_to_63",
                condition=Q(retired_bit__isnull=True)
                | Q(retired_bit__range=(0, 63), bit__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name_fa


class Person(models.Model):
    """A natural person. Merging leaves a redirect; no key elsewhere is rewritten."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    birth_date = models.DateField(null=True)
    gender = models.CharField(max_length=8, choices=Gender.choices, default=Gender.UNSTATED)
    home_place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    province_code = models.CharField(max_length=2, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    is_generated = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["home_place"], name="person_home_place")]
        constraints = [
            models.CheckConstraint(
                name="person_gender_known", condition=Q(gender__in=Gender.values)
            ),
            models.CheckConstraint(
                name="person_not_merged_into_self",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"


class VolunteerProfile(models.Model):
    """What a person offers. The words of bits are what the matching engine reads."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="volunteer")
    status = models.CharField(max_length=12, choices=VolunteerStatus.choices)
    channel = models.CharField(max_length=8, choices=RegistrationChannel.choices)
    campaign_code = models.CharField(max_length=40, blank=True)
    skill_bits = models.BigIntegerField(default=0, db_comment="active skills, signed 64-bit word")
    area_bits = models.IntegerField(default=0, db_comment="areas of cooperation, bit = number")
    half_day_bits = models.IntegerField(default=0, db_comment="bit 0 = Saturday morning")
    weekly_half_days = models.PositiveSmallIntegerField(default=1)
    radius_m = models.IntegerField(default=5000)
    place_of_service = models.CharField(
        max_length=16,
        choices=PlaceOfService.choices,
        default=PlaceOfService.CENTRES,
    )
    registered_at = models.DateTimeField()
    province_code = models.CharField(max_length=2, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["status", "province_code"], name="volunteer_status_province"),
        ]
        constraints = [
            models.CheckConstraint(
                name="volunteer_status_known",
                condition=Q(status__in=VolunteerStatus.values),
            ),
            models.CheckConstraint(
                name="volunteer_half_days_14_bits",
                condition=Q(half_day_bits__range=(0, (1 << 14) - 1)),
            ),
            models.CheckConstraint(
                name="volunteer_weekly_half_days_0_to_14",
                condition=Q(weekly_half_days__range=(0, 14)),
            ),
            models.CheckConstraint(
                name="volunteer_radius_within_200_km",
                condition=Q(radius_m__range=(0, 200_000)),
            ),
        ]

    def __str__(self) -> str:
        return f"volunteer {self.person_id}"


class Credential(models.Model):
    """A check or certificate: outcome and dates only, never its content."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=16, choices=CredentialKind.choices)
    tier = models.PositiveSmallIntegerField(choices=VettingTier.choices)
    issued_on = models.DateField()
    expires_on = models.DateField()
    verified_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person", "kind"], name="credential_of_person")]
        constraints = [
            models.CheckConstraint(
                name="credential_expires_after_issue",
                condition=Q(expires_on__gt=F("issued_on")),
            ),
            models.CheckConstraint(
                name="credential_not_verified_by_self",
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("person")),
            ),
            models.CheckConstraint(name="credential_tier_1_to_3", condition=Q(tier__range=(1, 3))),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"


class Consent(models.Model):
    """An agreement to one purpose, in one version of its text; withdrawn, never deleted."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=12, choices=ConsentPurpose.choices)
    text_version = models.CharField(max_length=20)
    channel = models.CharField(max_length=8, choices=RegistrationChannel.choices)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="consent_one_live_a_purpose",
                fields=["person", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="consent_given_before_withdrawn",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.person_id}"


class Facilitator(models.Model):
    """A trained local worker of the network."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="facilitator")
    readiness = models.CharField(max_length=12, choices=Readiness.choices)
    certificate_expires_on = models.DateField(null=True)
    province_code = models.CharField(max_length=2, blank=True)

    def __str__(self) -> str:
        return f"facilitator {self.person_id}"


class FacilitatorPlace(models.Model):
    """A neighbourhood, village or town that a facilitator serves."""

    facilitator = models.ForeignKey(Facilitator, models.CASCADE, related_name="places")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="facilitator_place_once", fields=["facilitator", "place"]),
        ]

    def __str__(self) -> str:
        return f"{self.facilitator_id}:{self.place_id}"


class TrainingRecord(models.Model):
    """Minutes of one course that a person completed."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="training")
    course_code = models.CharField(max_length=40)
    duration_minutes = models.PositiveIntegerField()
    completed_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="training_course_once_a_day",
                fields=["person", "course_code", "completed_on"],
            ),
            models.CheckConstraint(
                name="training_minutes_positive",
                condition=Q(duration_minutes__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_code} {self.person_id}"
