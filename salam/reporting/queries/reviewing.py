"""A run as headquarters decides on it: what it covers, and afterwards what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from salam.core.actors import Actor, Scope
from salam.core.verbs import Verb
from salam.matching.enums import LIVE_RUNS, RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries import (
    PartCoverage,
    ReleaseProgress,
    coverage_of,
    get_run_for,
    people_proposed,
    proposals_of,
    release_progress,
)
from salam.people.queries import generated_people_exist
from salam.reporting.queries.headquarters import hours_of
from salam.service.queries import OfferingAnswers, answers_within


@dataclass(frozen=True, eq=False)
class RunReview:
    """One run with all that its page shows. Nobody is named: review is about the plan."""

    run: Run
    starter_role: str | None
    """The role at headquarters of who started it; None for the operator."""
    coverage: Sequence[PartCoverage]
    proposals: QuerySet[Proposal]
    people: int
    answers: OfferingAnswers | None
    """What became of the offers; None unless the run was released."""
    may_start: bool
    may_release: bool
    has_generated_people: bool

    release: ReleaseProgress | None
    """How far the release is; None for a run that was never released."""

    @property
    def answer_hours(self) -> float:
        """Hours confirmed so far of those who said yes."""
        return hours_of(minutes=self.answers.minutes) if self.answers else 0


def run_review(*, actor: Actor, run_id: int) -> RunReview:
    """One run that the actor may look at. At most nine queries, and those of the proposals.

    Raises PermissionRefused.
    """
    run = get_run_for(actor=actor, run_id=run_id)
    scope = Scope(place_path=run.place.path)
    is_planned = run.status in {*LIVE_RUNS, RunStatus.SUPERSEDED, RunStatus.DISCARDED}
    is_sent = run.status in {RunStatus.RELEASING, RunStatus.RELEASED}
    released_at = run.decided_at if is_sent else None
    return RunReview(
        run=run,
        starter_role=run.starter_role,
        coverage=coverage_of(run=run) if is_planned else [],
        proposals=proposals_of(run=run),
        people=people_proposed(run=run) if is_planned else 0,
        answers=(
            None
            if released_at is None
            else answers_within(path=run.place.path, opened_at=released_at)
        ),
        may_start=actor.can(Verb.RUN_START, scope),
        may_release=actor.can(Verb.RUN_RELEASE, scope),
        has_generated_people=generated_people_exist(),
        release=release_progress(run=run),
    )
