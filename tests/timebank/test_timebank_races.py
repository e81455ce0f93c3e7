"""Two connections at once, and one that dies."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import OperationalError, connection, connections, transaction

from salam.core.models import Event
from salam.timebank.actions import AlreadyReversed, KeyUsedBefore
from salam.timebank.models import Account, Entry, Transfer
from salam.timebank.queries import audit
from tests.cast import make_person
from tests.timebank.stage import make_account, make_pilot, make_stage, new_credit, pay, standing

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call gave or raised, each on a connection of its own."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            start.wait(timeout=30)
            return call()
        except Exception as error:  # noqa: BLE001 - handed to the test
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def is_whole() -> bool:
    return all(line.is_kept for line in audit())


def test_same_request_at_once_is_one_transfer() -> None:
    stage = make_stage()
    officer = stage.officer
    batch = [new_credit(stage.cast.volunteer), new_credit(stage.cast.outsider)]

    for _ in range(3):
        outcomes = at_once(
            lambda: stage.post(*batch, actor=officer),
            lambda: stage.post(*reversed(batch), actor=officer),
            lambda: stage.post(*batch, actor=officer),
        )

        posted = {one for outcome in outcomes for one in outcome}
        assert {one.key for one in posted} == {credit.key for credit in batch}
        assert len({one.transfer_id for one in posted}) == 2
    assert Transfer.objects.count() == Event.objects.filter(kind="timebank.hours_posted").count()
    assert standing(stage.cast.volunteer) == (90, 1)
    assert is_whole()


def test_same_key_with_two_bodies_at_once_is_one_transfer_and_one_conflict() -> None:
    stage = make_stage()
    officer, key = stage.officer, uuid.uuid4()

    outcomes = at_once(
        lambda: stage.post(new_credit(stage.cast.volunteer, 10, key=key), actor=officer),
        lambda: stage.post(new_credit(stage.cast.volunteer, 20, key=key), actor=officer),
    )

    assert sorted(type(outcome) for outcome in outcomes if isinstance(outcome, Exception)) == [
        KeyUsedBefore
    ]
    assert Transfer.objects.count() == 1
    assert is_whole()


def test_two_reversals_at_once_undo_once() -> None:
    stage = make_stage()
    officer = stage.officer
    [posted] = stage.post(new_credit(stage.cast.volunteer))

    outcomes = at_once(
        lambda: stage.reverse(posted.transfer_id, actor=officer),
        lambda: stage.reverse(posted.transfer_id, actor=officer),
    )

    refused = [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    assert refused == [AlreadyReversed]
    assert standing(stage.cast.volunteer) == (0, 2)
    assert is_whole()


def test_opposite_transfers_at_once_end_at_zero_without_deadlock() -> None:
    bank = make_pilot()
    one, other = (make_account(bank, make_person(), limit=10_000) for _ in range(2))

    def pay_many(giver: Account, taker: Account) -> int:
        for _ in range(60):
            pay(bank, [(giver, -5), (taker, 5)])
        return 60

    outcomes = at_once(
        *[lambda: pay_many(one, other), lambda: pay_many(other, one)] * 2,
    )

    assert outcomes == [60] * 4
    assert set(Account.objects.values_list("balance_minutes", "version")) == {(0, 240)}
    assert is_whole()


def test_batches_at_once_in_any_order_are_all_written() -> None:
    stage = make_stage()
    officer = stage.officer
    people = [make_person() for _ in range(30)]

    def post(order: int) -> int:
        batch = [new_credit(person, 1) for person in people[::order]]
        return len(stage.post(*batch, actor=officer))

    outcomes = at_once(*(lambda order=order: post(order) for order in (1, -1, 1, -1)))

    assert outcomes == [30] * 4
    assert standing(organization_id=stage.organization_id) == (-120, 120)
    assert is_whole()


def test_connection_lost_in_the_middle_writes_nothing() -> None:
    stage = make_stage()
    stage.post(new_credit(stage.cast.volunteer))
    officer = stage.officer
    before = standing(stage.cast.volunteer), standing(organization_id=stage.organization_id)
    inside, killed = Barrier(2), Barrier(2)
    pids: list[int] = []

    def post() -> None:
        with transaction.atomic():
            stage.post(
                new_credit(stage.cast.volunteer), new_credit(stage.cast.outsider), actor=officer
            )
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            inside.wait(timeout=30)
            killed.wait(timeout=30)

    def kill() -> None:
        inside.wait(timeout=30)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", pids)
        killed.wait(timeout=30)

    outcome, _ = at_once(post, kill)

    assert isinstance(outcome, OperationalError)
    assert before == (
        standing(stage.cast.volunteer),
        standing(organization_id=stage.organization_id),
    )
    assert (Transfer.objects.count(), Entry.objects.count()) == (1, 2)
    assert not Account.objects.filter(person=stage.cast.outsider).exists()
    assert is_whole()
