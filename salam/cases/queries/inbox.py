"""What waits for whom: the inbox of an office, and what somebody opened."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from salam.access.queries import Reach, reach_of
from salam.cases.enums import Desk
from salam.cases.models import Case
from salam.cases.processes import all_processes
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.people.queries import records_of_person
from salam.places.enums import PlaceKind

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

_PROVINCE_DEPTH = 2


class CaseTotals(TypedDict):
    """What a listed case carries beside its own columns."""

    is_overdue: bool


def cases_waiting_for(
    *, actor: Actor, now: datetime, with_below: bool = False
) -> QuerySet[WithAnnotations[Case, CaseTotals]]:
    """Open cases that wait for the actor's desk, the one due first on top; one query.

    A case whose deadline was missed waits one level up as well. ``with_below``: those of desks
    below too. Annotated with ``is_overdue``. Raises PermissionRefused for who has no desk.
    """
    waiting = Q(pk__in=[])
    has_desk = False
    for verb, steps in _office_steps().items():
        reach = reach_of(actor=actor, verb=verb)
        if reach.is_everywhere or reach.place_paths:
            has_desk = True
            at_steps = Q()
            for process, step in steps:
                at_steps |= Q(process=process, step=step)
            waiting |= at_steps & (_within(reach) if with_below else _at_own_desk(reach))
    if not has_desk:
        raise PermissionRefused
    overdue = ExpressionWrapper(
        Q(due_at__isnull=False, due_at__lt=now), output_field=BooleanField()
    )
    return (
        Case.objects.filter(waiting, closed_at__isnull=True)
        .select_related("place", "desk_place")
        .annotate(is_overdue=overdue)
        .order_by(F("due_at").asc(nulls_last=True), "opened_at", "pk")
    )


def own_cases(*, actor: Actor) -> QuerySet[Case]:
    """What somebody opened, newest first. Raises PermissionRefused for nobody."""
    if actor.person_id is None:
        raise PermissionRefused
    records = records_of_person(person_id=actor.person_id)
    return Case.objects.filter(opened_by__in=records).select_related("place").order_by("-pk")


def _office_steps() -> dict[Verb, list[tuple[str, str]]]:
    """By verb, at which steps of which processes its holders have a move."""
    found: dict[Verb, list[tuple[str, str]]] = {}
    for process in all_processes():
        for move in process.moves:
            for source in move.sources:
                if move.verb is not None:
                    steps = found.setdefault(move.verb, [])
                    if (process.code, source) not in steps:
                        steps.append((process.code, source))
    return found


def _within(reach: Reach) -> Q:
    if reach.is_everywhere:
        return Q()
    within = Q(pk__in=[])
    for path in reach.place_paths:
        within |= Q(desk_place__path__within=path)
    return within


def _at_own_desk(reach: Reach) -> Q:
    """Desks of the levels at which the actor's places lie, and what was missed one level below."""
    if reach.is_everywhere:
        return Q(desk=Desk.COUNTRY) | Q(escalated_place__kind=PlaceKind.COUNTRY)
    own = Q(pk__in=[])
    for path in reach.place_paths:
        if path.count(".") + 1 == _PROVINCE_DEPTH:
            own |= Q(desk=Desk.PROVINCE, desk_place__path=path) | Q(escalated_place__path=path)
        else:
            own |= Q(desk=Desk.NEIGHBOURHOOD, desk_place__path__within=path)
    return own
