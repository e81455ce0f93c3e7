"""The Event outbox: what happened, as ids and codes; audit log and source for the rooms above.

Beside it, how the sweeps went: nothing there is about a person either.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models.functions import Cast, Now


class CurrentTransaction(models.Func):
    """The 64-bit id of the running transaction, which never wraps around (PostgreSQL's xid8)."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = models.TextField()


class Event(models.Model):
    """One thing that happened. Actions write rows in their own transaction; none ever changes."""

    kind = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    # A person's id, without a key: core knows no room. Empty for what the system did by itself.
    actor_id = models.BigIntegerField(null=True)
    payload = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(db_default=Now())
    transaction_id = models.BigIntegerField(
        db_default=Cast(Cast(CurrentTransaction(), models.TextField()), models.BigIntegerField()),
    )

    class Meta:
        indexes = [
            models.Index(fields=["transaction_id", "id"], name="event_cursor_order"),
            models.Index(fields=["subject_type", "subject_id"], name="event_subject"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id}"


class EventCursor(models.Model):
    """How far one reader has come in the outbox."""

    name = models.CharField(max_length=64, unique=True)
    transaction_id = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class SweepRecord(models.Model):
    """How one sweep last went well. Rows are made when a worker first starts."""

    name = models.CharField(max_length=128, unique=True)
    # Since when it is expected to run: what has never run can be late too.
    known_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    took = models.DurationField(null=True)
    succeeded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class JobFailure(models.Model):
    """The class of the error that a job failed with, for as long as the library keeps the job."""

    ERROR_LENGTH = 120

    # Of the library's table, which is not ours to point a key at.
    job_id = models.BigIntegerField(primary_key=True)
    error = models.CharField(max_length=ERROR_LENGTH)

    def __str__(self) -> str:
        return f"{self.job_id}: {self.error}"
