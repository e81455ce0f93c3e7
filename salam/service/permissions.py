"""The three processes of this room: which states there are, which moves, and who may make each.

Each process stands in one table. An action names its move; :func:`require_move` answers whether
this actor may make it now. What the system does by itself (a term that runs out, a consent taken
back) is a move of nobody: no actor passes for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from salam.core.actors import Actor, Scope
from salam.core.errors import DomainError, PermissionRefused
from salam.core.verbs import Verb
from salam.people.queries import records_of_people, records_of_person
from salam.service.enums import AssignmentStatus, OfferStatus, SessionStatus
from salam.service.models import Assignment, Offer, Session

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

State = OfferStatus | AssignmentStatus | SessionStatus


class Move(Enum):
    ACCEPT = "offer.accept"
    DECLINE = "offer.decline"
    WITHDRAW = "offer.withdraw"
    EXPIRE = "offer.expire"
    FULFIL = "offer.fulfil"
    PAUSE = "assignment.pause"
    RESUME = "assignment.resume"
    LEAVE = "assignment.leave"
    END = "assignment.end"
    LAPSE = "assignment.lapse"
    REPORT = "session.report"
    CONFIRM = "session.confirm"
    CANCEL = "session.cancel"
    REVERSE = "session.reverse"
    DROP = "session.drop"
    REOPEN = "session.reopen"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """From which states a move goes to which, and whose it is."""

    sources: frozenset[State]
    target: State
    is_volunteers: bool = False
    """The person whose offer, assignment or session it is."""
    verb: Verb | None = None
    """Whoever holds this verb over the organisation."""
    refusal: StrOrPromise
    """What is said when the state does not allow the move any more."""


_ANSWERED: Final = _("این پیشنهاد دیگر در انتظار پاسخ نیست.")
_OVER: Final = _("این همکاری پایان یافته است.")
_SETTLED: Final = _("این نوبت پیش‌تر تعیین تکلیف شده است.")

OFFER: Final[Mapping[Move, Rule]] = {
    Move.ACCEPT: Rule(
        sources=frozenset({OfferStatus.OPEN}),
        target=OfferStatus.ACCEPTED,
        is_volunteers=True,
        refusal=_ANSWERED,
    ),
    Move.DECLINE: Rule(
        sources=frozenset({OfferStatus.OPEN}),
        target=OfferStatus.DECLINED,
        is_volunteers=True,
        refusal=_ANSWERED,
    ),
    Move.WITHDRAW: Rule(
        sources=frozenset({OfferStatus.OPEN}),
        target=OfferStatus.WITHDRAWN,
        verb=Verb.OFFER_WITHDRAW,
        refusal=_ANSWERED,
    ),
    Move.EXPIRE: Rule(
        sources=frozenset({OfferStatus.OPEN}),
        target=OfferStatus.EXPIRED,
        refusal=_ANSWERED,
    ),
    Move.FULFIL: Rule(
        sources=frozenset({OfferStatus.ACCEPTED}),
        target=OfferStatus.FULFILLED,
        refusal=_ANSWERED,
    ),
}

ASSIGNMENT: Final[Mapping[Move, Rule]] = {
    Move.PAUSE: Rule(
        sources=frozenset({AssignmentStatus.ACTIVE}),
        target=AssignmentStatus.PAUSED,
        verb=Verb.ASSIGNMENT_END,
        refusal=_("این همکاری اکنون در جریان نیست."),
    ),
    Move.RESUME: Rule(
        sources=frozenset({AssignmentStatus.PAUSED}),
        target=AssignmentStatus.ACTIVE,
        verb=Verb.ASSIGNMENT_END,
        refusal=_("این همکاری در درنگ نیست."),
    ),
    Move.LEAVE: Rule(
        sources=frozenset({AssignmentStatus.ACTIVE, AssignmentStatus.PAUSED}),
        target=AssignmentStatus.ENDED,
        is_volunteers=True,
        refusal=_OVER,
    ),
    Move.END: Rule(
        sources=frozenset({AssignmentStatus.ACTIVE, AssignmentStatus.PAUSED}),
        target=AssignmentStatus.ENDED,
        verb=Verb.ASSIGNMENT_END,
        refusal=_OVER,
    ),
    Move.LAPSE: Rule(
        sources=frozenset({AssignmentStatus.ACTIVE, AssignmentStatus.PAUSED}),
        target=AssignmentStatus.ENDED,
        refusal=_OVER,
    ),
}

SESSION: Final[Mapping[Move, Rule]] = {
    Move.REPORT: Rule(
        sources=frozenset({SessionStatus.PLANNED, SessionStatus.SERVED}),
        target=SessionStatus.SERVED,
        is_volunteers=True,
        refusal=_SETTLED,
    ),
    Move.CONFIRM: Rule(
        sources=frozenset({SessionStatus.PLANNED, SessionStatus.SERVED}),
        target=SessionStatus.CONFIRMED,
        verb=Verb.HOURS_CONFIRM,
        refusal=_SETTLED,
    ),
    # Either side may say that a session was not held; nobody is asked why.
    Move.CANCEL: Rule(
        sources=frozenset({SessionStatus.PLANNED}),
        target=SessionStatus.CANCELLED,
        is_volunteers=True,
        verb=Verb.SESSION_PLAN,
        refusal=_SETTLED,
    ),
    Move.REVERSE: Rule(
        sources=frozenset({SessionStatus.CONFIRMED}),
        target=SessionStatus.SERVED,
        verb=Verb.HOURS_REVERSE,
        refusal=_("ساعت‌های این نوبت تأیید نشده یا پیش‌تر برگشت خورده است."),
    ),
    # A day that was called off, by mistake or by a pause, is put back by the host.
    Move.REOPEN: Rule(
        sources=frozenset({SessionStatus.CANCELLED}),
        target=SessionStatus.PLANNED,
        verb=Verb.SESSION_PLAN,
        refusal=_SETTLED,
    ),
    # The assignment ended or paused before it, or the person was forgotten.
    Move.DROP: Rule(
        sources=frozenset({SessionStatus.PLANNED, SessionStatus.SERVED}),
        target=SessionStatus.CANCELLED,
        refusal=_SETTLED,
    ),
}

PROCESSES: Final[Mapping[type[State], Mapping[Move, Rule]]] = {
    OfferStatus: OFFER,
    AssignmentStatus: ASSIGNMENT,
    SessionStatus: SESSION,
}


class MoveNotPossible(DomainError):
    """The state has changed: somebody else was quicker, or the page is old."""

    code = "move_not_possible"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is moved: its state, whose it is, and the organisation that answers for it."""

    state: State
    person_ids: frozenset[int]
    """All records of the person: after a merge either number stands for the same one."""
    scope: Scope


