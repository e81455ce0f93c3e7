"""A plan is sent: its people are asked some at a time, so that no transaction is long.

A national plan asks over a hundred thousand people. Each step locks the run, asks the next few
thousand and writes down how far it came, all in one transaction: whatever kills a step leaves
nothing half done, and the next one goes on where the last whole one ended. Renewals of a plan that
wait when it is sent are sent with it: to whoever decides they are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from salam.access.queries import actor_for
from salam.core.actors import Actor, Scope
from salam.core.errors import PermissionRefused
from salam.core.events import record_event
from salam.core.jobs import ask_after_commit
from salam.core.verbs import Verb
from salam.matching.actions.deciding import require_open, waiting_renewals
from salam.matching.actions.locking import locked_run
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries.releasing import proposals_to_ask
from salam.service.actions import NewOffer, open_offers

RELEASE_TASK: Final = "matching.carry_on_releases"
# So many proposals take a second or two, for which people's own actions may have to wait.
STEP_PROPOSALS: Final = 2_000
# A plan that no worker could send for so long is no plan for today: the next run makes a better.
RELEASE_WITHIN: Final = timedelta(days=1)


@dataclass(frozen=True)
class Release:
    """How many people were asked; how many could not be, by reason; and how many were not reached
    before somebody stopped it.
    """

    run_id: int
    opened: int
    skipped: Mapping[str, int]
    unasked: int = 0

    def with_run(self, run: Run) -> Release:
        """This and what a run that is being released, or was, has come to."""
        told = run.parameters["release"]
        return Release(
            self.run_id,
            self.opened + told["opened"],
            dict(Counter(self.skipped) + Counter(told["skipped"])),
            self.unasked + told.get("unasked", 0),
        )


def request_release(*, actor: Actor, run_id: int, now: datetime) -> Run:
    """Decide to send a plan: a worker asks its people in the actor's name, beginning at once.

    A second press changes nothing. Writes an Event. Raises RunNotOpen, PermissionRefused, also for
    the operator, whom no worker can act for (:func:`release_run` does it at once).
    """
    if actor.person_id is None:
        raise PermissionRefused
    with transaction.atomic():
        run = _begun(actor, run_id, now=now)
        under_way = _sent_together(run).filter(status=RunStatus.RELEASING)
        if under_way.exists():
            # What the operator began and did not end waits for a person.
            under_way.filter(decided_by__isnull=True).update(decided_by_id=actor.person_id)
            ask_after_commit(task=RELEASE_TASK)
    return run


def release_run(
    *,
    actor: Actor,
    run_id: int,
    now: datetime,
    step: int = STEP_PROPOSALS,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> Release:
    """Ask the people of a plan, each in the intermediary's name; who cannot be asked is counted.

    Those of its renewals too. Returns when all have been asked; broken off, a second call goes on,
    and after the end it answers what the first one did. ``report`` hears how many proposals are
    through, and of how many. Writes two Events for each, and those of the offers. Raises
    RunNotOpen, PermissionRefused.
    """
    with transaction.atomic():
        run = _begun(actor, run_id, now=now)
    keys = list(_sent_together(run).values_list("pk", flat=True))
    total = Proposal.objects.filter(run_id__in=keys).count()
    ended = Release(run_id, 0, {})
    for key in keys:
        is_over = False
        while not is_over:
            with transaction.atomic():
                one = locked_run(run_id=key, actor=actor, verb=Verb.RUN_RELEASE)
                if one.status == RunStatus.RELEASING:
                    _ask_some(one, actor=actor, step=step)
                is_over = one.status != RunStatus.RELEASING
            so_far = ended.with_run(one)
            report(so_far.opened + sum(so_far.skipped.values()), total)
        ended = so_far
    return ended


def carry_on_releases(*, now: datetime, step: int = STEP_PROPOSALS) -> bool:
    """One step of the release that was decided first; False when there is none to take.

    It is done in the name of the person who decided, with the grants of now: where they are gone,
    or no worker came for too long, the release ends and nobody else is asked.
    """
    with transaction.atomic():
        run = (
            Run.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("place")
            .filter(status=RunStatus.RELEASING, decided_by__isnull=False)
            .order_by("decided_at", "pk")
            .first()
        )
        if run is None or run.decided_at is None:
            return False
        actor = actor_for(person_id=run.decided_by_id or 0, at=now)
        scope = Scope(place_path=run.place.path)
        if actor.can(Verb.RUN_RELEASE, scope) and now - run.decided_at < RELEASE_WITHIN:
            _ask_some(run, actor=actor, step=step)
        else:
            _end(run, actor_id=None)
    return True


def stop_release(*, actor: Actor, run_id: int) -> Run:
    """Ask nobody else: who has been asked may answer, the others are left to the next run.

    Renewals that are sent with it stop too. Waits for a step that is under way, a second or two.
    One that is over stays as it is. Writes an Event for each. Raises PermissionRefused.
    """
    with transaction.atomic():
        run = locked_run(run_id=run_id, actor=actor, verb=Verb.RUN_RELEASE)
        under_way = _sent_together(run).filter(status=RunStatus.RELEASING)
        for one in under_way.select_for_update(of=("self",)).order_by("pk"):
            _end(one, actor_id=actor.person_id)
        run.refresh_from_db()
    return run


def _begun(actor: Actor, run_id: int, *, now: datetime) -> Run:
    """The run, locked, now being released unless it was before."""
    run = locked_run(run_id=run_id, actor=actor, verb=Verb.RUN_RELEASE)
    if run.status in (RunStatus.RELEASING, RunStatus.RELEASED):
        return run
    require_open(run=run)
    for one in [run, *waiting_renewals(run=run)]:
        one.status = RunStatus.RELEASING
        # All offers of a release carry this instant: they are answered within the same days.
        one.decided_at = now
        one.decided_by_id = actor.person_id
        one.parameters["release"] = {"opened": 0, "skipped": {}}
        one.save(update_fields=["status", "decided_at", "decided_by_id", "parameters"])
        _record("matching.run_release_begun", one, actor_id=actor.person_id)
    return run


def _sent_together(run: Run) -> QuerySet[Run]:
    """A run that was decided on, and the renewals of it that were sent at the same instant."""
    renewals = Q(renewal__renewed=run, decided_at=run.decided_at)
    return Run.objects.filter(Q(pk=run.pk) | renewals).order_by("pk")


def _ask_some(run: Run, *, actor: Actor, step: int) -> None:
    """Open the offers of the next people, under the lock of the run; the last step ends it."""
    if run.decided_at is None:
        raise RuntimeError("a run that is released has been decided on")
    proposals = proposals_to_ask(run=run, limit=step)
    outcome = open_offers(
        actor=actor,
        offers=[
            NewOffer(
                person_id=person_id,
                need_line_id=line_id,
                half_day=half_day,
                origin=f"proposal:{key}",
                distance_100m=distance,
            )
            for key, person_id, line_id, half_day, distance in proposals
        ],
        within_path=run.place.path,
        now=run.decided_at,
    )
    told = run.parameters["release"]
    skipped = Counter(told["skipped"])
    skipped.update({reason.value: count for reason, count in outcome.skipped.items()})
    run.parameters["release"] = {
        "opened": told["opened"] + outcome.opened,
        "skipped": dict(skipped),
    }
    if proposals:
        run.released_up_to = max(one[1] for one in proposals)
    if proposals and proposals_to_ask(run=run, limit=1):
        run.save(update_fields=["released_up_to", "parameters"])
        return
    _end(run, actor_id=actor.person_id)


def _end(run: Run, *, actor_id: int | None) -> None:
    left = Proposal.objects.filter(run=run, person_id__gt=run.released_up_to).count()
    if left:
        run.parameters["release"]["unasked"] = left
    run.status = RunStatus.RELEASED
    run.save(update_fields=["status", "released_up_to", "parameters"])
    _record("matching.run_released", run, actor_id=actor_id)


def _record(kind: str, run: Run, *, actor_id: int | None) -> None:
    outcome = Release(run.pk, 0, {}).with_run(run)
    record_event(
        kind=kind,
        subject_type="matching.Run",
        subject_id=run.pk,
        actor_id=actor_id,
        payload={
            "opened_count": outcome.opened,
            "skipped_count": sum(outcome.skipped.values()),
            "unasked_count": outcome.unasked,
        },
    )
