"""Messages: that somebody is told something, never what it says nor under which number."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from salam.messaging.enums import OPEN_STATUSES, SENT_STATUSES, Channel, MessageStatus
from salam.people.models import Person


class Message(models.Model):
    """One template for one person. Neither text nor phone: both are made when it is handed over."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    template = models.CharField(max_length=64, db_comment="code in messaging.registry")
    values = models.JSONField(default=dict, db_comment="ids, codes and numbers of the template")
    purpose = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.SMS)
    status = models.CharField(
        max_length=16,
        choices=MessageStatus.choices,
        default=MessageStatus.QUEUED,
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField(
        db_comment="no worker takes it before; while sending: when it counts as lost",
    )
    claimed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(
        null=True,
        db_comment="of the last attempt: the gateway was about to be asked; null: surely not",
    )
    unsure_count = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        db_comment="attempts after which nobody knows whether it left: so often it may have more",
    )
    sent_at = models.DateTimeField(null=True)
    report_due_at = models.DateTimeField(
        null=True,
        db_comment="when the provider is asked what became of it; null: it is not",
    )
    reported_at = models.DateTimeField(null=True, db_comment="when its final answer came")
    gateway = models.CharField(max_length=16, blank=True)
    gateway_reference = models.CharField(max_length=64, blank=True)
    error_code = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(
                name="message_due",
                fields=["due_at", "id"],
                condition=Q(status__in=OPEN_STATUSES),
            ),
            models.Index(
                name="message_report_due",
                fields=["report_due_at", "id"],
                condition=Q(report_due_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_status_listed",
                condition=Q(status__in=MessageStatus.values),
            ),
            models.CheckConstraint(
                name="message_channel_known",
                condition=Q(channel__in=Channel.values),
            ),
            models.CheckConstraint(
                name="message_sent_at_instant",
                # What was sent and did not arrive has failed, and keeps the instant.
                condition=Q(status__in=SENT_STATUSES, sent_at__isnull=False)
                | Q(status=MessageStatus.FAILED)
                | (~Q(status__in=SENT_STATUSES) & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="message_sending_was_claimed",
                condition=~Q(status=MessageStatus.SENDING)
                | Q(claimed_at__isnull=False, attempts__gt=0),
            ),
            models.CheckConstraint(
                name="message_only_sent_is_asked_about",
                condition=Q(status=MessageStatus.SENT) | Q(report_due_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.pk}"


class PartCount(models.Model):
    """Parts of messages that a gateway took on one day; nobody stands in it."""

    day = models.DateField(db_comment="in Tehran")
    gateway = models.CharField(max_length=16)
    template = models.CharField(max_length=64)
    message_count = models.PositiveIntegerField(default=0)
    part_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="part_count_once_a_day",
                fields=["day", "gateway", "template"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.gateway} {self.template}"
