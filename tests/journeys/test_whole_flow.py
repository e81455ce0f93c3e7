"""Offered, accepted, served, counted, thanked: five people at five screens, and hours that arrive.

On a phone and on a desk, and once more with a resident whose browser runs no scripts. What is
pressed is what people read; a screen that cannot be used stops the walk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from persiantools.jdatetime import JalaliDate
from playwright.sync_api import Browser, BrowserContext, Page, expect

from salam.core.dates import WEEKDAYS, local_day, weekday
from salam.core.text import persian_digits
from salam.matching.models import Run
from salam.matching.tasks import carry_on_runs, carry_on_sending
from salam.people.models import Person
from salam.people.queries import list_active_skills
from salam.service.models import Offer
from salam.timebank.queries import audit, person_hours
from tests.people.intake import made_up_national_id
from tests.service.worlds import ServiceWorld
from tests.web.browser import DESKTOP, PHONE
from tests.web.door import last_code, outbox
from tests.web.login import session_cookie

NUMBER = "۰۹۱۲۵۵۵۰۱۹۹"
NATIONAL_ID = made_up_national_id(901)
TITLE = "همراهی سالمندان تا درمانگاه"


@dataclass
class Walk:
    """One site, one size of screen, and whoever is at it."""

    browser: Browser
    origin: str
    size: dict[str, int]
    has_scripts: bool
    """Of the resident's browser; the offices have them."""

    def resident(self) -> Page:
        return self._page(self._context(has_scripts=self.has_scripts))

    def staff(self, person: Person) -> Page:
        context = self._context(has_scripts=True)
        cookie: Any = session_cookie(person, second_factor=True) | {"url": self.origin}
        context.add_cookies([cookie])
        return self._page(context)

    def _context(self, *, has_scripts: bool) -> BrowserContext:
        size: Any = self.size
        return self.browser.new_context(
            viewport=size,
            java_script_enabled=has_scripts,
            base_url=self.origin,
        )

    def _page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page


def press(page: Page, name: str) -> None:
    """A button or a link of the page, by what it says; not one that is there for Enter alone."""
    seen = page.locator("main :is(a, button):not(.visually-hidden)")
    seen.filter(has_text=name).first.click()
    page.wait_for_load_state()


def reads(page: Page, text: str) -> None:
    expect(page.locator("main")).to_contain_text(text)


def lists_a_need(page: Page, *, broker: str) -> None:
    page.goto("/facilitator/needs/new/231001n1/")
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=what]").fill("هفته‌ای یک بار چند سالمند را تا درمانگاه همراهی کنید.")
    _choose(page, "urgency", "3")
    page.locator("[name=people_served]").fill("۱۲")
    _choose(page, "intermediary", broker)
    _choose(page, "line0-half_day", "4")
    _choose(page, "line0-skills", _skill_code())
    page.locator("[name=line0-headcount]").fill("۱")
    press(page, "پیش از فرستادن ببینم")
    reads(page, TITLE)
    press(page, "نیاز را می‌فرستم")
    reads(page, TITLE)


def _choose(page: Page, name: str, value: str) -> None:
    """One choice, whatever it is drawn as; groups are opened as a hand would."""
    field = page.locator(f"[name='{name}']").first
    if field.evaluate("element => element.tagName") == "SELECT":
        field.select_option(value)
        return
    box = page.locator(f"[name='{name}'][value='{value}']")
    if not box.is_visible():
        box.locator("xpath=ancestor::details[1]/summary").click()
    box.check()


def registers(page: Page, *, home: str) -> None:
    page.goto("/")
    press(page, "ثبت‌نام می‌کنم")
    page.locator("[name=phone]").fill(NUMBER)
    press(page, "برایم کد بفرستید")
    page.locator("[name=code]").fill(last_code())
    press(page, "وارد می‌شوم")
    page.locator("[name=given_name]").fill("گل‌بانو")
    page.locator("[name=family_name]").fill("نارویی")
    goes_on(page)
    _choose(page, "kind", "national")
    page.locator("[name=national_id]").fill(persian_digits(NATIONAL_ID))
    goes_on(page)
    for part, value in (("day", "12"), ("month", "3"), ("year", "1338")):
        field = page.locator(f"[name=born_on_{part}]")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    goes_on(page)
    _choose(page, "gender", "female")
    goes_on(page)
    finds_home(page, home)
    goes_on(page)
    _choose(page, "skills", _skill_code())
    goes_on(page)
    _choose(page, "place_of_service", "centres")
    goes_on(page)
    _choose(page, "half_days", "4")
    _choose(page, "weekly", "1")
    _choose(page, "radius_km", "3")
    goes_on(page)
    page.locator("[name=matching]").check()
    page.locator("[name=messages]").check()
    goes_on(page)
    reads(page, "گل‌بانو نارویی")
    press(page, "ثبت‌نام می‌کنم")
    page.goto("/me/")
    reads(page, "گل‌بانو")


