"""What a person sees of the own offers, assignments and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from salam.core.actors import Actor
from salam.core.dates import local_day
from salam.core.errors import PermissionRefused
from salam.needs.enums import NeedStatus
from salam.needs.timing import next_day
from salam.organizations.queries import is_usable_intermediary
from salam.people.queries import records_of_person
from salam.places.models import Place
from salam.places.queries import display_names
from salam.service.enums import AssignmentStatus, EndReason, OfferStatus, SessionStatus
from salam.service.models import Assignment, Hours, Offer, Session


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """One offer as the person asked reads it."""

    public_id: UUID
    title: str
    what: str
    why: str
    place_name: str
    half_day: int
    starts_on: date | None
    ends_on: date | None
    """First and last day of a need that has a window, else None."""
    organization_name: str
    people_served: int
    distance_100m: int | None
    status: OfferStatus
    answer_by: datetime
    is_open: bool
    """Whether a yes would be taken now."""
    is_host_waiting: bool
    """The institution cannot call at the moment; the offer stays until its time is over."""

    @property
    def distance_m(self) -> int | None:
        return None if self.distance_100m is None else self.distance_100m * 100


@dataclass(frozen=True, kw_only=True)
class SessionView:
    """One date of an assignment."""

    public_id: UUID
    assignment_id: UUID
    title: str
    place_name: str
    organization_name: str
    happens_on: date
    half_day: int
    status: SessionStatus
    reported_minutes: int | None
    confirmed_minutes: int | None
    is_due: bool
    """Its day has come, so it can be reported."""


@dataclass(frozen=True, kw_only=True)
class AssignmentView:
    """A yes and what it came to."""

    public_id: UUID
    title: str
    place_name: str
    half_day: int
    organization_name: str
    status: AssignmentStatus
    end_reason: EndReason | None
    started_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnService:
    """All that stands on a person's page: asked, promised, coming, waiting, done."""

    offers: Sequence[OfferView]
    assignments: Sequence[AssignmentView]
    coming: Sequence[SessionView]
    to_report: Sequence[SessionView]
    waiting: Sequence[SessionView]
    confirmed: Sequence[SessionView]


# A page, not an archive: the statement of the time bank has all hours.
_CONFIRMED_SHOWN = 20


def own_service(*, actor: Actor, now: datetime) -> OwnService:
    """The whole of a person's service, of all merged records. Raises PermissionRefused."""
    records = _own_records(actor)
    offers = list(_offers(records).filter(status=OfferStatus.OPEN, answer_by__gt=now))
    assignments = list(_assignments(records))
    sessions = list(
        _sessions(records)
        .exclude(status__in=[SessionStatus.CONFIRMED, SessionStatus.CANCELLED])
        .order_by("happens_on", "id"),
    )
    confirmed = list(
        _sessions(records)
        .filter(status=SessionStatus.CONFIRMED)
        .order_by("-happens_on", "-id")[:_CONFIRMED_SHOWN],
    )
    names = _place_names(
        [offer.need_line.need.place for offer in offers]
        + [assignment.offer.need_line.need.place for assignment in assignments]
        + [one.assignment.offer.need_line.need.place for one in (*sessions, *confirmed)],
    )
    minutes = _confirmed_minutes(confirmed)
    today = local_day(now)
    views = [_session_view(one, names, minutes, today=today) for one in sessions]
    return OwnService(
        offers=[_offer_view(offer, names, now=now) for offer in offers],
        assignments=[_assignment_view(assignment, names) for assignment in assignments],
        coming=[one for one in views if not one.is_due],
        to_report=[v for v in views if v.is_due and v.status is SessionStatus.PLANNED],
        waiting=[v for v in views if v.is_due and v.status is SessionStatus.SERVED],
        confirmed=[_session_view(one, names, minutes, today=today) for one in confirmed],
    )


def get_own_offer(*, actor: Actor, offer_id: UUID, now: datetime) -> OfferView:
    """One of the person's own offers, whatever became of it. Raises PermissionRefused."""
    offer = _offers(_own_records(actor)).filter(public_id=offer_id).first()
    if offer is None:
        raise PermissionRefused
    return _offer_view(offer, _place_names([offer.need_line.need.place]), now=now)


