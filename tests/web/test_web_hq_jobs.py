"""Headquarters' page of jobs: who sees it, what it says in each state, and asking for work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from salam.core.models import Event, SweepRecord
from salam.core.sweeps import all_sweeps
from tests.job_stage import doing, empty_job_tables, finished, heard, waiting
from tests.service.worlds import ServiceWorld
from tests.web.login import log_in
from tests.web.test_web_hq import as_staff, seen

pytestmark = pytest.mark.django_db

TASK = "needs.close_passed"
LABEL = "بستن نیازهایی که روزشان گذشته است"
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


@pytest.fixture(autouse=True)
def _no_jobs_left(db: None) -> Iterator[None]:
    empty_job_tables()
    yield
    empty_job_tables()


def failed_one(*, task: str = TASK) -> int:
    return finished(status="failed", at=timezone.now() - HOUR, task=task, error="builtins.KeyError")


def addresses(job: int) -> list[str]:
    return [
        reverse("hq:jobs"),
        reverse("hq:failed_jobs"),
        reverse("hq:ask_for_sweep", args=[TASK]),
        reverse("hq:try_job_again", args=[job]),
    ]


def asked() -> list[tuple[str, int | None, object]]:
    found = Event.objects.filter(kind__startswith="core.")
    return list(found.values_list("kind", "actor_id", "payload"))


def test_only_national_headquarters_with_a_second_factor_see_and_ask(world) -> None:
    job = failed_one()
    cast = world.cast
    for person in (
        cast.coordinator_above,
        cast.facilitator_here,
        cast.officer,
        cast.centre_manager,
        cast.agency_reader,
        cast.volunteer,
    ):
        client = as_staff(person)
        for address in addresses(job):
            assert client.get(address).status_code == 404, (person, address)
            assert client.post(address).status_code in {404, 405}, (person, address)
    for address in addresses(job):
        # A stranger is led to the door, whatever stands behind it.
        assert Client().get(address).url.startswith(reverse("account_login"))
    half_way = Client()
    log_in(half_way, cast.national)
    assert [half_way.post(address).status_code for address in addresses(job)] == [302] * 4
    assert not ProcrastinateJob.objects.filter(status="todo").exists()
    assert asked() == []

    national = as_staff(cast.national)

    assert [national.get(address).status_code for address in addresses(job)] == [200] * 4
    assert f'href="{reverse("hq:jobs")}"' in seen(national, reverse("hq:runs"))
    coordinator = as_staff(cast.coordinator_above)
    assert f'href="{reverse("hq:jobs")}"' not in seen(coordinator, reverse("hq:runs"))


def test_without_csrf_nothing_is_asked(world) -> None:
    job = failed_one()
    client = Client(enforce_csrf_checks=True)
    log_in(client, world.cast.national, second_factor=True)

    answers = [client.post(address).status_code for address in addresses(job)[2:]]

    assert answers == [403, 403]
    assert ProcrastinateJob.objects.get().status == "failed"


def test_the_page_says_how_each_sweep_went_and_what_runs(world) -> None:
    alive = heard(timezone.now())
    doing(alive, task="service.follow_events", at=timezone.now() - timedelta(minutes=2))
    waiting(task="service.expire_offers")
    failed_one()
    at = timezone.now() - timedelta(minutes=30)
    SweepRecord.objects.create(
        name="service.lapse_assignments",
        known_at=at,
        began_at=at,
        took=timedelta(seconds=12),
        succeeded_at=at,
    )

    client = as_staff(world.cast.national)
    page = seen(client, reverse("hq:jobs"))

    lines = client.get(reverse("hq:jobs"), {"export": "csv"}).getvalue().decode().splitlines()
    assert len(lines) == 1 + len(all_sweeps())
    assert [line for line in lines if ",12.0," in line]
    for words in (
        LABEL,
        "در حال انجام",
        "در صف",
        "آخرین بار انجام نشد",
        "۱۲ ثانیه",
        "(۲ دقیقه)",
        "هنوز نوبتش نرسیده است",
        'انجام‌نشده‌ها <span class="tabs__count">۱</span>',
        "آخرین نشانه: ",
    ):
        assert words in page, words
    assert "کارگری روشن نیست" not in page
    assert "KeyError" not in page


def test_without_a_worker_and_with_a_late_sweep_it_says_how_to_mend_it(world) -> None:
    client = as_staff(world.cast.national)
    at = timezone.now() - 5 * HOUR
    SweepRecord.objects.create(name=TASK, known_at=at, succeeded_at=at)
    assert "کارگری روشن نیست" in seen(client, reverse("hq:jobs"))

    heard(timezone.now())

    page = seen(client, reverse("hq:jobs"))
    assert "کارگری روشن نیست" not in page
    assert f"{LABEL} (۵ ساعت است که انجام نشده)" in page


def test_failed_jobs_show_the_class_and_whether_it_was_made_good(world) -> None:
    failed_one()
    finished(status="failed", at=timezone.now(), task="other.version")
    client = as_staff(world.cast.national)

    page = seen(client, reverse("hq:failed_jobs"))
    assert "builtins.KeyError" in page
    assert "هنوز نه" in page
    assert "other.version" in page
    # What another version left can be looked at alone.
    assert page.count("/again/") == 1

    SweepRecord.objects.create(name=TASK, known_at=timezone.now(), succeeded_at=timezone.now())
    only = seen(client, f"{reverse('hq:failed_jobs')}?task={TASK}")
    assert "انجام شد" in only
    assert "other.version" not in only


def test_many_failures_cost_no_more_queries(world) -> None:
    client = as_staff(world.cast.national)
    failed_one()
    for address in (reverse("hq:jobs"), reverse("hq:failed_jobs")):
        seen(client, address)
        with CaptureQueriesContext(connection) as few:
            seen(client, address)
        for _ in range(60):
            failed_one()
        with CaptureQueriesContext(connection) as many:
            seen(client, address)
        assert len(many) == len(few) <= 15, address


def test_asking_says_what_follows_then_one_job_waits_and_who_asked_is_kept(world) -> None:
    client = as_staff(world.cast.national)
    address = reverse("hq:ask_for_sweep", args=[TASK])
    assert LABEL in seen(client, address)
    assert not ProcrastinateJob.objects.exists()

    with TestCase.captureOnCommitCallbacks(execute=True):
        pages = [client.post(address, follow=True).content.decode() for _ in range(2)]

    assert [f"خواسته شد: {LABEL}." in page for page in pages] == [True, True]
    assert list(ProcrastinateJob.objects.values_list("task_name", "status")) == [(TASK, "todo")]
    assert asked() == [("core.sweep_asked", world.cast.national.pk, {"task": TASK})] * 2


def test_trying_again_makes_the_same_job_wait_and_a_second_press_changes_nothing(world) -> None:
    job = failed_one()
    client = as_staff(world.cast.national)
    address = reverse("hq:try_job_again", args=[job])
    assert LABEL in seen(client, address)

    first = client.post(address, follow=True).content.decode()
    second = client.post(address, follow=True).content.decode()

    assert "این کار دوباره در صف است." in first
    assert "همین کار از پیش در صف است یا دیگر انجام‌نشده نیست." in second
    assert list(ProcrastinateJob.objects.values_list("pk", "status")) == [(job, "todo")]
    assert asked() == [("core.job_retried", world.cast.national.pk, {"task": TASK})]
    assert client.get(address).status_code == 404
