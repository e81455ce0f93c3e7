"""Offer → assignment → session → hours. A person's yes or no, and what came of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from salam.needs.models import NeedLine
from salam.organizations.models import Organization
from salam.people.models import Person
from salam.service.enums import (
    LIVE_OFFERS,
    AssignmentStatus,
    DeclineReason,
    EndReason,
    OfferStatus,
    SessionStatus,
)
from salam.timebank.enums import ReversalReason
from salam.timebank.models import Transfer


class Offer(models.Model):
    """One person asked, in an intermediary's name, whether they would serve on one line."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    need_line = models.ForeignKey(NeedLine, models.PROTECT, related_name="+")
    # The line's own, or one of those that a flexible line allows.
    half_day = models.PositiveSmallIntegerField()
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_comment="the intermediary that brokers"
    )
    province_code = models.CharField(max_length=2)
    origin = models.CharField(max_length=64, db_comment="opaque: who or what asked for the offer")
    distance_100m = models.IntegerField(null=True)
    status = models.CharField(max_length=12, choices=OfferStatus.choices)
    decline_reason = models.CharField(max_length=12, choices=DeclineReason.choices, blank=True)
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "status"], name="offer_of_person"),
            models.Index(fields=["organization", "status"], name="offer_of_organization"),
            models.Index(
                fields=["answer_by"],
                name="offer_to_expire",
                condition=Q(status=OfferStatus.OPEN),
            ),
            models.Index(fields=["need_line", "status"], name="offer_of_line"),
        ]
        constraints = [
            models.CheckConstraint(
                name="offer_status_known", condition=Q(status__in=OfferStatus.values)
            ),
            models.CheckConstraint(
                name="offer_half_day_0_to_13", condition=Q(half_day__range=(0, 13))
            ),
            models.CheckConstraint(
                name="offer_answer_after_opening", condition=Q(answer_by__gt=F("opened_at"))
            ),
            models.CheckConstraint(
                name="offer_open_is_unanswered",
                condition=~Q(status=OfferStatus.OPEN) | Q(answered_at__isnull=True),
            ),
            models.CheckConstraint(
                name="offer_declined_says_why",
                condition=Q(status=OfferStatus.DECLINED, decline_reason__in=DeclineReason.values)
                | (~Q(status=OfferStatus.DECLINED) & Q(decline_reason="")),
            ),
            models.UniqueConstraint(
                name="offer_one_live_a_half_day",
                fields=["person", "half_day"],
                condition=Q(status__in=LIVE_OFFERS),
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}"


class Assignment(models.Model):
    """A yes that holds: the person serves on this half-day, week by week, until it ends."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="assignment")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_comment="the intermediary that brokers"
    )
    host = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_comment="confirms the hours"
    )
    province_code = models.CharField(max_length=2)
    status = models.CharField(max_length=8, choices=AssignmentStatus.choices)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_comment="no later than this; agreed anew afterwards")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, choices=EndReason.choices, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "status"], name="assignment_of_person"),
            models.Index(fields=["organization", "status"], name="assignment_of_organization"),
            models.Index(
                fields=["ends_at"],
                name="assignment_to_end",
                condition=Q(ended_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="assignment_status_known", condition=Q(status__in=AssignmentStatus.values)
            ),
            models.CheckConstraint(
                name="assignment_ended_says_when_and_why",
                condition=Q(
                    status=AssignmentStatus.ENDED,
                    ended_at__isnull=False,
                    end_reason__in=EndReason.values,
                )
                | (~Q(status=AssignmentStatus.ENDED) & Q(ended_at__isnull=True, end_reason="")),
            ),
            models.CheckConstraint(
                name="assignment_ends_after_start", condition=Q(ends_at__gt=F("started_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"

    @property
    def contact_origin(self) -> str:
        """What this assignment's contact grants are given for, so that they end with it."""
        return f"assignment:{self.pk}"


class Session(models.Model):
    """One half-day on one date of one assignment."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="sessions")
    happens_on = models.DateField()
    province_code = models.CharField(max_length=2)
    status = models.CharField(max_length=12, choices=SessionStatus.choices)
    reported_minutes = models.PositiveSmallIntegerField(
        null=True, db_comment="what the volunteer said"
    )
    reported_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["status", "happens_on"], name="session_to_confirm"),
        ]
        constraints = [
            models.UniqueConstraint(name="session_once_a_day", fields=["assignment", "happens_on"]),
            models.CheckConstraint(
                name="session_status_known", condition=Q(status__in=SessionStatus.values)
            ),
            models.CheckConstraint(
                name="session_reported_minutes_1_to_720",
                condition=Q(reported_minutes__isnull=True) | Q(reported_minutes__range=(1, 720)),
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class Hours(models.Model):
    """Minutes of a session as the host attested them, and the ledger's entry that keeps them.

    Rows are never changed but for the one reversal that takes them back.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="hours")
    duration_minutes = models.PositiveSmallIntegerField()
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField()
    reversal = models.OneToOneField(Transfer, models.PROTECT, null=True, related_name="+")
    reverse_reason = models.CharField(max_length=16, choices=ReversalReason.choices, blank=True)
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hours_minutes_1_to_720", condition=Q(duration_minutes__range=(1, 720))
            ),
            models.UniqueConstraint(
                name="hours_one_live_a_session",
                fields=["session"],
                condition=Q(reversed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="hours_reversal_is_whole",
                condition=Q(reversal__isnull=True, reversed_at__isnull=True, reverse_reason="")
                | Q(
                    reversal__isnull=False,
                    reversed_at__isnull=False,
                    reverse_reason__in=ReversalReason.values,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"hours {self.pk}"
