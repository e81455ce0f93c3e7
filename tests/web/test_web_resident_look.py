"""The resident's way as a real browser goes it: without scripts, at 360 px, and by axe's rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from salam.people.models import Person
from tests.cast import Cast
from tests.web.axe import broken_rules
from tests.web.browser import DESKTOP, PHONE
from tests.web.door import PHONE as OWN_NUMBER
from tests.web.door import enter, last_code
from tests.web.pages import Page
from tests.web.scene import Visitor
from tests.web.test_web_every_page import Visit, seen_wrong
from tests.web.test_web_join import STEPS, answers, fill_in, finish

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FIRST_LOAD_BYTES_MAX = 200_000


def press(tab: Tab, name: str) -> None:
    tab.get_by_role("button", name=name).click()


def test_somebody_registers_on_a_phone_without_any_script(
    browser: Browser,
    live_server,
    cast: Cast,
    home: Path,
) -> None:
    tab = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    tab.goto(live_server.url)
    tab.get_by_role("link", name="ثبت‌نام می‌کنم").click()
    tab.locator("input[type=tel]").fill(OWN_NUMBER)
    press(tab, "برایم کد بفرستید")
    tab.locator("input[autocomplete=one-time-code]").fill(last_code())
    press(tab, "وارد می‌شوم")

    tab.get_by_label("نام", exact=True).fill("گل‌بانو")
    tab.get_by_label("نام خانوادگی").fill("نارویی")
    press(tab, "ادامه می‌دهم")
    tab.get_by_label("هیچ‌کدام را ندارم یا اکنون همراهم نیست").check()
    press(tab, "ادامه می‌دهم")
    tab.get_by_label("روز").fill("۱۲")
    tab.get_by_label("ماه").select_option("3")
    tab.get_by_label("سال").fill("۱۳۳۸")
    press(tab, "ادامه می‌دهم")
    tab.get_by_label("زن", exact=True).check()
    press(tab, "ادامه می‌دهم")
    tab.get_by_label("نام شهر، روستا یا محله").fill("جوانمرد")
    press(tab, "بگرد")
    tab.get_by_label("جوانمرد، ری، استان تهران").check()
    press(tab, "ادامه می‌دهم")
    tab.locator("summary").first.click()
    tab.locator("details[open] input").first.check()
    press(tab, "ادامه می‌دهم")
    press(tab, "ادامه می‌دهم")
    tab.get_by_label("شنبه صبح", exact=True).check()
    press(tab, "ادامه می‌دهم")
    tab.get_by_label("موافقم که به من پیشنهاد داده شود").check()
    press(tab, "ادامه می‌دهم")
    assert "گل‌بانو نارویی" in tab.locator("main").inner_text()
    press(tab, "ثبت‌نام می‌کنم")
    tab.get_by_role("link", name="به صفحهٔ خودم می‌روم").click()

    assert tab.get_by_role("heading", level=1).inner_text() == "سلام گل‌بانو"
    assert Person.objects.filter(given_name="گل‌بانو", home_place=cast.places.here).count() == 1
    tab.context.close()


def test_every_screen_of_registration_can_be_used_and_read_by_everybody(
    browser: Browser,
    live_server,
    cast: Cast,
    home: Path,
) -> None:
    newcomer = Client()
    enter(newcomer)
    fill_in(newcomer, answers(cast))
    addresses = {slug: f"/join/{slug}/" for slug in STEPS} | {"review": "/join/review/"}
    done = Client()
    enter(done, "+989125550109")
    fill_in(done, answers(cast, identity={"kind": "none"}))
    finish(done)

    problems = problems_of(browser, live_server.url, newcomer, addresses)
    problems += problems_of(browser, live_server.url, done, {"done": "/join/done/"})

    assert problems == [], "\n" + "\n".join(problems)


def problems_of(
    browser: Browser,
    origin: str,
    client: Client,
    addresses: dict[str, str],
) -> list[str]:
    found = []
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": origin}
    for language, viewport in (("fa", PHONE), ("fa", DESKTOP), ("en", PHONE)):
        context = browser.new_context(viewport=viewport)
        chosen = {"name": "django_language", "value": language, "url": origin}
        context.add_cookies([session, chosen])
        for name, address in addresses.items():
            tab = context.new_page()
            tab.goto(origin + address, wait_until="load")
            visit = Visit(name, address, Page(), Visitor.STRANGER, language, viewport)
            found += [f"{visit}: {line}" for line in seen_wrong(tab, visit) + broken_rules(tab)]
            tab.close()
        context.close()
    return found


def test_a_home_is_found_while_it_is_typed_and_the_first_load_is_light(
    browser: Browser,
    live_server,
    cast: Cast,
    home: Path,
) -> None:
    newcomer = Client()
    enter(newcomer)
    context = browser.new_context(viewport=PHONE)
    cookie = newcomer.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    tab = context.new_page()
    sizes: list[int] = []
    tab.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))

    tab.goto(f"{live_server.url}/join/home/", wait_until="networkidle")
    first_load = sum(sizes)
    tab.get_by_label("نام شهر، روستا یا محله").type("فیروز")
    tab.get_by_label("فیروزآبادی، ری، استان تهران").check()

    assert first_load <= FIRST_LOAD_BYTES_MAX
    context.close()
