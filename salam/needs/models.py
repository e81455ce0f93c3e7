"""What a neighbourhood needs: a story, and the lines that can be matched."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from salam.core.dates import HALF_DAY_COUNT
from salam.needs.enums import MinimumAge, NeedStatus, RequiredGender, Timing, Urgency
from salam.organizations.models import Intermediary
from salam.people.enums import VettingTier
from salam.people.models import Person
from salam.places.models import Place


class Need(models.Model):
    """What is needed, why and where.

    About a place or a service, never about a person who could be known.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=120)
    what = models.TextField(max_length=2000)
    why = models.TextField(max_length=2000, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    province_code = models.CharField(max_length=2)
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices)
    people_served = models.PositiveIntegerField()
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=NeedStatus.choices, default=NeedStatus.OPEN)
    listed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    is_generated = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["status", "province_code"], name="need_status_province")]
        constraints = [
            models.CheckConstraint(name="need_urgency_1_to_5", condition=Q(urgency__range=(1, 5))),
            models.CheckConstraint(
                name="need_people_served_positive", condition=Q(people_served__gt=0)
            ),
            models.CheckConstraint(
                name="need_closed_has_instant",
                condition=Q(status=NeedStatus.OPEN, closed_at__isnull=True)
                | Q(status=NeedStatus.CLOSED, closed_at__gte=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NeedLine(models.Model):
    """So many people with one of these skills, at these times, under these conditions.

    A fixed line names its half-day. A flexible one allows several and says how many of them a week
    are wanted: between two days (a window) or for as long as the need is open.
    """

    need = models.ForeignKey(Need, models.CASCADE, related_name="lines")
    timing = models.CharField(
        max_length=8,
        choices=Timing.choices,
        default=Timing.FIXED,
        db_default=Timing.FIXED,
    )
    half_day = models.PositiveSmallIntegerField(
        # None of a flexible line.
        null=True,
        db_comment="0 = Saturday morning … 13 = Friday afternoon",
    )
    half_day_bits = models.PositiveSmallIntegerField(
        default=0, db_default=0, db_comment="half-days that a flexible line allows"
    )
    half_days_weekly = models.PositiveSmallIntegerField(
        default=1, db_default=1, db_comment="how many half-days a week are wanted"
    )
    starts_on = models.DateField(null=True, db_comment="first day of a window")
    ends_on = models.DateField(null=True, db_comment="last day of a window")
    skill_bits = models.BigIntegerField(db_comment="any of these skills, signed 64-bit word")
    language_bits = models.BigIntegerField(default=0, db_comment="all of these language skills")
    headcount = models.PositiveSmallIntegerField()
    vetting_tier_min = models.PositiveSmallIntegerField(
        choices=VettingTier.choices,
        default=VettingTier.NONE,
    )
    gender_required = models.CharField(
        max_length=8,
        choices=RequiredGender.choices,
        default=RequiredGender.ANY,
    )
    gender_basis = models.CharField(
        max_length=80,
        blank=True,
        db_comment=(
            "the rule that restricts the post; asked for whenever gender_required is not any"
        ),
    )
    age_min = models.PositiveSmallIntegerField(
        choices=MinimumAge.choices,
        default=MinimumAge.ADULT,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="need_line_half_day_once",
                fields=["need", "half_day", "skill_bits"],
            ),
            models.CheckConstraint(
                name="need_line_half_day_0_to_13", condition=Q(half_day__range=(0, 13))
            ),
            models.UniqueConstraint(
                name="need_line_flexible_once",
                fields=["need", "half_day_bits", "skill_bits", "starts_on", "ends_on"],
                condition=~Q(timing=Timing.FIXED),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="need_line_timing_whole",
                condition=Q(
                    timing=Timing.FIXED,
                    half_day__isnull=False,
                    half_day_bits=0,
                    half_days_weekly=1,
                    starts_on__isnull=True,
                    ends_on__isnull=True,
                )
                | Q(
                    timing=Timing.WINDOW,
                    half_day__isnull=True,
                    half_day_bits__range=(1, (1 << HALF_DAY_COUNT) - 1),
                    half_days_weekly__range=(1, HALF_DAY_COUNT),
                    starts_on__isnull=False,
                    # A comparison with nothing is neither true nor false, and a check lets it pass.
                    ends_on__isnull=False,
                    ends_on__gte=F("starts_on"),
                )
                | Q(
                    timing=Timing.OPEN,
                    half_day__isnull=True,
                    half_day_bits__range=(1, (1 << HALF_DAY_COUNT) - 1),
                    half_days_weekly__range=(1, HALF_DAY_COUNT),
                    starts_on__isnull=True,
                    ends_on__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="need_line_headcount_1_to_50", condition=Q(headcount__range=(1, 50))
            ),
            models.CheckConstraint(name="need_line_asks_a_skill", condition=~Q(skill_bits=0)),
            models.CheckConstraint(
                name="need_line_vetting_0_to_3", condition=Q(vetting_tier_min__range=(0, 3))
            ),
            models.CheckConstraint(
                name="need_line_age_known", condition=Q(age_min__in=MinimumAge.values)
            ),
            models.CheckConstraint(
                name="need_line_gender_has_basis",
                condition=Q(gender_required=RequiredGender.ANY)
                | (
                    Q(gender_required__in=[RequiredGender.FEMALE, RequiredGender.MALE])
                    & ~Q(gender_basis="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"need {self.need_id} {self.timing} line {self.pk}"

    @property
    def seats_weekly(self) -> int:
        """Most people whom the line takes in a week, each counted as often as they come."""
        return self.headcount * self.half_days_weekly
