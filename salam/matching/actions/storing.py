"""A certified plan becomes proposals: of people who still want them, in place of older ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

import numpy as np
from django.db import transaction

from salam.core.actors import Actor
from salam.core.bulk import copy_rows
from salam.core.events import record_event
from salam.engine import Edges, Solution
from salam.engine.solution import Placements, explain_placements
from salam.matching.enums import Reason, RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries.problem import BuiltProblem
from salam.people.models import Person
from salam.people.queries import matchable_volunteers

_BATCH = 10_000
_PROPOSAL_COLUMNS = (
    "run_id",
    "need_line_id",
    "person_id",
    "province_code",
    "unit",
    "points",
    "distance_100m",
    "reason",
    "candidate_count",
)


@dataclass(frozen=True, eq=False)
class Plan:
    """A solved problem with what is needed to store and explain it; placements: those of the
    solution, less whoever has left since.
    """

    built: BuiltProblem
    edges: Edges
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


@dataclass(frozen=True)
class Timing:
    """When a run ended, how long it worked, and the day it plans on."""

    on: date
    finished_at: datetime
    solve_seconds: float


def store_plan(*, plan: Plan, run_id: int, actor: Actor, timing: Timing) -> Plan:
    """Write the proposals of all who can still be matched; returns the plan as it was stored.

    Older live runs within the run's place are superseded; a live run around it loses its proposals
    for lines inside, so that a line has proposals of one live run only. Writes one Event.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).select_related("place").get(pk=run_id)
        stored = _without_those_who_left(plan, on=timing.on)
        _take_the_place_of_older_runs(run)
        copy_rows(
            model=Proposal,
            columns=_PROPOSAL_COLUMNS,
            rows=_proposal_rows(stored, run_id=run_id),
        )
        run.status = RunStatus.PROPOSED
        run.finished_at = timing.finished_at
        run.solve_seconds = timing.solve_seconds
        run.parameters = {
            "solver": "min_cost_flow",
            "weights": asdict(plan.built.points.weights),
            "left_count": plan.placement_count - stored.placement_count,
        }
        run.volunteer_count = plan.built.problem.volunteer_count
        run.line_count = plan.built.problem.line_count
        run.unit_count = plan.solution.unit_count
        run.proposed_count = stored.proposed_count
        run.violation_count = plan.violation_count
        run.value = stored.value
        run.upper_bound = plan.solution.upper_bound
        run.save()
        record_event(
            kind="matching.run_proposed",
            subject_type="matching.Run",
            subject_id=run_id,
            actor_id=actor.person_id,
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
    stays = np.isin(person_ids, _lock_matchable(np.unique(person_ids).tolist(), on=on))
    stays |= placements.p_is_confirmed
    if stays.all():
        return plan
    left = explain_placements(
        plan.built.problem,
        placements.p_volunteer[stays],
        placements.p_line[stays],
    )
    return replace(plan, placements=left)


def _lock_matchable(person_ids: Sequence[int], *, on: date) -> list[int]:
    """Those of these people, in ascending order, who can be matched, locked against withdrawing.

    The record is locked and not the profile: withdrawing, forgetting and merging all begin there.
    """
    found: list[int] = []
    for start in range(0, len(person_ids), _BATCH):
        batch = person_ids[start : start + _BATCH]
        people = Person.objects.select_for_update(no_key=True).filter(pk__in=batch)
        locked = list(people.order_by("pk").values_list("pk", flat=True))
        # A statement of its own sees what was committed while the lock was waited for.
        matchable = matchable_volunteers(on=on).filter(person_id__in=locked)
        found += matchable.values_list("person_id", flat=True)
    return found


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


def _proposal_rows(plan: Plan, *, run_id: int) -> Iterator[tuple[object, ...]]:
    built, edges, placements = plan.built, plan.edges, plan.placements
    # Speakers of a language are never counted by place (mission, rule 5).
    candidate_count = np.where(built.is_language_asked, 0, np.diff(edges.line_ptr))
    nearest = np.full(built.problem.line_count, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(nearest, edges.line, edges.distance_100m)
    new = ~placements.p_is_confirmed
    for volunteer, line, unit, points, distance in zip(
        placements.p_volunteer[new].tolist(),
        placements.p_line[new].tolist(),
        placements.p_unit[new].tolist(),
        placements.p_points[new].tolist(),
        placements.p_distance_100m[new].tolist(),
        strict=True,
    ):
        candidates = int(candidate_count[line])
        yield (
            run_id,
            int(built.line_ids[line]),
            int(built.person_ids[volunteer]),
            built.province_codes[line],
            unit,
            points,
            distance,
            _reason(candidates, is_nearest=distance == nearest[line]).value,
            candidates,
        )


def _reason(candidates: int, *, is_nearest: bool) -> Reason:
    """Where candidates were not counted (0), nobody is called the only one."""
    if candidates == 1:
        return Reason.ONLY_CANDIDATE
    return Reason.NEAREST if is_nearest else Reason.BEST_OF_PLAN
