"""What headquarters reads of a run before and after deciding on it. Nobody is named here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from salam.access.enums import HEADQUARTERS_ROLES
from salam.access.models import Grant
from salam.access.queries import Reach, reach_of
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.matching.enums import LIVE_RUNS, RunStatus
from salam.matching.models import Proposal, Renewal, Run
from salam.places.enums import PlaceKind
from salam.places.models import Place

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class RunStarter(TypedDict):
    """What a listed run carries beside its own columns."""

    starter_role: str | None
    is_renewal: bool


def list_runs_for(*, actor: Actor) -> QuerySet[WithAnnotations[Run, RunStarter]]:
    """Runs over places that the actor may look at, newest first; one query.

    Annotated with ``starter_role``, the role at headquarters in which somebody started it, None for
    the operator, and ``is_renewal``: nobody did. Raises PermissionRefused for somebody who may look
    at runs nowhere.
    """
    reach = reach_of(actor=actor, verb=Verb.RUN_VIEW)
    if not reach.is_everywhere and not reach.place_paths:
        raise PermissionRefused
    roles = Grant.objects.filter(
        person_id=OuterRef("started_by_id"),
        role__in=HEADQUARTERS_ROLES,
        valid_from__lte=OuterRef("started_at"),
    )
    return (
        Run.objects.filter(_over_places(reach, "place__path"))
        .select_related("place")
        .annotate(
            starter_role=Subquery(roles.order_by("-valid_from").values("role")[:1]),
            is_renewal=Exists(Renewal.objects.filter(run=OuterRef("pk"))),
        )
        .order_by("-pk")
    )


def get_run_for(*, actor: Actor, run_id: int) -> WithAnnotations[Run, RunStarter]:
    """One run that the actor may look at, with its place. Raises PermissionRefused."""
    run = list_runs_for(actor=actor).filter(pk=run_id).first()
    if run is None:
        raise PermissionRefused
    return run


def runs_to_review(*, actor: Actor, path: str) -> int:
    """How many plans within a place wait for the actor's decision."""
    return (
        list_runs_for(actor=actor)
        .filter(status=RunStatus.PROPOSED, place__path__within=path)
        .count()
    )


def places_to_run(*, actor: Actor) -> list[Place]:
    """The country and the provinces over which the actor may start a run, largest first.

    Raises PermissionRefused where there is none.
    """
    reach = reach_of(actor=actor, verb=Verb.RUN_START)
    places = list(
        Place.objects.filter(
            _over_places(reach, "path"),
            kind__in=[PlaceKind.COUNTRY, PlaceKind.PROVINCE],
            valid_to__isnull=True,
        ).order_by("kind", "sort_key"),
    )
    if not places:
        raise PermissionRefused
    return places


def place_to_run(*, actor: Actor, code: str) -> Place:
    """One of ``places_to_run`` by its code. Raises PermissionRefused."""
    for place in places_to_run(actor=actor):
        if place.code == code:
            return place
    raise PermissionRefused


def runs_to_compare(*, actor: Actor, run: Run) -> QuerySet[WithAnnotations[Run, RunStarter]]:
    """Runs with a plan over the same place that the actor may look at, newest first, without this
    one.
    """
    planned = list_runs_for(actor=actor).filter(place=run.place, value__isnull=False)
    return planned.exclude(pk=run.pk)


def proposals_of(*, run: Run) -> QuerySet[Proposal]:
    """What a run proposed, need by need, without the persons: review is about the plan.

    In the order of an index, so that a page of it costs the same however many there are.
    """
    return (
        Proposal.objects.filter(run=run)
        .defer("person")
        .select_related("need_line__need__place")
        .order_by("need_line_id", "unit")
    )


def people_proposed(*, runs: Sequence[Run]) -> int:
    """How many people some runs' proposals name: one may serve on several half-days.

    Looks at all of them: of one run out of which nothing was taken, the figures say the same.
    """
    return Proposal.objects.filter(run__in=runs).values("person_id").distinct().count()


def proposed_counts_within(*, path: str) -> Mapping[str, int]:
    """People proposed for open needs of a place, by the path of its parts (``part_within``).

    A line counts once, with what the newest live run proposed for it.
    """
    statement = """
        SELECT subpath(place.path, 0, %(depth)s)::text AS part, sum(newest.count)::bigint
        FROM (
            SELECT DISTINCT ON (proposal.need_line_id)
                proposal.need_line_id, count(*) AS count
            FROM matching_proposal AS proposal
            JOIN matching_run AS run ON run.id = proposal.run_id
            WHERE run.status = ANY(%(live)s)
            GROUP BY proposal.need_line_id, proposal.run_id
            ORDER BY proposal.need_line_id, proposal.run_id DESC
        ) AS newest
        JOIN needs_needline AS line ON line.id = newest.need_line_id
        JOIN needs_need AS need ON need.id = line.need_id
        JOIN places_place AS place ON place.id = need.place_id
        WHERE need.status = 'open' AND place.path <@ %(path)s::ltree
        GROUP BY part
    """
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"path": path, "depth": path.count(".") + 2, "live": [one.value for one in LIVE_RUNS]},
        )
        return dict(cursor.fetchall())


def _over_places(reach: Reach, column: str) -> Q:
    if reach.is_everywhere:
        return Q()
    allowed = Q(pk__in=[])
    for path in reach.place_paths:
        allowed |= Q(**{f"{column}__within": path})
    return allowed
