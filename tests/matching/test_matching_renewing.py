"""After changes the plan of the province they touched is made anew, by itself and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.core.jobs import ask_after_commit
from salam.core.models import Event
from salam.matching.actions import (
    RunNotOpen,
    carry_on_releases,
    discard_run,
    note_changes,
    release_run,
    renew_touched,
    renewing,
    request_release,
    stop_release,
    stop_run,
)
from salam.matching.actions.renewing import BATCH_CHANGES, BATCH_WAITS
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal, Renewal, Run, TouchedProvince
from salam.matching.queries.runs import RUN_LOCK
from salam.organizations.actions import set_status
from salam.organizations.enums import OrganizationStatus
from salam.people.actions import record_vetting, set_availability
from salam.people.enums import VettingTier
from salam.service.actions import decline_offer
from salam.service.enums import DeclineReason
from salam.service.models import Offer
from tests.cast import DAY, NOW
from tests.core.test_core_events import wait_until_all_have_ended
from tests.matching.worlds import OPERATOR, World, stored_run
from tests.messaging.test_messaging_jobs import work_until_nothing_waits
from tests.service.worlds import AGREED, ServiceWorld

pytestmark = pytest.mark.django_db
LATER = NOW + BATCH_WAITS


def world_of_two_provinces() -> World:
    """One volunteer and one need in each."""
    world = World()
    for place in (world.here, world.cast.places.elsewhere):
        world.volunteer(home_place_id=place.pk, home_province_code=place.province_code)
        world.need(place=place)
    return world


def touch(*province_codes: str, change_count: int = 1) -> None:
    for code in province_codes:
        TouchedProvince.objects.create(province_code=code, change_count=change_count, since=NOW)


def renew(**changes: object) -> bool:
    return renew_touched(**{"now": LATER, "stopwatch": lambda: 0.0} | changes)  # type: ignore[arg-type]


def touched() -> Mapping[str, int]:
    return dict(TouchedProvince.objects.values_list("province_code", "change_count"))


def proposed_by(run: Run) -> int:
    return Proposal.objects.filter(run=run).count()


def renewal_of(run: Run, **conditions: object) -> Run:
    return Renewal.objects.select_related("run").get(renewed=run, **conditions).run


def test_only_the_province_that_changed_is_planned_anew() -> None:
    world = world_of_two_provinces()
    country = stored_run()
    world.volunteer()
    world.need()
    touch("23", change_count=2)

    assert renew()

    renewed = renewal_of(country)
    country.refresh_from_db()
    assert (renewed.status, country.status) == (RunStatus.PROPOSED, RunStatus.PROPOSED)
    assert (renewed.place.code, renewed.renewal.change_count) == ("23", 2)
    assert (renewed.started_by_id, renewed.violation_count) == (None, 0)
    assert (proposed_by(renewed), proposed_by(country)) == (2, 1)
    event = Event.objects.filter(kind="matching.run_proposed").latest("pk")
    assert (event.subject_id, event.actor_id) == (renewed.pk, None)
    assert touched() == {}
    assert not renew()


def test_a_batch_waits_until_it_is_full_or_old() -> None:
    world_of_two_provinces()
    stored_run()
    touch("23", change_count=BATCH_CHANGES - 1)
    early = LATER - timedelta(seconds=1)
    assert not renew(now=early)

    TouchedProvince.objects.update(change_count=BATCH_CHANGES)
    assert renew(now=early)
    assert not renew(now=early)

    touch("2")
    assert not renew(now=early)
    assert renew(now=LATER)


def test_a_second_renewal_renews_the_same_plan_and_the_first_goes_after_a_day() -> None:
    world_of_two_provinces()
    country = stored_run()
    touch("23")
    renew()
    first = renewal_of(country)

    touch("23")
    renew()
    first.refresh_from_db()
    second = renewal_of(country, run__status=RunStatus.PROPOSED)
    assert first.status == RunStatus.SUPERSEDED
    with pytest.raises(RunNotOpen):
        release_run(actor=OPERATOR, run_id=first.pk, now=LATER)

    touch("23")
    renew(now=LATER + DAY + timedelta(minutes=1))
    assert not Run.objects.filter(pk=first.pk).exists()
    assert not Run.objects.filter(pk=second.pk, status=RunStatus.PROPOSED).exists()
    assert Proposal.objects.filter(run__status=RunStatus.PROPOSED).count() == 2


def test_without_a_live_plan_there_is_nothing_to_renew() -> None:
    world = world_of_two_provinces()
    touch("23")
    assert not renew()
    assert touched() == {}

    discard_run(actor=national(world), run_id=stored_run().pk, now=NOW)
    touch("23")
    assert not renew()
    assert Renewal.objects.count() == 0


def national(world: World) -> Actor:
    return actor_for(person_id=world.cast.national.pk, at=NOW)


def test_renewals_are_sent_and_set_aside_with_the_plan() -> None:
    world = world_of_two_provinces()
    country = stored_run()
    touch("23")
    renew()

    outcome = release_run(actor=OPERATOR, run_id=country.pk, now=LATER)

    assert (outcome.opened, outcome.unasked) == (2, 0)
    assert Offer.objects.count() == 2
    statuses = Run.objects.values_list("status", flat=True)
    assert set(statuses) == {RunStatus.RELEASED}
    assert release_run(actor=OPERATOR, run_id=country.pk, now=LATER) == outcome

    world.volunteer()
    world.need()
    again = stored_run()
    touch("23")
    renew()
    discard_run(actor=national(world), run_id=again.pk, now=LATER)
    assert renewal_of(again).status == RunStatus.DISCARDED


def test_a_worker_sends_both_and_a_stop_stops_both() -> None:
    world = world_of_two_provinces()
    actor = national(world)
    country = stored_run()
    touch("23", "2")
    renew()
    renew()
    request_release(actor=actor, run_id=country.pk, now=LATER)
    assert carry_on_releases(now=LATER)

    stop_release(actor=actor, run_id=country.pk)

    assert not carry_on_releases(now=LATER)
    assert not Run.objects.exclude(status=RunStatus.RELEASED).exists()
    # The country's own proposals had all moved to the renewals: one step ended it, the others wait.
    assert Offer.objects.count() == 0


def test_a_renewal_of_a_sent_plan_waits_for_a_person() -> None:
    world = world_of_two_provinces()
    country = stored_run()
    release_run(actor=OPERATOR, run_id=country.pk, now=NOW)
    world.volunteer()
    world.need()
    touch("23")

    assert renew()

    renewed = renewal_of(country)
    assert (renewed.status, proposed_by(renewed)) == (RunStatus.PROPOSED, 1)
    assert Offer.objects.count() == 2


def test_what_breaks_off_leaves_its_changes_to_a_later_batch(monkeypatch) -> None:
    world = world_of_two_provinces()
    country = stored_run()
    touch("23", change_count=BATCH_CHANGES + 5)

    def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("the engine broke")

    monkeypatch.setattr(renewing, "carry_out", broken)
    with pytest.raises(RuntimeError, match="the engine broke"):
        renew()
    assert touched() == {"23": BATCH_CHANGES - 1}
    assert not renew()

    monkeypatch.undo()

    def stopped(run: Run, **_named: object) -> None:
        stop_run(actor=national(world), run_id=run.pk, now=LATER)
        raise renewing.RunStopped

    monkeypatch.setattr(renewing, "carry_out", stopped)
    assert renew(now=LATER + BATCH_WAITS)
    assert touched() == {}
    assert Proposal.objects.filter(run=country).count() == 2


def test_while_somebody_runs_the_engine_the_batch_waits() -> None:
    world_of_two_provinces()
    stored_run()
    touch("23")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [RUN_LOCK])
    assert not renew()
    assert touched() == {"23": 1}
    other.close()
    assert renew()


@pytest.mark.django_db(transaction=True)
def test_changes_are_counted_where_they_happen_and_only_those_the_plan_cannot_know() -> None:
    world = ServiceWorld()
    elsewhere = world.cast.places.elsewhere
    note_all()
    assert touched() == {}
    stored_run()
    paused = world.volunteer(home_place_id=elsewhere.pk, home_province_code="2")
    for is_paused in (True, False):
        set_availability(actor=world.actor(paused), person_id=paused, is_paused=is_paused, now=NOW)
    note_all()
    assert touched() == {"2": 3}

    record_vetting(
        actor=OPERATOR,
        person_id=world.person_id,
        tier=VettingTier.CONTACT,
        issued_on=date(2026, 1, 1),
        expires_on=date(2027, 1, 1),
    )
    offer = world.offer()
    decline_offer(
        actor=world.volunteer_actor, offer_id=offer.public_id, reason=DeclineReason.NO_TIME, now=NOW
    )
    set_status(
        actor=OPERATOR,
        organization_id=world.cast.offices.intermediary.pk,
        status=OrganizationStatus.SUSPENDED,
        now=NOW,
    )
    note_all()
    assert touched() == {"2": 3, "23": 3}

    # A plan that began after all that knows it.
    Run.objects.update(started_at=timezone.now() + DAY)
    TouchedProvince.objects.all().delete()
    world.volunteer(consents=AGREED)
    note_all()
    assert touched() == {}


def note_all() -> None:
    wait_until_all_have_ended()
    while note_changes():
        pass


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_it_by_the_clock() -> None:
    world = world_of_two_provinces()
    note_all()
    country = stored_run()
    world.volunteer()
    world.need()
    note_all()
    assert touched() == {"23": 2}
    TouchedProvince.objects.update(since=timezone.now() - BATCH_WAITS)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    ask_after_commit(task="matching.renew_touched")

    work_until_nothing_waits()

    assert proposed_by(renewal_of(country)) == 2
