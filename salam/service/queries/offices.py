"""What an intermediary or host sees: its own queue, and nobody's name before that person's yes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from salam.access.models import ContactGrant
from salam.access.queries import live_contact_grants, reach_of
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.organizations.models import Organization
from salam.service.enums import AssignmentStatus, OfferStatus, SessionStatus
from salam.service.models import Assignment, Hours, Offer, Session
from salam.service.permissions import Move, host_subject_of_session, may_move


@dataclass(frozen=True)
class Office:
    """An organisation in whose name somebody works."""

    id: int
    name: str


@dataclass(frozen=True)
class OfficeQueue:
    """What waits for an officer, in numbers."""

    unanswered: int
    """Offers in the office's name that people have not answered."""
    active: int
    paused: int
    to_confirm: int
    """Sessions whose day has come and whose hours nobody confirmed."""


@dataclass(frozen=True, eq=False)
class AssignmentPage:
    """One assignment as its office sees it."""

    assignment: Assignment
    sessions: Sequence[Session]
    """Newest first."""
    minutes: dict[int, int]
    """Confirmed minutes by session."""
    contact_grant: ContactGrant | None
    """By which the volunteer's number can be opened now; None when nobody may."""


def list_offers_for(
    *,
    actor: Actor,
    statuses: Collection[OfferStatus] = (OfferStatus.OPEN,),
) -> QuerySet[Offer]:
    """Offers in the name of the actor's offices, soonest to be answered first; one query.

    The person is left out: who has not said yes is nobody's business.
    """
    return (
        Offer.objects.filter(_within_reach(actor, "organization_id"), status__in=statuses)
        .defer("person")
        .select_related("need_line__need__place", "organization")
        .order_by("answer_by", "id")
    )


def list_assignments_for(
    *,
    actor: Actor,
    statuses: Collection[AssignmentStatus] = (AssignmentStatus.ACTIVE, AssignmentStatus.PAUSED),
) -> QuerySet[Assignment]:
    """Assignments of the actor's offices with the volunteers' names, newest first; one query."""
    return (
        Assignment.objects.filter(_within_reach(actor, "organization_id"), status__in=statuses)
        .select_related("person", "offer__need_line__need__place", "organization", "host")
        .order_by("-started_at", "-id")
    )


def list_sessions_for(
    *,
    actor: Actor,
    statuses: Collection[SessionStatus] = (SessionStatus.PLANNED, SessionStatus.SERVED),
    until: date | None = None,
) -> QuerySet[Session]:
    """Sessions hosted by the actor's offices, oldest first; one query.

    With ``until`` only those whose day has come.
    """
    sessions = Session.objects.filter(
        _within_reach(actor, "assignment__host_id"),
        status__in=statuses,
    )
    if until is not None:
        sessions = sessions.filter(happens_on__lte=until)
    return sessions.select_related(
        "assignment__person",
        "assignment__offer__need_line__need__place",
        "assignment__host",
    ).order_by("happens_on", "id")


def get_offer_for(*, actor: Actor, offer_id: UUID) -> Offer:
    """One offer in the name of the actor's offices, its person left out.

    Raises PermissionRefused.
    """
    offers = list_offers_for(actor=actor, statuses=tuple(OfferStatus))
    offer = offers.filter(public_id=offer_id).first()
    if offer is None:
        raise PermissionRefused
    return offer


def offices_of(*, actor: Actor) -> list[Office]:
    """The organisations whose assignments the actor sees, by name in Persian order; one query."""
    reach = reach_of(actor=actor, verb=Verb.ASSIGNMENT_VIEW)
    rows = Organization.objects.filter(pk__in=reach.organization_ids).order_by("sort_key", "id")
    return [Office(*row) for row in rows.values_list("id", "name")]


def with_next_day(*, assignments: QuerySet[Assignment], on: date) -> QuerySet[Assignment]:
    """Each annotated with ``next_on``: its next planned date from a day on, or None."""
    planned = Session.objects.filter(
        assignment=OuterRef("pk"),
        status=SessionStatus.PLANNED,
        happens_on__gte=on,
    )
    return assignments.annotate(
        next_on=Subquery(planned.order_by("happens_on").values("happens_on")[:1]),
    )


def with_confirmed_minutes(*, sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Each annotated with ``confirmed_minutes`` as they stand in the bank, or None."""
    live = Hours.objects.filter(session=OuterRef("pk"), reversed_at__isnull=True)
    return sessions.annotate(confirmed_minutes=Subquery(live.values("duration_minutes")[:1]))


def get_assignment_for(*, actor: Actor, assignment_id: UUID, now: datetime) -> AssignmentPage:
    """One assignment of the actor's offices with its sessions. Raises PermissionRefused."""
    assignment = (
        list_assignments_for(actor=actor, statuses=tuple(AssignmentStatus))
        .filter(public_id=assignment_id)
        .first()
    )
    if assignment is None:
        raise PermissionRefused
    sessions = list(assignment.sessions.order_by("-happens_on", "-id"))
    live = Hours.objects.filter(session__in=sessions, reversed_at__isnull=True)
    return AssignmentPage(
        assignment=assignment,
        sessions=sessions,
        minutes=dict(live.values_list("session_id", "duration_minutes")),
        contact_grant=live_contact_grants(at=now)
        .filter(origin=assignment.contact_origin, organization_id=assignment.organization_id)
        .first(),
    )


def get_session_for(*, actor: Actor, session_id: UUID, move: Move) -> Session:
    """One session on which the actor may make a move as its host. Raises PermissionRefused."""
    session = (
        Session.objects.select_related(
            "assignment__person",
            "assignment__offer__need_line__need__place",
            "assignment__host",
        )
        .filter(public_id=session_id)
        .first()
    )
    if session is None:
        raise PermissionRefused
    subject = host_subject_of_session(session=session)
    if not may_move(actor=actor, move=move, subject=subject):
        raise PermissionRefused
    return session


def office_queue(*, actor: Actor, on: date) -> OfficeQueue:
    """Four counts over the actor's offices."""
    assignments = list_assignments_for(actor=actor).order_by()
    return OfficeQueue(
        unanswered=list_offers_for(actor=actor).count(),
        active=assignments.filter(status=AssignmentStatus.ACTIVE).count(),
        paused=assignments.filter(status=AssignmentStatus.PAUSED).count(),
        to_confirm=list_sessions_for(actor=actor, until=on).count(),
    )


def _within_reach(actor: Actor, column: str) -> Q:
    reach = reach_of(actor=actor, verb=Verb.ASSIGNMENT_VIEW)
    return Q() if reach.is_everywhere else Q(**{f"{column}__in": reach.organization_ids})