def get_own_assignment(*, actor: Actor, assignment_id: UUID) -> AssignmentView:
    """One of the person's own assignments. Raises PermissionRefused."""
    found = _assignments(_own_records(actor)).filter(public_id=assignment_id).first()
    if found is None:
        raise PermissionRefused
    return _assignment_view(found, _place_names([found.offer.need_line.need.place]))


def get_own_session(*, actor: Actor, session_id: UUID, now: datetime) -> SessionView:
    """One of the person's own sessions. Raises PermissionRefused."""
    session = _sessions(_own_records(actor)).filter(public_id=session_id).first()
    if session is None:
        raise PermissionRefused
    return _session_view(
        session,
        _place_names([session.assignment.offer.need_line.need.place]),
        _confirmed_minutes([session]),
        today=local_day(now),
    )


def _own_records(actor: Actor) -> list[int]:
    if actor.person_id is None:
        raise PermissionRefused
    return records_of_person(person_id=actor.person_id)


def _offers(records: Sequence[int]) -> QuerySet[Offer]:
    return (
        Offer.objects.filter(person_id__in=records)
        .select_related("need_line__need__place", "organization")
        .order_by("answer_by", "id")
    )


def _assignments(records: Sequence[int]) -> QuerySet[Assignment]:
    return (
        Assignment.objects.filter(person_id__in=records)
        .select_related("offer__need_line__need__place", "organization")
        .order_by("ended_at", "-started_at", "-id")
    )


def _sessions(records: Sequence[int]) -> QuerySet[Session]:
    return Session.objects.filter(Q(assignment__person_id__in=records)).select_related(
        "assignment__offer__need_line__need__place",
        "assignment__host",
    )


def _place_names(places: Sequence[Place]) -> dict[int, str]:
    return display_names(places=list({place.pk: place for place in places}.values()))


def _confirmed_minutes(sessions: Sequence[Session]) -> dict[int, int]:
    live = Hours.objects.filter(session__in=sessions, reversed_at__isnull=True)
    return dict(live.values_list("session_id", "duration_minutes"))


def _offer_view(offer: Offer, names: dict[int, str], *, now: datetime) -> OfferView:
    need = offer.need_line.need
    is_waiting = offer.status == OfferStatus.OPEN and offer.answer_by > now
    is_over = next_day(offer.need_line, half_day=offer.half_day, after=local_day(now)) is None
    is_host_usable = is_usable_intermediary(organization=offer.organization)
    return OfferView(
        public_id=offer.public_id,
        title=need.title,
        what=need.what,
        why=need.why,
        place_name=names[need.place_id],
        half_day=offer.half_day,
        starts_on=offer.need_line.starts_on,
        ends_on=offer.need_line.ends_on,
        organization_name=offer.organization.name,
        people_served=need.people_served,
        distance_100m=offer.distance_100m,
        # Between the end of its time and the moment somebody writes it down.
        status=OfferStatus.EXPIRED
        if offer.status == OfferStatus.OPEN and not is_waiting
        else OfferStatus(offer.status),
        answer_by=offer.answer_by,
        is_open=(is_waiting and is_host_usable and need.status == NeedStatus.OPEN and not is_over),
        is_host_waiting=is_waiting and not is_host_usable,
    )


def _assignment_view(assignment: Assignment, names: dict[int, str]) -> AssignmentView:
    need = assignment.offer.need_line.need
    return AssignmentView(
        public_id=assignment.public_id,
        title=need.title,
        place_name=names[need.place_id],
        half_day=assignment.offer.half_day,
        organization_name=assignment.organization.name,
        status=AssignmentStatus(assignment.status),
        end_reason=EndReason(assignment.end_reason) if assignment.end_reason else None,
        started_at=assignment.started_at,
        ends_at=assignment.ends_at,
    )


def _session_view(
    session: Session,
    names: dict[int, str],
    minutes: dict[int, int],
    *,
    today: date,
) -> SessionView:
    assignment = session.assignment
    need = assignment.offer.need_line.need
    return SessionView(
        public_id=session.public_id,
        assignment_id=assignment.public_id,
        title=need.title,
        place_name=names[need.place_id],
        organization_name=assignment.host.name,
        happens_on=session.happens_on,
        half_day=assignment.offer.half_day,
        status=SessionStatus(session.status),
        reported_minutes=session.reported_minutes,
        confirmed_minutes=minutes.get(session.pk),
        is_due=session.happens_on <= today,
    )
