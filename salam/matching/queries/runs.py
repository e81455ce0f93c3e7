"""Reading runs and what they proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Count

from salam.matching.enums import LIVE_RUNS, RunStage, RunStatus
from salam.matching.models import Proposal, Run, VolunteerWord
from salam.needs.models import Need
from salam.people.queries import records_of_person

COUNTRY_CODE: Final = "ir"
# Held by whoever runs the engine. Any constant does, as long as nobody else takes the same lock.
RUN_LOCK: Final = 7_300_212


@dataclass(frozen=True)
class RunSummary:
    """One finished run in numbers."""

    run_id: int
    place_name: str
    finished_at: datetime
    value: int
    upper_bound: int

    @property
    def gap_ppm(self) -> float:
        """How far the plan can be from the best possible one, in millionths of its bound."""
        if self.upper_bound <= 0:
            return 0.0
        return (self.upper_bound - self.value) / self.upper_bound * 1_000_000


def last_run(*, place_code: str = COUNTRY_CODE) -> RunSummary | None:
    """The newest live run over exactly this place, or None when there is none.

    Only a run over the whole country is shown to the public: one over a village would tell who
    lives there.
    """
    run = (
        Run.objects.filter(status__in=LIVE_RUNS, place__code=place_code)
        .select_related("place")
        .order_by("-id")
        .first()
    )
    if run is None or run.finished_at is None or run.value is None or run.upper_bound is None:
        return None
    return RunSummary(
        run_id=run.pk,
        place_name=run.place.name,
        finished_at=run.finished_at,
        value=run.value,
        upper_bound=run.upper_bound,
    )


def last_run_for(*, need: Need) -> Run | None:
    """The newest live run that looked at a need: over a place around it, begun after the need was
    opened. The need's place must be loaded.
    """
    return (
        Run.objects.filter(
            status__in=LIVE_RUNS,
            place__path__above=need.place.path,
            started_at__gte=need.created_at,
        )
        .select_related("place")
        .order_by("-id")
        .first()
    )


def unfinished_runs() -> int:
    """How many runs are said to be running while nobody works on any: they were killed.

    A run that waits for a worker has not begun.
    """
    if is_somebody_running():
        return 0
    begun = Run.objects.filter(status=RunStatus.RUNNING).exclude(stage=RunStage.QUEUED)
    return begun.count()


def is_somebody_running() -> bool:
    """Whether some process works on a run now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT 1
                FROM pg_locks AS held
                JOIN pg_database AS ours ON ours.oid = held.database
                WHERE ours.datname = current_database()
                  AND held.locktype = 'advisory' AND held.granted
                  AND (held.classid, held.objid, held.objsubid) = (0, %s, 1)
            )
            """,
            [RUN_LOCK],
        )
        return bool(cursor.fetchone()[0])


def proposals_held(*, person_id: int) -> Mapping[str, object]:
    """What the room holds on a person, for the person's own export."""
    proposals = Proposal.objects.filter(person_id__in=records_of_person(person_id=person_id))
    return {
        "proposals": list(
            proposals.order_by("run_id", "id").values(
                "need_line__need__title",
                "half_day",
                "distance_100m",
                "run__finished_at",
            ),
        ),
        # What matching worked out from the person's own record, so as not to do it every time.
        "words": list(
            VolunteerWord.objects.filter(
                person_id__in=records_of_person(person_id=person_id),
            ).values("is_matchable", "word", "valid_from", "valid_until"),
        ),
        "runs_started": Run.objects.filter(
            started_by_id__in=records_of_person(person_id=person_id),
        ).count(),
    }


def proposal_counts_by_place(*, run_id: int, province_code: str | None = None) -> Mapping[str, int]:
    """Proposals of a run by province code, or by the need's place code within one province."""
    proposals = Proposal.objects.filter(run_id=run_id).order_by()
    if province_code is None:
        rows = proposals.values_list("province_code").annotate(count=Count("id"))
    else:
        rows = (
            proposals.filter(province_code=province_code)
            .values_list("need_line__need__place__code")
            .annotate(count=Count("id"))
        )
    return dict(rows)
