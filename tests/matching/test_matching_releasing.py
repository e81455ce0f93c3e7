"""A plan is sent in steps: resumable, stoppable, nobody asked twice and nobody forgotten."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection, transaction
from django.utils import timezone

from salam.access.models import Grant
from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.matching.actions import (
    carry_on_releases,
    discard_run,
    release_run,
    request_release,
    run_matching,
    stop_release,
)
from salam.matching.actions.deciding import RunNotOpen
from salam.matching.actions.releasing import RELEASE_WITHIN
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries import release_progress
from salam.matching.queries.problem import build_problem
from salam.messaging.models import Message
from salam.needs.actions import NewLine
from salam.people.enums import ConsentPurpose
from salam.service.models import Offer
from tests.cast import DAY, NOW
from tests.matching.worlds import (
    OPERATOR,
    SATURDAY_MORNING,
    STORYTELLING,
    SUNDAY_MORNING,
    World,
)
from tests.messaging.test_messaging_jobs import work_until_nothing_waits

pytestmark = pytest.mark.django_db

CONSENTS = frozenset({ConsentPurpose.MATCHING, ConsentPurpose.MESSAGES})


@pytest.fixture
def world() -> World:
    """Five people, a need for each."""
    world = World()
    for _ in range(5):
        world.volunteer(consents=CONSENTS)
        world.need()
    return world


def planned() -> Run:
    seconds = count()
    outcome = run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: float(next(seconds)))
    return Run.objects.get(pk=outcome.run_id)


def national(world: World) -> Actor:
    return actor_for(person_id=world.cast.national.pk, at=NOW)


def sending(world: World) -> Run:
    return request_release(actor=national(world), run_id=planned().pk, now=NOW)


def origins() -> Counter[str]:
    return Counter(Offer.objects.values_list("origin", flat=True))


def all_of(run: Run) -> Counter[str]:
    return Counter(f"proposal:{key}" for key in run.proposals.values_list("pk", flat=True))


def test_a_press_asks_nobody_by_itself_and_steps_ask_everybody_once(world: World) -> None:
    run = sending(world)
    asked = [Offer.objects.count()]
    while carry_on_releases(now=NOW, step=2):
        asked.append(Offer.objects.count())

    run.refresh_from_db()
    assert asked == [0, 2, 4, 5]
    assert origins() == all_of(run)
    assert (run.status, run.decided_at) == (RunStatus.RELEASED, NOW)
    assert run.decided_by_id == world.cast.national.pk
    assert set(Offer.objects.values_list("opened_at", flat=True)) == {NOW}
    kinds = Event.objects.filter(subject_type="matching.Run", subject_id=run.pk)
    assert list(kinds.order_by("pk").values_list("kind", flat=True)) == [
        "matching.run_proposed",
        "matching.run_release_begun",
        "matching.run_released",
    ]


def test_a_step_that_is_killed_leaves_nothing_half_done(world: World) -> None:
    run = sending(world)
    carry_on_releases(now=NOW, step=2)

    def killed() -> None:
        with transaction.atomic():
            carry_on_releases(now=NOW, step=2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert Offer.objects.count() == 2
    while carry_on_releases(now=NOW, step=2):
        pass

    assert origins() == all_of(run)


def test_progress_tells_how_far_it_is(world: World) -> None:
    run = planned()
    assert release_progress(run=run) is None
    run = request_release(actor=national(world), run_id=run.pk, now=NOW)
    told = []
    while True:
        progress = release_progress(run=Run.objects.get(pk=run.pk))
        assert progress is not None
        told.append((progress.done, progress.total, progress.opened))
        if not carry_on_releases(now=NOW, step=2):
            break

    assert told == [(0, 5, 0), (2, 5, 2), (4, 5, 4), (5, 5, 5)]


def test_who_is_stopped_asks_nobody_else(world: World) -> None:
    run = sending(world)
    carry_on_releases(now=NOW, step=2)

    stopped = stop_release(actor=national(world), run_id=run.pk)
    stop_release(actor=national(world), run_id=run.pk)

    assert not carry_on_releases(now=NOW, step=2)
    assert Offer.objects.count() == 2
    assert stopped.status == RunStatus.RELEASED
    assert stopped.parameters["release"] == {"opened": 2, "skipped": {}, "unasked": 3}
    assert Event.objects.get(kind="matching.run_released").payload["unasked_count"] == 3
    # The rest is open to the next run.
    assert planned().proposed_count == 3


@pytest.mark.parametrize("reason", ["no grant any more", "no worker for too long"])
def test_a_release_that_may_not_go_on_ends(world: World, reason: str) -> None:
    run = sending(world)
    carry_on_releases(now=NOW, step=2)
    later = NOW + timedelta(hours=1)
    if reason == "no grant any more":
        Grant.objects.filter(person=world.cast.national).update(valid_until=later)
    else:
        later = NOW + RELEASE_WITHIN

    assert carry_on_releases(now=later, step=2)
    assert not carry_on_releases(now=later, step=2)

    run.refresh_from_db()
    assert (run.status, Offer.objects.count()) == (RunStatus.RELEASED, 2)
    assert run.parameters["release"]["unasked"] == 3


def test_all_of_a_person_is_asked_in_one_step_and_one_message(world: World) -> None:
    both = 1 << SATURDAY_MORNING | 1 << SUNDAY_MORNING
    world.volunteer(consents=CONSENTS, half_day_bits=both)
    world.need(
        NewLine(half_day=SUNDAY_MORNING, skill_bits=STORYTELLING),
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING),
    )
    run = sending(world)
    most = max(Counter(run.proposals.values_list("person_id", flat=True)).values())
    while carry_on_releases(now=NOW, step=1):
        pass

    assert most == 2
    assert origins() == all_of(run)
    told = Counter(Message.objects.values_list("person_id", flat=True))
    assert set(told.values()) == {1}


def test_what_is_being_sent_is_as_good_as_asked(world: World) -> None:
    run = sending(world)
    carry_on_releases(now=NOW, step=2)
    newcomer = world.volunteer()
    world.need()

    on = NOW.date()
    built = build_problem(on=on)
    held = set(
        zip(
            built.person_ids[built.problem.f_volunteer].tolist(),
            built.line_ids[built.problem.f_line].tolist(),
            strict=True,
        )
    )
    inside = build_problem(on=on, within_path=world.here.path)
    outside = build_problem(on=on, within_path=world.cast.places.elsewhere.path)
    again = planned()

    assert held == set(run.proposals.values_list("person_id", "need_line_id"))
    assert len(inside.problem.f_volunteer) == 5
    assert len(outside.problem.f_volunteer) == 0
    assert list(again.proposals.values_list("person_id", flat=True)) == [newcomer]
    run.refresh_from_db()
    assert run.status == RunStatus.RELEASING


def test_a_worker_carries_on_what_the_operator_began_once_a_person_asks(world: World) -> None:
    run = planned()
    told: list[tuple[int, int]] = []

    def interrupt(done: int, total: int) -> None:
        told.append((done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        release_run(actor=OPERATOR, run_id=run.pk, now=NOW, step=2, report=interrupt)
    assert told == [(2, 5)]
    assert not carry_on_releases(now=NOW)
    request_release(actor=national(world), run_id=run.pk, now=NOW + timedelta(hours=1))
    assert carry_on_releases(now=NOW)

    assert origins() == all_of(run)
    assert Run.objects.get(pk=run.pk).decided_at == NOW


def test_a_second_call_goes_on_where_the_first_was_broken_off(world: World) -> None:
    run = sending(world)
    carry_on_releases(now=NOW, step=2)

    release = release_run(actor=OPERATOR, run_id=run.pk, now=NOW + DAY, step=2)

    assert (release.opened, release.skipped, release.unasked) == (5, {}, 0)
    assert origins() == all_of(run)


def test_what_is_being_sent_cannot_be_set_aside_or_replaced(world: World) -> None:
    run = sending(world)

    with pytest.raises(RunNotOpen):
        discard_run(actor=national(world), run_id=run.pk, now=NOW)
    planned()

    run.refresh_from_db()
    assert run.status == RunStatus.RELEASING
    assert Proposal.objects.filter(run=run).count() == 5


def test_only_who_may_decide_sends_or_stops(world: World) -> None:
    run = planned()
    coordinator = actor_for(person_id=world.cast.coordinator_above.pk, at=NOW)
    for refused in (coordinator, OPERATOR):
        with pytest.raises(PermissionRefused):
            request_release(actor=refused, run_id=run.pk, now=NOW)
    request_release(actor=national(world), run_id=run.pk, now=NOW)
    with pytest.raises(PermissionRefused):
        stop_release(actor=coordinator, run_id=run.pk)

    assert Run.objects.get(pk=run.pk).status == RunStatus.RELEASING


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_woken_by_the_press() -> None:
    world = World()
    world.volunteer()
    world.need()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    run = planned()
    # The worker reads the clock, and a release ends where no worker came for a day.
    actor = actor_for(person_id=world.cast.national.pk, at=timezone.now())
    request_release(actor=actor, run_id=run.pk, now=timezone.now())

    work_until_nothing_waits()

    run.refresh_from_db()
    assert (run.status, Offer.objects.count()) == (RunStatus.RELEASED, 1)
