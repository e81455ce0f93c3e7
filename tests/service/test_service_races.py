"""Two at once: seats, a yes, a withdrawal, hours. Each on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from salam.core.errors import DomainError
from salam.service.actions import (
    Confirmation,
    OfferingOutcome,
    accept_offer,
    confirm_hours,
    withdraw_offer,
)
from salam.service.enums import (
    OfferStatus,
)
from salam.service.models import Assignment, Hours, Offer, Session
from salam.service.permissions import MoveNotPossible
from salam.timebank.queries import person_hours
from tests.cast import NOW
from tests.service.steps import ask, new_line
from tests.service.worlds import AGREED, WEEK, ServiceWorld


def together(*acts: Callable[[], object]) -> list[object]:
    """Run these at once, each on a connection of its own; what each gave, or its error."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=30)
            return act()
        except DomainError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_two_releases_at_once_share_no_seat() -> None:
    world = ServiceWorld()
    world.set_seats(1)
    other = world.volunteer(consents=AGREED)
    lines = new_line(world, headcount=5), new_line(world, headcount=5)

    outcomes = together(
        lambda: ask(world, (world.person_id, lines[0])),
        lambda: ask(world, (other, lines[1])),
    )

    opened = [one.opened for one in outcomes if isinstance(one, OfferingOutcome)]
    assert sorted(opened) == [0, 1]
    assert Offer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_accepting_twice_at_once_makes_one_assignment() -> None:
    world = ServiceWorld()
    key = world.offer().public_id
    actor = world.volunteer_actor

    first, second = together(
        lambda: accept_offer(actor=actor, offer_id=key, now=NOW),
        lambda: accept_offer(actor=actor, offer_id=key, now=NOW),
    )

    assert first == second == Assignment.objects.get()
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_a_withdrawal_at_once_leave_one_of_the_two() -> None:
    world = ServiceWorld()
    key = world.offer().public_id
    volunteer, officer = world.volunteer_actor, world.officer

    outcomes = together(
        lambda: accept_offer(actor=volunteer, offer_id=key, now=NOW),
        lambda: withdraw_offer(actor=officer, offer_id=key, now=NOW),
    )

    refusals = [one for one in outcomes if isinstance(one, DomainError)]
    is_accepted = Offer.objects.get().status == OfferStatus.ACCEPTED
    assert [type(one) for one in refusals] == [MoveNotPossible]
    assert Assignment.objects.count() == int(is_accepted)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_post_the_hours_once() -> None:
    world = ServiceWorld()
    session = world.reported()
    actor = world.officer
    batch = [Confirmation(session_id=session.public_id, duration_minutes=60)]

    outcomes = together(
        lambda: confirm_hours(actor=actor, confirmations=batch, now=NOW + WEEK),
        lambda: confirm_hours(actor=actor, confirmations=batch, now=NOW + WEEK),
    )

    assert outcomes[0] == outcomes[1] == [Hours.objects.get()]
    assert person_hours(person_id=world.person_id).balance_minutes == 60
