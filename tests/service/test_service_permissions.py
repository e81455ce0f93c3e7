"""Every state, every move, every party: what is allowed, and that what is not changes nothing.

The expectations are written down here once more, from the rules in words and not from the tables
under test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import transaction

from salam.core.actors import Actor, Stranger
from salam.core.errors import DomainError, PermissionRefused
from salam.service.actions import (
    Confirmation,
    accept_offer,
    cancel_session,
    confirm_hours,
    decline_offer,
    end_assignment,
    expire_offers,
    leave_assignment,
    pause_assignment,
    report_session,
    resume_assignment,
    reverse_hours,
    withdraw_offer,
)
from salam.service.enums import (
    AssignmentStatus,
    DeclineReason,
    EndReason,
    OfferStatus,
    SessionStatus,
)
from salam.service.models import Assignment, Offer, Session
from salam.service.permissions import (
    PROCESSES,
    Move,
    MoveNotPossible,
    State,
    Subject,
    after,
    may_move,
    subject_of_assignment,
    subject_of_offer,
    subject_of_session,
)
from salam.timebank.enums import ReversalReason
from tests.cast import DAY, NOW
from tests.service.worlds import AGREED, WEEK, ServiceWorld

OWNER, OFFICER, NATIONAL, PROVINCIAL = "owner", "officer", "national", "provincial"
PARTIES: Final = (
    OWNER,
    "another volunteer",
    OFFICER,
    "officer elsewhere",
    NATIONAL,
    PROVINCIAL,
    "facilitator",
    "centre manager",
    "agency reader",
    "stranger",
)
HEADQUARTERS: Final = {NATIONAL, PROVINCIAL}
# Who may make a move, and from which state it leads where.
RULES: Final[Mapping[Move, tuple[set[str], dict[State, State]]]] = {
    Move.ACCEPT: ({OWNER}, {OfferStatus.OPEN: OfferStatus.ACCEPTED}),
    Move.DECLINE: ({OWNER}, {OfferStatus.OPEN: OfferStatus.DECLINED}),
    Move.WITHDRAW: (
        {OFFICER, *HEADQUARTERS},
        {OfferStatus.OPEN: OfferStatus.WITHDRAWN},
    ),
    Move.EXPIRE: (set(), {OfferStatus.OPEN: OfferStatus.EXPIRED}),
    Move.FULFIL: (set(), {OfferStatus.ACCEPTED: OfferStatus.FULFILLED}),
    Move.PAUSE: (
        {OFFICER, *HEADQUARTERS},
        {AssignmentStatus.ACTIVE: AssignmentStatus.PAUSED},
    ),
    Move.RESUME: (
        {OFFICER, *HEADQUARTERS},
        {AssignmentStatus.PAUSED: AssignmentStatus.ACTIVE},
    ),
    Move.LEAVE: (
        {OWNER},
        {
            AssignmentStatus.ACTIVE: AssignmentStatus.ENDED,
            AssignmentStatus.PAUSED: AssignmentStatus.ENDED,
        },
    ),
    Move.END: (
        {OFFICER, *HEADQUARTERS},
        {
            AssignmentStatus.ACTIVE: AssignmentStatus.ENDED,
            AssignmentStatus.PAUSED: AssignmentStatus.ENDED,
        },
    ),
    Move.LAPSE: (
        set(),
        {
            AssignmentStatus.ACTIVE: AssignmentStatus.ENDED,
            AssignmentStatus.PAUSED: AssignmentStatus.ENDED,
        },
    ),
    Move.REPORT: (
        {OWNER},
        {
            SessionStatus.PLANNED: SessionStatus.SERVED,
            SessionStatus.SERVED: SessionStatus.SERVED,
        },
    ),
    # Whoever approves a run does not also attest that its people came.
    Move.CONFIRM: (
        {OFFICER},
        {
            SessionStatus.PLANNED: SessionStatus.CONFIRMED,
            SessionStatus.SERVED: SessionStatus.CONFIRMED,
        },
    ),
    Move.CANCEL: ({OWNER, OFFICER}, {SessionStatus.PLANNED: SessionStatus.CANCELLED}),
    Move.REVERSE: (
        {OFFICER},
        {SessionStatus.CONFIRMED: SessionStatus.SERVED},
    ),
    Move.REOPEN: ({OFFICER}, {SessionStatus.CANCELLED: SessionStatus.PLANNED}),
    Move.DROP: (
        set(),
        {
            SessionStatus.PLANNED: SessionStatus.CANCELLED,
            SessionStatus.SERVED: SessionStatus.CANCELLED,
        },
    ),
}
# The same answer again is the same answer: a second press of the button.
AGAIN: Final = {
    (Move.ACCEPT, OfferStatus.ACCEPTED),
    (Move.DECLINE, OfferStatus.DECLINED),
    (Move.CONFIRM, SessionStatus.CONFIRMED),
    (Move.CANCEL, SessionStatus.CANCELLED),
}
STATES: Final = (*OfferStatus, *AssignmentStatus, *SessionStatus)
LATER: Final = NOW + WEEK


@dataclass
class Stage:
    """A world in which one thing has come to one state."""

    world: ServiceWorld
    thing: Offer | Assignment | Session
    parties: Mapping[str, Actor]

    @property
    def subject(self) -> Subject:
        if isinstance(self.thing, Offer):
            return subject_of_offer(offer=self.thing)
        if isinstance(self.thing, Assignment):
            return subject_of_assignment(assignment=self.thing)
        return subject_of_session(session=self.thing)


@pytest.fixture
def world(db: None) -> ServiceWorld:
    return ServiceWorld()


def staged(world: ServiceWorld, state: State) -> Stage:
    cast = world.cast
    other = world.volunteer(consents=AGREED)
    parties: dict[str, Actor] = {
        OWNER: world.volunteer_actor,
        "another volunteer": world.actor(other),
        OFFICER: world.officer,
        "officer elsewhere": world.actor(cast.other_officer.pk),
        NATIONAL: world.national,
        PROVINCIAL: world.actor(cast.coordinator_above.pk),
        "facilitator": world.actor(cast.facilitator_here.pk),
        "centre manager": world.actor(cast.centre_manager.pk),
        "agency reader": world.actor(cast.agency_reader.pk),
        "stranger": Stranger(),
    }
    return Stage(world, _brought_to(world, state), parties)


def _brought_to(world: ServiceWorld, state: State) -> Offer | Assignment | Session:
    if isinstance(state, OfferStatus):
        return _offer(world, state)
    if isinstance(state, AssignmentStatus):
        return _assignment(world, state)
    return _session(world, state)


def _offer(world: ServiceWorld, state: OfferStatus) -> Offer:
    if state in {OfferStatus.ACCEPTED, OfferStatus.FULFILLED}:
        assignment = world.assignment()
        if state == OfferStatus.FULFILLED:
            leave_assignment(
                actor=world.volunteer_actor, assignment_id=assignment.public_id, now=NOW
            )
        return Offer.objects.get()
    key = world.offer().public_id
    if state == OfferStatus.DECLINED:
        decline_offer(
            actor=world.volunteer_actor, offer_id=key, reason=DeclineReason.TOO_FAR, now=NOW
        )
    elif state == OfferStatus.WITHDRAWN:
        withdraw_offer(actor=world.officer, offer_id=key, now=NOW)
    elif state == OfferStatus.EXPIRED:
        expire_offers(now=NOW + timedelta(days=5))
    return Offer.objects.get()


def _assignment(world: ServiceWorld, state: AssignmentStatus) -> Assignment:
    key = world.assignment().public_id
    if state == AssignmentStatus.PAUSED:
        pause_assignment(actor=world.officer, assignment_id=key, now=NOW)
    elif state == AssignmentStatus.ENDED:
        leave_assignment(actor=world.volunteer_actor, assignment_id=key, now=NOW)
    return Assignment.objects.get()


def _session(world: ServiceWorld, state: SessionStatus) -> Session:
    if state == SessionStatus.SERVED:
        return world.reported(duration_minutes=60)
    if state == SessionStatus.CONFIRMED:
        return world.confirmed(duration_minutes=60).session
    session = world.session()
    if state == SessionStatus.CANCELLED:
        return cancel_session(actor=world.officer, session_id=session.public_id, now=NOW)
    return session


ACTIONS: Final[Mapping[Move, Callable[[Actor, Any], object]]] = {
    Move.ACCEPT: lambda actor, key: accept_offer(actor=actor, offer_id=key, now=NOW),
    Move.DECLINE: lambda actor, key: decline_offer(
        actor=actor, offer_id=key, reason=DeclineReason.NO_TIME, now=NOW
    ),
    Move.WITHDRAW: lambda actor, key: withdraw_offer(actor=actor, offer_id=key, now=NOW),
    Move.PAUSE: lambda actor, key: pause_assignment(actor=actor, assignment_id=key, now=NOW),
    Move.RESUME: lambda actor, key: resume_assignment(actor=actor, assignment_id=key, now=NOW),
    Move.LEAVE: lambda actor, key: leave_assignment(actor=actor, assignment_id=key, now=NOW),
    Move.END: lambda actor, key: end_assignment(
        actor=actor, assignment_id=key, reason=EndReason.COMPLETED, now=NOW
    ),
    Move.REPORT: lambda actor, key: report_session(
        actor=actor, session_id=key, duration_minutes=60, now=LATER
    ),
    Move.CONFIRM: lambda actor, key: confirm_hours(
        actor=actor,
        confirmations=[Confirmation(session_id=key, duration_minutes=60)],
        now=LATER,
    ),
    Move.CANCEL: lambda actor, key: cancel_session(actor=actor, session_id=key, now=LATER),
    Move.REVERSE: lambda actor, key: reverse_hours(
        actor=actor, session_id=key, reason=ReversalReason.WRONG_DAY, now=LATER
    ),
}


def moves_of(state: State) -> Iterator[Move]:
    """The moves of the process that a state belongs to."""
    for move, (_parties, ways) in RULES.items():
        if type(next(iter(ways))) is type(state):
            yield move


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows that a move could write, of this room and of those it calls."""
    rooms = ("service", "timebank", "access", "messaging", "core", "people", "needs")
    return {
        model._meta.label: sorted(model.objects.values_list(), key=repr)
        for room in rooms
        for model in apps.get_app_config(room).get_models()
    }


