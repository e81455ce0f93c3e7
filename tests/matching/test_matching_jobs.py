"""Runs that are asked for on a screen, carried out by a worker and stopped by a person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from procrastinate.contrib.django.models import ProcrastinateJob

from salam.access.models import Grant
from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.matching.actions import (
    RUN_TASK,
    carry_on_requested,
    request_run,
    run_matching,
    running,
    stop_run,
)
from salam.matching.enums import RunStage, RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries import unfinished_runs
from salam.matching.queries.runs import RUN_LOCK
from salam.people.models import Person
from tests.cast import DAY, NOW
from tests.matching.worlds import OPERATOR, World
from tests.messaging.test_messaging_jobs import work_until_nothing_waits

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.volunteer()
    world.need()
    return world


@pytest.fixture
def somebody_at_work() -> Iterator[None]:
    """Another process that runs the engine."""
    other: BaseDatabaseWrapper = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [RUN_LOCK])
    yield
    other.close()


def acting(person: Person) -> Actor:
    return actor_for(person_id=person.pk, at=NOW)


def requested(world: World, *, place_code: str = "ir") -> Run:
    return request_run(actor=acting(world.cast.national), place_code=place_code, now=NOW)


def carry_on() -> bool:
    return carry_on_requested(now=NOW + DAY, stopwatch=lambda: 0.0)


def states() -> list[tuple[str, str]]:
    return list(Run.objects.order_by("pk").values_list("status", "stage"))


def test_two_presses_make_one_run_and_one_event(world) -> None:
    first, second = requested(world), requested(world)

    assert first.pk == second.pk
    assert states() == [(RunStatus.RUNNING, RunStage.QUEUED)]
    kinds = Event.objects.filter(subject_type="matching.Run").values_list("kind", "actor_id")
    assert list(kinds) == [("matching.run_requested", world.cast.national.pk)]
    assert requested(world, place_code="23").pk != first.pk


def test_a_run_that_waits_is_not_taken_for_a_killed_one(world) -> None:
    requested(world)
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)

    assert unfinished_runs() == 0
    assert states() == [
        (RunStatus.RUNNING, RunStage.QUEUED),
        (RunStatus.PROPOSED, RunStage.STORE),
    ]


def test_a_worker_carries_it_out_in_the_name_of_who_asked(world) -> None:
    run = requested(world)

    assert carry_on() is True
    assert carry_on() is False
    run.refresh_from_db()
    assert (run.status, run.stage, run.proposed_count) == (RunStatus.PROPOSED, RunStage.STORE, 1)
    assert run.started_at == NOW + DAY
    assert run.started_by_id == world.cast.national.pk
    event = Event.objects.get(kind="matching.run_proposed")
    assert event.actor_id == world.cast.national.pk


def test_a_right_that_was_withdrawn_meanwhile_breaks_it_off(world) -> None:
    requested(world)
    Grant.objects.filter(person=world.cast.national).update(revoked_at=NOW)

    assert carry_on() is True
    assert states() == [(RunStatus.FAILED, RunStage.READ)]
    assert not Proposal.objects.exists()


def test_a_run_in_line_stops_at_once_and_a_second_stop_changes_nothing(world) -> None:
    run = requested(world)
    national = acting(world.cast.national)
    stop_run(actor=national, run_id=run.pk, now=NOW)
    stop_run(actor=national, run_id=run.pk, now=NOW + DAY)

    assert states() == [(RunStatus.FAILED, RunStage.QUEUED)]
    assert Run.objects.get().stop_asked_at == NOW
    assert Event.objects.filter(kind="matching.run_stopped").count() == 1
    assert carry_on() is False


@pytest.mark.parametrize("stage", [stage for stage in RunStage if stage != RunStage.QUEUED])
def test_a_run_at_work_stops_before_its_next_stage(world, monkeypatch, stage) -> None:
    """Whoever stops it does so while the stage before is under way."""
    run = requested(world)
    enter = running._enter

    def enter_after_a_stop(one: Run, wanted: str) -> None:
        if wanted == stage:
            Run.objects.filter(pk=one.pk).update(stop_asked_at=NOW)
        enter(one, wanted)

    monkeypatch.setattr(running, "_enter", enter_after_a_stop)
    assert carry_on() is True
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert run.stop_asked_at == NOW
    assert not Proposal.objects.exists()


def test_a_run_at_work_is_asked_and_not_broken_off(world, somebody_at_work) -> None:
    run = requested(world)
    Run.objects.update(stage=RunStage.SOLVE)
    stop_run(actor=acting(world.cast.national), run_id=run.pk, now=NOW)

    assert states() == [(RunStatus.RUNNING, RunStage.SOLVE)]
    assert Run.objects.get().stop_asked_at == NOW


def test_a_worker_does_not_wait_for_another_process(world, somebody_at_work) -> None:
    requested(world)

    assert carry_on() is False
    assert states() == [(RunStatus.RUNNING, RunStage.QUEUED)]


def test_a_killed_run_is_failed_by_the_next_sweep_and_the_next_in_line_begins(world) -> None:
    requested(world)
    Run.objects.update(stage=RunStage.SOLVE)
    requested(world, place_code="23")

    assert carry_on() is True
    assert states() == [
        (RunStatus.FAILED, RunStage.SOLVE),
        (RunStatus.PROPOSED, RunStage.STORE),
    ]


def test_who_may_ask_and_stop(world) -> None:
    cast = world.cast
    run = requested(world)
    for person in (cast.coordinator_above, cast.facilitator_here, cast.officer, cast.agency_reader):
        with pytest.raises(PermissionRefused):
            request_run(actor=acting(person), place_code="ir", now=NOW)
        with pytest.raises(PermissionRefused):
            stop_run(actor=acting(person), run_id=run.pk, now=NOW)
    coordinator = acting(cast.coordinator_above)
    assert request_run(actor=coordinator, place_code="23", now=NOW).place == cast.places.province
    for place_code in ("2", "2301", "nowhere"):
        with pytest.raises(PermissionRefused):
            request_run(actor=coordinator, place_code=place_code, now=NOW)
    with pytest.raises(PermissionRefused):
        request_run(actor=OPERATOR, place_code="ir", now=NOW)
    assert Run.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_takes_it_up(world) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    run = request_run(
        actor=actor_for(person_id=world.cast.national.pk, at=NOW), place_code="ir", now=NOW
    )
    asked = ProcrastinateJob.objects.filter(task_name=RUN_TASK)
    assert list(asked.values_list("status", "args")) == [("todo", {})]

    work_until_nothing_waits()

    run.refresh_from_db()
    assert (run.status, run.proposed_count) == (RunStatus.PROPOSED, 1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
