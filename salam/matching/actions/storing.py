"""A certified plan becomes proposals: of people who still want them, in place of older ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction

from salam.core.columns import among, copy_columns
from salam.core.events import record_event
from salam.engine import Solution
from salam.engine.solution import Placements, explain_placements
from salam.matching.actions.recruiting import price_recruits, store_recruits
from salam.matching.actions.summarising import summarise_run
from salam.matching.enums import Reason, RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries.problem import BuiltProblem
from salam.matching.queries.recruits import TYPICAL_WORTH
from salam.matching.queries.volunteers import matchable_among
from salam.people.models import Person


@dataclass(frozen=True, eq=False)
class Plan:
    """A solved problem with what is needed to store and explain it; placements: those of the
    solution, less whoever has left since.
    """

    built: BuiltProblem
    solution: Solution
    placements: Placements
    violation_count: int

    @property
    def placement_count(self) -> int:
        return len(self.placements.p_volunteer)

    @property
    def proposed_count(self) -> int:
        """Placements that are new: live offers are confirmed and asked nobody again."""
        return int((~self.placements.p_is_confirmed).sum())

    @property
    def value(self) -> int:
        return int(self.placements.p_value.sum())

    @property
    def typical_worth(self) -> int:
        """The median worth of a placement in units of 100 m; 0 where there is none."""
        return int(np.median(self.placements.p_value)) if self.placement_count else 0


@dataclass(frozen=True)
class Timing:
    """When a run ended, how long it worked, and the day it plans on."""

    on: date
    finished_at: datetime
    solve_seconds: float


def store_plan(*, plan: Plan, run_id: int, actor_id: int | None, timing: Timing) -> Plan:
    """Write the proposals of all who can still be matched; returns the plan as it was stored.

    Older live runs within the run's place are superseded; a live run around it loses its proposals
    for lines inside, so that a line has proposals of one live run only. Writes one Event.
    """
    planned = Run.objects.select_related("place").get(pk=run_id)
    # At national size this takes seconds: it must not hold the locks of the transaction.
    worths = price_recruits(run=planned, built=plan.built, solution=plan.solution)
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).select_related("place").get(pk=run_id)
        stored = _without_those_who_left(plan, on=timing.on)
        _take_the_place_of_older_runs(run)
        copy_columns(model=Proposal, columns=_proposal_columns(stored, run_id=run_id))
        run.status = RunStatus.PROPOSED
        run.finished_at = timing.finished_at
        run.solve_seconds = timing.solve_seconds
        run.parameters = {
            "solver": "auction",
            "weights": asdict(plan.built.points.weights),
            "left_count": plan.placement_count - stored.placement_count,
            # What one place of this plan is worth: the unit in which more of something is told.
            TYPICAL_WORTH: stored.typical_worth,
        }
        run.volunteer_count = plan.built.problem.volunteer_count
        run.line_count = len(plan.built.asked)
        run.unit_count = int(plan.built.asked.sum())
        run.proposed_count = stored.proposed_count
        run.violation_count = plan.violation_count
        run.value = stored.value
        run.upper_bound = plan.solution.upper_bound
        run.save()
        summarise_run(
            run=run,
            built=stored.built,
            placements=stored.placements,
            candidate_count=stored.solution.candidate_count,
        )
        store_recruits(run_id=run_id, worths=worths)
        record_event(
            kind="matching.run_proposed",
            subject_type="matching.Run",
            subject_id=run_id,
            actor_id=actor_id,
            payload={"proposal_count": stored.proposed_count},
        )
    return stored


def _without_those_who_left(plan: Plan, *, on: date) -> Plan:
    """A run is long: people withdraw or are forgotten meanwhile.

    A part of a valid plan is valid, and worth no more than the bound. Its value is counted anew,
    since the units of a line go to those who stay.
    """
    placements = plan.placements
    person_ids = plan.built.person_ids[placements.p_volunteer]
    stays = np.isin(person_ids, _lock_matchable(np.unique(person_ids), on=on))
    stays |= placements.p_is_confirmed
    if stays.all():
        return plan
    left = explain_placements(
        plan.built.problem,
        placements.p_volunteer[stays],
        placements.p_line[stays],
    )
    return replace(plan, placements=left)


def _lock_matchable(person_ids: npt.NDArray[np.int64], *, on: date) -> npt.NDArray[np.int64]:
    """Those of these people, in ascending order, who can be matched, locked against withdrawing.

    The record is locked and not the profile: withdrawing, forgetting and merging all begin there.
    """
    people = Person.objects.select_for_update(no_key=True).filter(pk__in=among(keys=person_ids))
    list(people.order_by("pk").values_list("pk"))
    # A statement of its own sees what was committed while the locks were waited for.
    return matchable_among(person_ids=person_ids, on=on)


def _take_the_place_of_older_runs(run: Run) -> None:
    live = Run.objects.filter(status=RunStatus.PROPOSED)
    live.filter(place__path__within=run.place.path).update(status=RunStatus.SUPERSEDED)
    for around in live.filter(place__path__above=run.place.path).order_by("pk"):
        inside = Proposal.objects.filter(
            run=around,
            need_line__need__place__path__within=run.place.path,
        )
        replaced_count = inside.delete()[0]
        # Its own counts stay what they were when it was certified.
        before = around.parameters.get("replaced_count", 0)
        around.parameters["replaced_count"] = before + replaced_count
        around.save(update_fields=["parameters"])


def _proposal_columns(plan: Plan, *, run_id: int) -> dict[str, npt.NDArray[Any]]:
    """The new proposals as columns of their table, [P]."""
    built, placements = plan.built, plan.placements
    new = ~placements.p_is_confirmed
    line = placements.p_line[new]
    solution = plan.solution
    distance = placements.p_distance_100m[new]
    # Speakers of a language are never counted by place (mission, rule 5).
    count = np.where(built.is_language_asked, 0, solution.candidate_count)[line]
    # Where candidates were not counted (0), nobody is called the only one.
    is_only = (count == 1) & ~solution.has_more[line]
    is_nearest = distance == solution.nearest_100m[line]
    return {
        "run_id": np.full(len(line), run_id),
        "need_line_id": built.line_ids[line],
        "half_day": built.problem.l_slot[line],
        "person_id": built.person_ids[placements.p_volunteer[new]],
        "province_code": built.province_codes[line],
        "unit": placements.p_unit[new],
        "points": placements.p_points[new],
        "distance_100m": distance,
        "reason": np.select(
            [is_only, is_nearest],
            [Reason.ONLY_CANDIDATE.value, Reason.NEAREST.value],
            Reason.BEST_OF_PLAN.value,
        ),
        "candidate_count": count,
        # Nothing is told of a count that is not told.
        "has_more_candidates": solution.has_more[line] & (count > 0),
    }
