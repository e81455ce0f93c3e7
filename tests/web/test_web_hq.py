"""Headquarters' screens: who sees which place, and a run from its start to what came of it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from salam.matching.actions import (
    carry_on_releases,
    carry_on_requested,
    request_run,
    run_matching,
)
from salam.matching.enums import RunStage, RunStatus
from salam.matching.models import Proposal, RecruitFigure, Run, RunComparison, RunFigure
from salam.people.models import Person
from salam.service.models import Offer
from tests.cast import NOW
from tests.matching.worlds import OPERATOR
from tests.service.worlds import AGREED, ServiceWorld
from tests.web.login import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


def as_staff(person: Person) -> Client:
    client = Client(raise_request_exception=False)
    log_in(client, person, second_factor=True)
    return client


def proposed_run() -> Run:
    outcome = run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)
    return Run.objects.get(pk=outcome.run_id)


def seen(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_each_sees_own_place_and_below_and_nothing_above(world) -> None:
    cast = world.cast
    codes = {
        place.code
        for place in (
            cast.places.country,
            cast.places.province,
            cast.places.county,
            cast.places.city,
            cast.places.here,
            cast.places.next_door,
            cast.places.other_province,
            cast.places.elsewhere,
        )
    }
    tehran = {"23", "2301", "231001", "231001n1", "231001n10"}
    allowed = {
        cast.national: codes,
        cast.coordinator_above: tehran,
        cast.agency_reader: tehran,
        cast.facilitator_here: {"231001n1"},
        cast.centre_manager: {"231001n1"},
        cast.facilitator_elsewhere: {"021001n1"},
        cast.officer: set(),
        cast.expired: set(),
        cast.volunteer: set(),
    }

    for person, expected in allowed.items():
        client = as_staff(person)
        answers = {code: client.get(reverse("hq:place", args=[code])) for code in codes}
        assert {code for code, one in answers.items() if one.status_code == 200} == expected
        missing = client.get(reverse("hq:place", args=["nowhere"]))
        for one in answers.values():
            if one.status_code != 200:
                assert one.status_code == 404
                assert one.context["sentence"] == missing.context["sentence"]


def test_the_dashboard_begins_at_the_place_held(world) -> None:
    assert "ایران در یک نگاه" in seen(as_staff(world.cast.national), reverse("hq:dashboard"))
    response = as_staff(world.cast.coordinator_above).get(reverse("hq:dashboard"))
    assert response.headers["Location"] == reverse("hq:place", args=["23"])
    assert as_staff(world.cast.officer).get(reverse("hq:dashboard")).status_code == 404
    assert Client().get(reverse("hq:dashboard")).headers["Location"].startswith("/login/")


def test_runs_are_for_headquarters_of_the_place(world) -> None:
    national = proposed_run()
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0, place_code="23")
    provincial = Run.objects.get(place__code="23")
    cast = world.cast

    for person, expected in {
        cast.national: {national.pk, provincial.pk},
        cast.coordinator_above: {provincial.pk},
        cast.agency_reader: set(),
        cast.facilitator_here: set(),
        cast.officer: set(),
    }.items():
        client = as_staff(person)
        found = set()
        for run in (national, provincial):
            pages = [
                client.get(reverse(f"hq:{name}", args=[run.pk]))
                for name in (
                    "run",
                    "run_proposals",
                    "compare_runs",
                    "release_run",
                    "discard_run",
                )
            ]
            if pages[0].status_code == 200:
                found.add(run.pk)
            else:
                assert {page.status_code for page in pages} == {404}
                for name in ("stop_run", "stop_release"):
                    assert client.post(reverse(f"hq:{name}", args=[run.pk])).status_code == 404
        assert found == expected
        assert client.get(reverse("hq:runs")).status_code == (200 if expected else 404)
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.PROPOSED}


def test_nobody_is_named_on_a_run_and_nothing_of_it_is_exported_by_person(world) -> None:
    run = proposed_run()
    client = as_staff(world.cast.national)
    page = seen(client, reverse("hq:run", args=[run.pk]))
    proposals = seen(client, reverse("hq:run_proposals", args=[run.pk]))

    assert "هیچ چینشی از این بهتر نیست" in page
    assert "قصه‌گویی در کتابخانه" in proposals
    assert "شنبه صبح" in proposals
    for text in (page, proposals):
        assert "سارا" not in text
        assert "یکتا" not in text
        assert "export=" not in text


def test_a_proposal_is_explained_without_a_name_to_those_who_may_ask(world) -> None:
    run = proposed_run()
    proposal = Proposal.objects.filter(run=run).first()
    address = reverse("hq:explain_proposal", args=[run.pk, proposal.pk])
    client = as_staff(world.cast.national)

    assert address in seen(client, reverse("hq:run_proposals", args=[run.pk]))
    page = seen(client, address)
    assert "پیشنهاد شد؛" in page
    assert "سارا" not in page
    assert "یکتا" not in page
    elsewhere = reverse("hq:explain_proposal", args=[run.pk, 10**9])
    assert client.get(elsewhere).status_code == 404
    for person in (world.cast.officer, world.cast.facilitator_here, world.cast.coordinator_above):
        assert as_staff(person).get(address).status_code == 404


def test_a_run_says_what_it_covers_what_it_leaves_and_by_which_weights(world) -> None:
    client = as_staff(world.cast.national)
    world.volunteer(half_day_bits=1 << 9)
    world.need(place=world.cast.places.elsewhere)
    world.need(place=world.cast.places.elsewhere)
    page = seen(client, reverse("hq:run", args=[proposed_run().pk]))

    for sentence in (
        "از ۳ نفری که نیازهای باز می‌خواهند، ۱ نفر پیدا شده است (۳۳٫۳٪).",
        "سهم پوشیده در استان‌ها",
        "چیزی برای سنجیدن نیست",
        "۱ داوطلب از ۲ نفری که بررسی شدند (۵۰٪) پیشنهادی ندارند. بیشترشان (۱ نفر): ",
        "۲ ردیف نیاز هنوز کسان لازم را ندارد؛ روی هم ۲ نفر کم است.",
        "«بی‌درنگ» ×۱۲",
        "تا ۱۰٬۰۰۰ نفر ×۲",
    ):
        assert sentence in page, sentence


def test_two_runs_stand_side_by_side(world) -> None:
    client = as_staff(world.cast.national)
    first = proposed_run()
    address = reverse("hq:compare_runs", args=[first.pk])
    assert "اجرای دیگری برای سنجیدن نیست" in seen(client, address)
    world.volunteer(consents=AGREED)
    world.need()
    second, third = proposed_run(), proposed_run()

    page = seen(client, reverse("hq:compare_runs", args=[second.pk]))
    assert "اجرای تازه‌تر ۱ نفر بیشتر می‌پوشاند" in page
    assert "۱ پیشنهاد همان است" in page
    assert "۱ تازه است و ۰ دیگر نیست" in page
    assert f'<option value="{first.pk}" selected>' in page
    # Whichever of two is opened, the later one stands first; what is made up is passed over.
    for other in (third.pk, "x", 10**11, ""):
        assert client.get(address, {"other": other}).status_code == 200
    pair = client.get(address, {"other": third.pk}).context["pair"]
    assert (pair.later.run, pair.earlier.run) == (third, first)
    RunComparison.objects.all().delete()
    assert "برای این دو شمرده نشده است" in seen(client, address)


def test_a_run_of_before_the_figures_says_so(world) -> None:
    run = proposed_run()
    RunFigure.objects.all().delete()
    page = seen(as_staff(world.cast.national), reverse("hq:run", args=[run.pk]))

    assert "شمارش‌های جا به جا برای این اجرا نگه داشته نشده است" in page


def test_start_press_twice_carry_out_release_and_see_the_hours(world) -> None:
    client = as_staff(world.cast.national)
    assert "همهٔ کشور" in seen(client, reverse("hq:choose_place"))
    start = reverse("hq:start_run", args=["ir"])
    assert "تا شما نتیجه را بازبینی نکنید" in seen(client, start)
    first, second = client.post(start), client.post(start)
    run = Run.objects.get()
    address = reverse("hq:run", args=[run.pk])
    assert (first.headers["Location"], second.headers["Location"]) == (address, address)
    waiting = seen(client, address)
    assert "در صف است" in waiting
    assert 'http-equiv="refresh"' in waiting

    assert carry_on_requested(now=NOW, stopwatch=lambda: 0.0)
    assert client.get(f"{address}?poll=1").headers["HX-Refresh"] == "true"
    assert "آمادهٔ بازبینی" in seen(client, address)
    release = reverse("hq:release_run", args=[run.pk])
    assert "۱ نفر پیامی خنثی می‌گیرند" in seen(client, release)
    assert not Offer.objects.exists()
    client.post(release)
    client.post(release)
    sending = seen(client, address)
    assert "تاکنون ۰ پیشنهاد فرستاده شده است" in sending
    assert reverse("hq:stop_release", args=[run.pk]) in sending
    while carry_on_releases(now=timezone.now()):
        pass
    assert client.get(f"{address}?poll=1").headers["HX-Refresh"] == "true"

    offer = Offer.objects.get()
    assert offer.person_id == world.person_id
    page = seen(client, address)
    assert "فرستاده شده است" in page
    assert client.get(release).status_code == 404


def test_a_run_that_waits_says_whether_a_worker_is_there(world) -> None:
    client = as_staff(world.cast.national)
    request_run(actor=world.national, place_code="ir", now=timezone.now())
    run = Run.objects.get()
    address = reverse("hq:run", args=[run.pk])
    assert "کارگرِ سامانه" not in seen(client, address)
    Run.objects.update(started_at=timezone.now() - timedelta(minutes=2))
    assert "کارگرِ سامانه اکنون در کار نیست" in seen(client, address)

    client.post(reverse("hq:stop_run", args=[run.pk]))
    page = seen(client, address)
    assert "این اجرا متوقف شد" in page
    assert "run-progress" not in page


def test_every_state_of_a_run_is_explained(world) -> None:
    client = as_staff(world.cast.national)
    run = proposed_run()
    address = reverse("hq:run", args=[run.pk])
    told = {}
    for status, sentence in {
        RunStatus.PROPOSED: "آمادهٔ بازبینی است",
        RunStatus.SUPERSEDED: "جای این را گرفته است",
        RunStatus.DISCARDED: "کنار گذاشته شده است",
        RunStatus.FAILED: "به پایان نرسید",
        RunStatus.RELEASED: "فرستاده شده است",
    }.items():
        Run.objects.filter(pk=run.pk).update(status=status, decided_at=NOW)
        told[status] = sentence in seen(client, address)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, stage=RunStage.SOLVE)
    told[RunStatus.RUNNING] = "یافتن بهترین چینش" in seen(client, address)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RELEASING)
    told[RunStatus.RELEASING] = "فرستادن پیشنهادها در" in seen(client, address)
    assert told == dict.fromkeys(RunStatus, True)


def test_what_a_release_did_not_send_is_told_by_reason(world) -> None:
    client = as_staff(world.cast.national)
    run = proposed_run()
    address = reverse("hq:run", args=[run.pk])
    release = {"opened": 7, "skipped": {"left": 2, "week_full": 1}}
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.RELEASED, decided_at=NOW, parameters={"release": release}
    )

    page = seen(client, address)

    assert "این چینش فرستاده شده است." in page
    assert "از ۱۰ پیشنهاد، ۷ فرستاده شد و ۳ نه" in page
    assert page.index("۲ پیشنهاد: داوطلب اکنون") < page.index("۱ پیشنهاد: هفتهٔ داوطلب پر است")
    assert reverse("hq:start_run", args=["ir"]) not in page

    Run.objects.filter(pk=run.pk).update(parameters={"release": release | {"unasked": 1_234}})
    page = seen(client, address)
    assert "فرستادن این چینش پیش از پایان ایستاد." in page
    assert "از ۱٬۲۴۴ پیشنهاد، ۷ فرستاده شد و ۱٬۲۳۷ نه" in page
    assert "۱٬۲۳۴ پیشنهاد: فرستادن پیش از رسیدن به آن ایستاد" in page
    assert reverse("hq:start_run", args=["ir"]) in page

    Run.objects.filter(pk=run.pk).update(parameters={"release": {"opened": 7, "skipped": {}}})
    assert "پیشنهادهایی که فرستاده نشد" not in seen(client, address)


def test_a_plan_without_proposals_is_not_sent_and_says_why(world) -> None:
    client = as_staff(world.cast.national)
    outcome = run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0, place_code="2")
    page = seen(client, reverse("hq:run", args=[outcome.run_id]))

    assert "این چینش پیشنهاد تازه‌ای ندارد." in page
    assert "چیزی برای چیدن نبود" in page
    assert reverse("hq:release_run", args=[outcome.run_id]) not in page
    assert reverse("hq:discard_run", args=[outcome.run_id]) in page


def test_what_is_seen_of_places_is_exported_as_counts(world) -> None:
    client = as_staff(world.cast.national)
    response = client.get(reverse("hq:dashboard"), {"export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows] == ["جا", "تهران"]
    assert rows[1][2:5] == ["1", "1", "1"]


def test_pages_cost_the_same_however_much_there_is(world) -> None:
    client = as_staff(world.cast.national)
    proposed_run()
    run = proposed_run()
    addresses = [
        reverse("hq:dashboard"),
        reverse("hq:place", args=["231001"]),
        reverse("hq:runs"),
        reverse("hq:run_proposals", args=[run.pk]),
        reverse("hq:compare_runs", args=[run.pk]),
        reverse("hq:run", args=[run.pk]),
    ]
    # The first page of a session looks the login up once more.
    seen(client, addresses[0])
    costs = [_cost(client, address) for address in addresses]
    for _ in range(6):
        world.volunteer(consents=AGREED)
        world.need(place=world.cast.places.next_door)
    again = proposed_run()
    for number, name in ((-3, "run_proposals"), (-2, "compare_runs"), (-1, "run")):
        addresses[number] = reverse(f"hq:{name}", args=[again.pk])

    assert Proposal.objects.filter(run=again).count() == 7
    assert [_cost(client, address) for address in addresses] == costs
    assert max(costs) <= 30


def _cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_where_one_more_would_help_is_shown_by_county_and_skill(world) -> None:
    world.need()
    run = proposed_run()
    client = as_staff(world.cast.national)
    address = reverse("hq:run_recruits", args=[run.pk])

    with CaptureQueriesContext(connection) as caught:
        text = seen(client, address)

    assert len(caught) <= 16
    assert world.cast.places.county.name in text
    assert "recruit-points" in text
    skill = RecruitFigure.objects.filter(run=run, kind="volunteer").values_list("key", flat=True)[0]
    assert "recruit-points" in seen(client, f"{address}?skill={skill}")
    other = Client().get(address)
    assert other.status_code == 302
    table = client.get(f"{address}?export=csv")
    written = b"".join(table.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written)))
    assert len(rows) == 1 + RecruitFigure.objects.filter(run=run).count()


def test_a_run_without_worths_says_so(world) -> None:
    world.need()
    run = proposed_run()
    RecruitFigure.objects.filter(run=run).delete()

    text = seen(as_staff(world.cast.national), reverse("hq:run_recruits", args=[run.pk]))

    assert "چیزی برای نشان دادن نیست." in text
    assert "recruit-points" not in text
