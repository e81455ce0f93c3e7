"""Cases of all processes, and every move that was made: one table each, whatever the process."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from salam.cases.enums import Desk
from salam.people.models import Person
from salam.places.models import Place

TITLE_LENGTH_MAX = 120
BODY_LENGTH_MAX = 4000
NOTE_LENGTH_MAX = 1000


class Case(models.Model):
    """Something that waits for somebody until a date. What it is about, its owner's table says."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    process = models.CharField(max_length=80, db_comment="code of a declared process")
    step = models.CharField(max_length=40)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    province_code = models.CharField(max_length=2, blank=True)
    title = models.CharField(max_length=TITLE_LENGTH_MAX)
    body = models.CharField(max_length=BODY_LENGTH_MAX, blank=True)
    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    desk = models.CharField(
        max_length=16, choices=Desk.choices, blank=True, db_comment="whom it waits for; '' for none"
    )
    desk_place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", db_comment="where the desk sits"
    )
    escalated_place = models.ForeignKey(
        Place,
        models.PROTECT,
        null=True,
        related_name="+",
        db_comment="of the desk one level up, which sees that the deadline was missed",
    )
    assignee = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", db_comment="who took it on"
    )
    entered_at = models.DateTimeField(db_comment="since when it stands at this step")
    due_at = models.DateTimeField(null=True, db_comment="null while no clock runs")
    minutes_left = models.PositiveIntegerField(
        null=True, db_comment="working minutes left on a clock that stands still"
    )
    stopped_step = models.CharField(
        max_length=40, blank=True, db_comment="the step whose clock stands still"
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["desk_place", "due_at"],
                name="case_waiting_at_desk",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["due_at"],
                name="case_to_escalate",
                condition=Q(closed_at__isnull=True, escalated_place__isnull=True),
            ),
            models.Index(fields=["opened_by"], name="case_of_opener"),
            models.Index(fields=["process", "closed_at"], name="case_of_process"),
        ]
        constraints = [
            models.CheckConstraint(
                name="case_closed_waits_for_nobody",
                condition=Q(closed_at__isnull=True, desk__in=Desk.values)
                | Q(closed_at__isnull=False, desk="", due_at__isnull=True, assignee__isnull=True),
            ),
            models.CheckConstraint(
                name="case_stopped_clock_is_whole",
                condition=Q(minutes_left__isnull=True, stopped_step="")
                | (Q(minutes_left__isnull=False, due_at__isnull=True) & ~Q(stopped_step="")),
            ),
            models.CheckConstraint(
                name="case_due_after_entering",
                condition=Q(due_at__isnull=True) | Q(due_at__gt=F("opened_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class CaseMove(models.Model):
    """One move, or the opening of a case, or an escalation. Rows never change."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="moves")
    code = models.CharField(
        max_length=40, db_comment="of the declared move; open, escalate, assign"
    )
    source = models.CharField(max_length=40, blank=True)
    target = models.CharField(max_length=40)
    actor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=NOTE_LENGTH_MAX, blank=True)
    made_at = models.DateTimeField()
    working_minutes = models.PositiveIntegerField(
        null=True, db_comment="that the step before took on its clock; null where none ran"
    )
    was_late = models.BooleanField(
        default=False, db_comment="after the deadline of the step before"
    )

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="case_move_in_order")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"move {self.pk}"


class ClosedDay(models.Model):
    """A day off besides weekends and public holidays: snow, dust, heat."""

    day = models.DateField()
    province_code = models.CharField(
        max_length=2, blank=True, db_comment="'' for the whole country"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="closed_day_once", fields=["day", "province_code"]),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.province_code}".strip()