def outcome(act: Callable[[], object]) -> str:
    """What a move comes to: done, refused as if missing, or not possible any more."""
    try:
        act()
    except PermissionRefused:
        return "missing"
    except MoveNotPossible:
        return "too late"
    return "done"


def test_the_tables_name_every_move_once_and_lead_where_the_rules_say() -> None:
    found = {
        move: dict.fromkeys(rule.sources, rule.target)
        for process in PROCESSES.values()
        for move, rule in process.items()
    }

    assert found == {move: ways for move, (_parties, ways) in RULES.items()}
    assert set(found) == set(Move)


@pytest.mark.parametrize("state", STATES, ids=lambda state: f"{type(state).__name__}-{state}")
def test_each_party_may_what_the_rules_say_whatever_the_state(world, state) -> None:
    stage = staged(world, state)
    subject = stage.subject

    allowed = {
        (move, party)
        for move in moves_of(state)
        for party in PARTIES
        if may_move(actor=stage.parties[party], move=move, subject=subject)
    }

    assert subject.state == state
    assert allowed == {(move, party) for move in moves_of(state) for party in RULES[move][0]}


@pytest.mark.parametrize("state", STATES, ids=lambda state: f"{type(state).__name__}-{state}")
def test_each_move_by_each_party_does_what_the_rules_say_or_nothing(world, state) -> None:
    stage = staged(world, state)
    before = everything()
    wrong = []

    for move in (move for move in moves_of(state) if move in ACTIONS):
        may, ways = RULES[move]
        for party in PARTIES:
            key, actor = stage.thing.public_id, stage.parties[party]
            expected = "missing" if party not in may else "too late"
            if party in may and (state in ways or (move, state) in AGAIN):
                expected = "done"
            with transaction.atomic():
                seen = outcome(lambda: ACTIONS[move](actor, key))  # noqa: B023
                stage.thing.refresh_from_db()
                reached = stage.thing.status
                is_untouched = everything() == before
                transaction.set_rollback(True)
            if seen != expected:
                wrong.append(f"{party} {move.value}: {seen}, not {expected}")
            if seen == "done" and reached != ways.get(state, state):
                wrong.append(f"{party} {move.value}: became {reached}")
            if (seen != "done" or (move, state) in AGAIN) and not is_untouched:
                wrong.append(f"{party} {move.value}: {seen}, and something was written")

    assert wrong == []


@pytest.mark.parametrize("move", [move for move, (may, _ways) in RULES.items() if not may])
def test_what_the_system_does_by_itself_knows_its_sources(move) -> None:
    _may, ways = RULES[move]
    states = [state for state in STATES if type(state) is type(next(iter(ways)))]

    for state in states:
        if state in ways:
            assert after(move=move, state=state) == ways[state]
        else:
            with pytest.raises(MoveNotPossible):
                after(move=move, state=state)


def test_an_expired_grant_moves_nothing(world) -> None:
    offer = world.offer()
    later = world.actor(world.cast.expired.pk, at=NOW + DAY)

    with pytest.raises(PermissionRefused):
        withdraw_offer(actor=later, offer_id=offer.public_id, now=NOW + DAY)


def test_a_reason_that_is_not_the_hosts_to_give_changes_nothing(world) -> None:
    assignment = world.assignment()
    before = everything()

    for reason in set(EndReason) - {
        EndReason.COMPLETED,
        EndReason.HOST_ENDED,
        EndReason.NEED_CLOSED,
    }:
        with pytest.raises(DomainError):
            end_assignment(
                actor=world.officer, assignment_id=assignment.public_id, reason=reason, now=NOW
            )

    assert everything() == before