def goes_on(page: Page) -> None:
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()


def finds_home(page: Page, home: str) -> None:
    """Typed and looked for; with scripts the list is there while one types."""
    page.locator("[name=home_words]").fill("جوانمرد")
    choice = page.locator(f"[name=home][value='{home}']")
    if not choice.is_visible():
        page.locator("[name=home_words]").press("Enter")
        page.wait_for_load_state()
    choice.check()


def _skill_code() -> str:
    return next(one.code for one in list_active_skills() if one.bit == 2)


def runs_and_releases(page: Page) -> None:
    page.goto("/hq/runs/new/ir/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    carry_on_runs()
    page.goto(f"/hq/runs/{Run.objects.latest('pk').pk}/")
    press(page, "بازبینی کردم؛ بفرستم")
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    carry_on_sending()
    page.goto(f"/hq/runs/{Run.objects.latest('pk').pk}/")
    reads(page, "پرسیده شد")


def accepts(page: Page) -> None:
    page.goto("/me/")
    reads(page, TITLE)
    press(page, "می‌پذیرم")
    press(page, "بله، می‌پذیرم")
    page.goto("/me/")
    reads(page, "در جریان")


def brokers(page: Page) -> str:
    """Sees the number, plans a session for today; returns the number as it stood there."""
    page.goto("/intermediary/assignments/")
    press(page, "گل‌بانو نارویی")
    press(page, "شمارهٔ تماس را ببینم")
    number = page.locator("#contact a[href^='tel:']").inner_text()
    today = JalaliDate(local_day(timezone.now()))
    for part in ("day", "month", "year"):
        field = page.locator(f"[name=happens_on_{part}]")
        value = str(getattr(today, part))
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("form[action$='/plan/'] button[type=submit]").click()
    page.wait_for_load_state()
    reads(page, WEEKDAYS[weekday(local_day(timezone.now()))])
    return number


def reports(page: Page) -> None:
    page.goto("/me/")
    press(page, "سر این نوبت بودم")
    page.locator("[name=hours]").select_option("2")
    page.locator("[name=minutes]").select_option("30")
    press(page, "همین را می‌نویسم")
    page.goto("/me/")
    reads(page, "۲ ساعت و ۳۰ دقیقه")


def confirms(page: Page) -> None:
    page.goto("/intermediary/hours/")
    page.locator("[name=chosen]").first.check()
    press(page, "انتخاب‌شده‌ها را می‌بینم")
    reads(page, "۲ ساعت و ۳۰ دقیقه")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("size", "has_scripts"),
    [(PHONE, True), (DESKTOP, True), (PHONE, False)],
    ids=["phone", "desk", "phone-without-scripts"],
)
def test_from_a_need_on_the_street_to_hours_in_the_bank(
    browser,
    live_server,
    size,
    has_scripts,
) -> None:
    world = ServiceWorld()
    cast = world.cast
    walk = Walk(browser, live_server.url, size, has_scripts)
    resident, officer = walk.resident(), walk.staff(cast.officer)

    lists_a_need(walk.staff(cast.facilitator_here), broker=str(world.intermediary.pk))
    registers(resident, home=cast.places.here.code)
    runs_and_releases(walk.staff(cast.national))
    accepts(resident)
    number = brokers(officer)
    reports(resident)
    confirms(officer)

    person = Person.objects.get(family_name="نارویی")
    assert number == "09125550199"
    assert person_hours(person_id=person.pk).balance_minutes == 150
    assert {line.breach_count for line in audit()} == {0}
    assert Offer.objects.filter(person=person).count() == 1
    resident.goto("/me/hours/")
    reads(resident, "۲ ساعت و ۳۰ دقیقه")
    resident.goto("/me/looks/")
    reads(resident, "مؤسسهٔ مهر")
    coordinator = walk.staff(cast.coordinator_above)
    coordinator.goto("/hq/places/23/")
    reads(coordinator, "۲٫۵")
    neutral = [sent["text"] for sent in outbox() if last_code() not in sent["text"]]
    assert not [text for text in neutral if TITLE in text or "مؤسسهٔ مهر" in text]
