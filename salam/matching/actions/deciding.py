"""A person decides what becomes of a plan: sent (``releasing``), or set aside."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor
from salam.core.errors import DomainError
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.matching.actions.locking import locked_run
from salam.matching.enums import RunStatus
from salam.matching.models import Run


class RunNotOpen(DomainError):
    """Only a plan under review can be decided on."""

    code = "run_not_open"

    def __init__(self) -> None:
        super().__init__(_("این اجرا دیگر در انتظار تصمیم نیست؛ تازه‌ترین اجرا را ببینید."))


def discard_run(*, actor: Actor, run_id: int, now: datetime) -> Run:
    """Set a plan aside with the renewals of it that wait: nobody is asked.

    Writes an Event for each. Raises RunNotOpen, PermissionRefused.
    """
    with transaction.atomic():
        run = locked_run(run_id=run_id, actor=actor, verb=Verb.RUN_RELEASE)
        if run.status == RunStatus.DISCARDED:
            return run
        require_open(run=run)
        for one in [run, *waiting_renewals(run=run)]:
            one.status = RunStatus.DISCARDED
            one.decided_at = now
            one.decided_by_id = actor.person_id
            one.save(update_fields=["status", "decided_at", "decided_by_id"])
            record_event(
                kind="matching.run_discarded",
                subject_type="matching.Run",
                subject_id=one.pk,
                actor_id=actor.person_id,
            )
    return run


def require_open(*, run: Run) -> None:
    """Raise RunNotOpen unless the run waits for a decision."""
    if run.status != RunStatus.PROPOSED:
        raise RunNotOpen


def waiting_renewals(*, run: Run) -> list[Run]:
    """Renewals of a plan that wait for a decision, with their places, locked. For this room.

    They lie within its place: whoever may decide on it may decide on them.
    """
    renewals = Run.objects.filter(renewal__renewed=run, status=RunStatus.PROPOSED).select_related(
        "place"
    )
    return list(renewals.select_for_update(of=("self",)).order_by("pk"))
