"""Runs asked for on a screen: a worker carries them out, and whoever may start may stop them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from salam.core.actors import Actor, Scope, require
from salam.core.errors import PermissionRefused
from salam.core.events import record_event
from salam.core.jobs import ask_after_commit
from salam.core.verbs import Verb
from salam.matching.actions.locking import locked_run
from salam.matching.enums import RunStage, RunStatus
from salam.matching.models import Run
from salam.matching.queries.runs import is_somebody_running
from salam.places.enums import PlaceKind
from salam.places.models import Place

RUN_TASK: Final = "matching.carry_on_requested"

# Over anything smaller the plan would tell who lives there.
RUN_KINDS: Final = (PlaceKind.COUNTRY, PlaceKind.PROVINCE)


def request_run(*, actor: Actor, place_code: str, now: datetime) -> Run:
    """Put a run over the country or a province in line for a worker.

    Where one over the same place waits or works already, that one is returned: two presses make one
    run. Writes an Event. Raises PermissionRefused, also for the operator, whom no worker can act
    for.
    """
    with transaction.atomic():
        # Whoever presses at the same instant waits here and then finds the run.
        place = (
            Place.objects.select_for_update(no_key=True)
            .filter(code=place_code, kind__in=RUN_KINDS)
            .first()
        )
        if place is None or actor.person_id is None:
            raise PermissionRefused
        require(actor, Verb.RUN_START, Scope(place_path=place.path))
        run = Run.objects.filter(place=place, status=RunStatus.RUNNING).order_by("-pk").first()
        if run is None:
            run = Run.objects.create(
                place=place,
                province_code=place.province_code,
                status=RunStatus.RUNNING,
                stage=RunStage.QUEUED,
                started_by_id=actor.person_id,
                started_at=now,
            )
            _record("matching.run_requested", run, actor)
        ask_after_commit(task=RUN_TASK)
    return run


def stop_run(*, actor: Actor, run_id: int, now: datetime) -> Run:
    """Ask a run to stop: at once while it waits, else before its next stage begins.

    One that is over stays as it is. Nothing that it proposed is kept. Writes an Event. Raises
    PermissionRefused.
    """
    with transaction.atomic():
        run = locked_run(run_id=run_id, actor=actor, verb=Verb.RUN_START)
        if run.status != RunStatus.RUNNING or run.stop_asked_at is not None:
            return run
        run.stop_asked_at = now
        if run.stage == RunStage.QUEUED or not is_somebody_running():
            run.status = RunStatus.FAILED
        run.save(update_fields=["stop_asked_at", "status"])
        _record("matching.run_stopped", run, actor)
    return run


def _record(kind: str, run: Run, actor: Actor) -> None:
    record_event(
        kind=kind,
        subject_type="matching.Run",
        subject_id=run.pk,
        actor_id=actor.person_id,
    )
