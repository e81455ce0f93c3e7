"""A run as headquarters decides on it: what it covers, and afterwards what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salam.core.actors import Actor, Scope
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.matching.enums import RunStatus, TotalKey
from salam.matching.models import Renewal, Run
from salam.matching.queries import (
    PlanChanges,
    ReleaseProgress,
    RunFigures,
    RunWeights,
    changes_of,
    figures_of_runs,
    get_run_for,
    people_proposed,
    release_progress,
    renewal_behind,
    renewals_of,
    runs_to_compare,
    weights_of,
)
from salam.people.queries import generated_people_exist
from salam.reporting.queries.headquarters import hours_of
from salam.service.queries import OfferingAnswers, answers_within

# As many as a person looks through.
_CHOICES_MAX = 20


@dataclass(frozen=True, eq=False)
class RunReview:
    """One run with all that its page shows. Nobody is named: review is about the plan."""

    run: Run
    starter_role: str | None
    """The role at headquarters of who started it; None for the operator."""
    figures: RunFigures
    weights: RunWeights | None
    people: int
    """Whom the plan and its waiting renewals still propose; 0 without a plan."""
    renewals: Sequence[Renewal]
    """What was made anew of the plan in some provinces, with runs and places."""
    renewal: Renewal | None
    """What this run made anew, with that plan; None where somebody started this one."""
    may_see_renewed: bool
    answers: OfferingAnswers | None
    """What became of the offers; None unless the run was released."""
    may_start: bool
    may_release: bool
    has_generated_people: bool

    release: ReleaseProgress | None
    """How far the release is; None unless it is under way."""

    @property
    def answer_hours(self) -> float:
        """Hours confirmed so far of those who said yes."""
        return hours_of(minutes=self.answers.minutes) if self.answers else 0

    @property
    def waiting_renewals(self) -> list[Renewal]:
        """Those that are decided on together with the plan."""
        return [one for one in self.renewals if one.run.status == RunStatus.PROPOSED]

    @property
    def to_send(self) -> int:
        """Proposals that releasing would send, those of waiting renewals too."""
        own = self.run.proposed_count - self.replaced_count
        return own + sum(one.run.proposed_count for one in self.waiting_renewals)

    @property
    def replaced_count(self) -> int:
        """Proposals that a later run over a part of the place took over."""
        count: int = self.run.parameters.get("replaced_count", 0)
        return count


@dataclass(frozen=True, eq=False)
class RunSide:
    """One of two runs that are laid side by side."""

    run: Run
    figures: RunFigures


@dataclass(frozen=True, eq=False)
class RunPair:
    """Two plans over one place; the later one stands first."""

    chosen: Run
    """From which one came."""
    others: Sequence[Run] = ()
    later: RunSide | None = None
    """None when there is nothing to compare with."""
    earlier: RunSide | None = None
    changes: PlanChanges | None = None
    """None where the two were not compared when the later one was stored."""
    has_generated_people: bool = False


def run_review(*, actor: Actor, run_id: int) -> RunReview:
    """One run that the actor may look at. At most nine queries, however large the plan is; one
    more, which looks at its proposals, where a later run took some of them over, and one while they
    are being sent.

    Raises PermissionRefused.
    """
    run = get_run_for(actor=actor, run_id=run_id)
    scope = Scope(place_path=run.place.path)
    figures = figures_of_runs(runs=[run])[run.pk]
    renewals, renewal = renewals_of(run=run), renewal_behind(run=run)
    waiting = [one.run for one in renewals if one.run.status == RunStatus.PROPOSED]
    is_sending = run.status == RunStatus.RELEASING
    is_sent = is_sending or run.status == RunStatus.RELEASED
    released_at = run.decided_at if is_sent else None
    return RunReview(
        run=run,
        starter_role=run.starter_role,
        figures=figures,
        weights=weights_of(run=run),
        people=(
            people_proposed(runs=[run, *waiting])
            if run.parameters.get("replaced_count")
            else figures.totals.get(TotalKey.PEOPLE, 0)
        ),
        renewals=renewals,
        renewal=renewal,
        may_see_renewed=renewal is not None
        and actor.can(Verb.RUN_VIEW, Scope(place_path=renewal.renewed.place.path)),
        answers=(
            None
            if released_at is None
            else answers_within(path=run.place.path, opened_at=released_at)
        ),
        may_start=actor.can(Verb.RUN_START, scope),
        may_release=actor.can(Verb.RUN_RELEASE, scope),
        has_generated_people=generated_people_exist(),
        release=release_progress(run=run) if is_sending else None,
    )


def run_pair(*, actor: Actor, run_id: int, other_id: int | None) -> RunPair:
    """A run beside another one over the same place: the one asked for, else the latest other.

    At most seven queries. Raises PermissionRefused, also where the run has no plan.
    """
    run = get_run_for(actor=actor, run_id=run_id)
    if run.value is None:
        raise PermissionRefused
    others = list(runs_to_compare(actor=actor, run=run)[:_CHOICES_MAX])
    has_generated = generated_people_exist()
    if not others:
        return RunPair(run, has_generated_people=has_generated)
    other = next((one for one in others if one.pk == other_id), None)
    if other is None:
        other = next((one for one in others if one.pk < run.pk), others[0])
    earlier, later = sorted((run, other), key=lambda one: one.pk)
    figures = figures_of_runs(runs=[earlier, later])
    changes = [one for one in changes_of(run=later) if one.earlier_id == earlier.pk]
    return RunPair(
        run,
        others,
        RunSide(later, figures[later.pk]),
        RunSide(earlier, figures[earlier.pk]),
        changes=changes[0] if changes else None,
        has_generated_people=has_generated,
    )
