"""A need without a fixed half-day: written with mistakes, mended, asked for, accepted."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone
from persiantools.jdatetime import JalaliDate
from playwright.sync_api import Page, expect

from salam.core.dates import jalali, local_day
from salam.needs.actions import close_need
from salam.needs.enums import Timing
from salam.needs.models import NeedLine
from salam.people.models import Person
from salam.service.models import Offer, Session
from tests.cast import DAY, NOW
from tests.journeys.test_whole_flow import TITLE, Walk, accepts, press, reads, runs_and_releases
from tests.matching.worlds import OPERATOR, SATURDAY_MORNING
from tests.service.worlds import ServiceWorld
from tests.web.browser import DESKTOP, PHONE


def writes(page: Page, *, broker: str) -> None:
    page.goto("/facilitator/needs/new/231001n1/")
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=what]").fill("هفته‌ای یک بار چند سالمند را تا درمانگاه همراهی کنید.")
    page.locator("[name=people_served]").fill("۱۲")
    page.locator("[name=intermediary]").select_option(broker)
    skill = page.locator("[name='line0-skills'][value='storytelling']")
    skill.locator("xpath=ancestor::details[1]/summary").click()
    skill.check()


def chooses_days(page: Page, first: date, last: date) -> None:
    for name, day in (("starts_on", first), ("ends_on", last)):
        typed = JalaliDate(day)  # type: ignore[no-untyped-call]
        page.locator(f"[name='line0-{name}_day']").fill(str(typed.day))
        page.locator(f"[name='line0-{name}_month']").select_option(str(typed.month))
        page.locator(f"[name='line0-{name}_year']").fill(str(typed.year))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_a_window_is_written_mended_asked_for_and_accepted(browser, live_server, size) -> None:
    world = ServiceWorld()
    close_need(actor=OPERATOR, need_id=world.need_id, now=NOW)
    walk = Walk(browser, live_server.url, size, has_scripts=True)
    page = walk.staff(world.cast.facilitator_here)
    first = local_day(timezone.now())
    last = first + 30 * DAY

    writes(page, broker=str(world.intermediary.pk))
    expect(page.locator("[name='line0-starts_on_day']")).to_be_hidden()
    page.locator("[name='line0-timing'][value='window']").check()
    expect(page.locator("[name='line0-half_day']")).to_be_hidden()
    press(page, "پیش از فرستادن ببینم")
    reads(page, "به «از چه روزی؟» پاسخ دهید.")
    reads(page, "به «کدام نیم‌روزها می‌شود؟» پاسخ دهید.")
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    page.locator(f"[name='line0-half_days'][value='{SATURDAY_MORNING}']").check()
    chooses_days(page, last, first)
    press(page, "پیش از فرستادن ببینم")
    reads(page, "پایان بازه پیش از آغاز آن است.")
    chooses_days(page, first, last)
    press(page, "پیش از فرستادن ببینم")
    reads(page, f"از {jalali(first)} تا {jalali(last)}، هفته‌ای تا ۱ نیم‌روز؛ شنبه صبح")
    press(page, "نیاز را می‌فرستم")
    reads(page, "هفته‌ای تا ۱ نیم‌روز")

    runs_and_releases(walk.staff(world.cast.national))
    resident = walk.staff(Person.objects.get(pk=world.person_id))
    resident.goto("/me/")
    reads(resident, f"شنبه صبح، هر هفته از {jalali(first)} تا {jalali(last)}")
    accepts(resident)

    line = NeedLine.objects.get(timing=Timing.WINDOW)
    assert Offer.objects.get(need_line=line).half_day == SATURDAY_MORNING
    assert first < Session.objects.get().happens_on <= first + 7 * DAY
