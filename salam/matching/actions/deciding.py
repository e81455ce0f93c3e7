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
    """Set a plan aside: nobody is asked. Writes an Event. Raises RunNotOpen, PermissionRefused."""
    with transaction.atomic():
        run = locked_run(run_id=run_id, actor=actor, verb=Verb.RUN_RELEASE)
        if run.status == RunStatus.DISCARDED:
            return run
        require_open(run=run)
        run.status = RunStatus.DISCARDED
        run.decided_at = now
        run.decided_by_id = actor.person_id
        run.save(update_fields=["status", "decided_at", "decided_by_id"])
        record_event(
            kind="matching.run_discarded",
            subject_type="matching.Run",
            subject_id=run.pk,
            actor_id=actor.person_id,
        )
    return run


def require_open(*, run: Run) -> None:
    """Raise RunNotOpen unless the run waits for a decision."""
    if run.status != RunStatus.PROPOSED:
        raise RunNotOpen