def rule_of(*, move: Move, state: State) -> Rule:
    """The rule of a move in the process that the state belongs to."""
    return PROCESSES[type(state)][move]


def may_move(*, actor: Actor, move: Move, subject: Subject) -> bool:
    """Whether the actor may ever make this move here, whatever the state is now."""
    rule = rule_of(move=move, state=subject.state)
    is_own = actor.person_id is not None and actor.person_id in subject.person_ids
    return (rule.is_volunteers and is_own) or (
        rule.verb is not None and actor.can(rule.verb, subject.scope)
    )


def require_move(*, actor: Actor, move: Move, subject: Subject) -> State:
    """The state after the move.

    Raises PermissionRefused for who may never make it, before anything is said about the state,
    then MoveNotPossible.
    """
    if not may_move(actor=actor, move=move, subject=subject):
        raise PermissionRefused
    return after(move=move, state=subject.state)


def after(*, move: Move, state: State) -> State:
    """The state after a move that is allowed or nobody's. Raises MoveNotPossible."""
    rule = rule_of(move=move, state=state)
    if state not in rule.sources:
        raise MoveNotPossible(rule.refusal)
    return rule.target


def subject_of_offer(*, offer: Offer) -> Subject:
    return Subject(
        state=OfferStatus(offer.status),
        person_ids=_records(offer.person_id),
        scope=Scope(
            place_path=offer.need_line.need.place.path,
            organization_id=offer.organization_id,
        ),
    )


def subject_of_assignment(*, assignment: Assignment) -> Subject:
    return Subject(
        state=AssignmentStatus(assignment.status),
        person_ids=_records(assignment.person_id),
        scope=Scope(
            place_path=assignment.offer.need_line.need.place.path,
            organization_id=assignment.organization_id,
        ),
    )


def subject_of_session(*, session: Session) -> Subject:
    return subjects_of_sessions(sessions=[session])[0]


def subjects_of_sessions(*, sessions: Sequence[Session]) -> list[Subject]:
    """In the order of the sessions; two queries."""
    records = records_of_people(person_ids={one.assignment.person_id for one in sessions})
    return [
        replace(
            host_subject_of_session(session=session),
            person_ids=records[session.assignment.person_id],
        )
        for session in sessions
    ]


def host_subject_of_session(*, session: Session) -> Subject:
    """The host's side alone, which no volunteer's own rights open. No query.

    The host answers for a session, whoever brokered it.
    """
    assignment = session.assignment
    return Subject(
        state=SessionStatus(session.status),
        person_ids=frozenset(),
        scope=Scope(
            place_path=assignment.offer.need_line.need.place.path,
            organization_id=assignment.host_id,
        ),
    )


def _records(person_id: int) -> frozenset[int]:
    return frozenset(records_of_person(person_id=person_id))
