"""A person decides what becomes of a plan: sent to the intermediaries, or set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.errors import DomainError, PermissionRefused
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal, Run
from salam.service.actions import NewOffer, open_offers


class RunNotOpen(DomainError):
    """Only a plan under review can be decided on."""

    code = "run_not_open"

    def __init__(self) -> None:
        super().__init__(_("این اجرا دیگر در انتظار تصمیم نیست؛ تازه‌ترین اجرا را ببینید."))


@dataclass(frozen=True)
class Release:
    """How many people were asked, and how many could not be, by reason."""

    run_id: int
    opened: int
    skipped: Mapping[str, int]


def release_run(*, actor: Actor, run_id: int, now: datetime) -> Release:
    """Ask the people of a plan, each in the intermediary's name; who cannot be asked is counted.

    A second press answers what the first one did. Writes an Event, and those of the offers. Raises
    RunNotOpen, PermissionRefused.
    """
    with transaction.atomic():
        run = _locked_run(run_id, actor)
        if run.status == RunStatus.RELEASED:
            done = run.parameters["release"]
            return Release(run.pk, done["opened"], done["skipped"])
        _require_open(run)
        proposals = Proposal.objects.filter(run=run).order_by("pk")
        outcome = open_offers(
            actor=actor,
            offers=[
                NewOffer(
                    person_id=person_id,
                    need_line_id=line_id,
                    origin=f"proposal:{key}",
                    distance_100m=distance,
                )
                for key, person_id, line_id, distance in proposals.values_list(
                    "pk", "person_id", "need_line_id", "distance_100m"
                ).iterator(10_000)
            ],
            within_path=run.place.path,
            now=now,
        )
        skipped = {reason.value: count for reason, count in outcome.skipped.items()}
        run.parameters["release"] = {"opened": outcome.opened, "skipped": skipped}
        _decide(run, RunStatus.RELEASED, now=now)
        record_event(
            kind="matching.run_released",
            subject_type="matching.Run",
            subject_id=run.pk,
            actor_id=actor.person_id,
            payload={"opened_count": outcome.opened, "skipped_count": sum(skipped.values())},
        )
    return Release(run.pk, outcome.opened, skipped)


def discard_run(*, actor: Actor, run_id: int, now: datetime) -> Run:
    """Set a plan aside: nobody is asked. Writes an Event. Raises RunNotOpen, PermissionRefused."""
    with transaction.atomic():
        run = _locked_run(run_id, actor)
        if run.status == RunStatus.DISCARDED:
            return run
        _decide(run, RunStatus.DISCARDED, now=now)
        record_event(
            kind="matching.run_discarded",
            subject_type="matching.Run",
            subject_id=run.pk,
            actor_id=actor.person_id,
        )
    return run


def _locked_run(run_id: int, actor: Actor) -> Run:
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("place")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise PermissionRefused
    require(actor, Verb.RUN_RELEASE, Scope(place_path=run.place.path))
    return run


def _require_open(run: Run) -> None:
    if run.status != RunStatus.PROPOSED:
        raise RunNotOpen


def _decide(run: Run, status: RunStatus, *, now: datetime) -> None:
    _require_open(run)
    run.status = status
    run.decided_at = now
    run.save(update_fields=["status", "decided_at", "parameters"])
