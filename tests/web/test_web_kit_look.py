"""The kit as a phone and a desktop draw it, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.axe import broken_rules
from tests.web.browser import DESKTOP, PHONE
from tests.web.test_web_kit import ADDRESSES

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _in_debug(settings) -> None:
    settings.DEBUG = True


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_everybody_can_use_every_component(browser, live_server, viewport) -> None:
    problems: list[str] = []

    for address in ADDRESSES:
        tab = browser.new_page(viewport=viewport)
        tab.on("console", lambda message, into=problems: into.append(message.text))
        tab.on("pageerror", lambda error, into=problems: into.append(str(error)))
        tab.goto(live_server.url + address)
        if tab.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            problems.append(f"{address}: scrolls sideways")
        problems += [f"{address}: {rule}" for rule in broken_rules(tab)]
        tab.close()

    assert problems == [], "\n" + "\n".join(problems)


def test_a_refused_form_leads_to_what_is_to_be_mended(browser, live_server) -> None:
    tab = browser.new_page(viewport=PHONE)
    tab.goto(live_server.url + "/kit/forms/")
    tab.get_by_label("نام", exact=True).fill("مریم")
    tab.get_by_role("button", name="فرم را می‌آزمایم").click()

    expect(tab.locator("[data-error-summary]")).to_be_focused()
    expect(tab.get_by_label("نام", exact=True)).to_have_value("مریم")
    assert broken_rules(tab) == []
    tab.locator("[data-error-summary] a").first.click()
    expect(tab.get_by_label("شمارهٔ تلفن همراه")).to_be_focused()
    tab.close()


def test_a_list_is_filtered_and_sorted_without_a_new_page_and_the_address_follows(
    browser, live_server
) -> None:
    tab = browser.new_page(viewport=DESKTOP)
    tab.goto(live_server.url + "/kit/lists/")
    tab.evaluate("window.stays = true")

    tab.get_by_label("وضعیت").select_option("open")
    expect(tab.locator(".listing__count")).to_have_text("۴۰ ردیف")
    tab.get_by_role("link", name="نفر لازم").click()
    expect(tab.locator("th[aria-sort=ascending]")).to_contain_text("نفر لازم")

    assert re.search(r"state=open.*sort=headcount", tab.url)
    assert tab.evaluate("window.stays")
    expect(tab.get_by_label("وضعیت")).to_have_value("open")
    expect(tab.get_by_role("link", name="برداشتن پالایه‌ها")).to_be_visible()
    expect(tab.locator("#live")).to_have_text("۴۰ ردیف")
    tab.close()


def test_all_rows_are_chosen_at_once_and_counted(browser, live_server) -> None:
    tab = browser.new_page(viewport=DESKTOP)
    tab.goto(live_server.url + "/kit/lists/")

    tab.get_by_label("انتخاب همهٔ این صفحه").check()

    assert tab.locator("input[name=chosen]:checked").count() == 50
    expect(tab.locator("[data-chosen]")).to_have_text("۵۰ ردیف انتخاب شده است.")
    tab.close()


def test_a_place_is_found_while_typing(browser, live_server) -> None:
    tab = browser.new_page(viewport=PHONE)
    tab.goto(live_server.url + "/kit/forms/")

    tab.get_by_placeholder("نام شهر، روستا یا محله").press_sequentially("سرو")

    expect(tab.get_by_label("محلهٔ ساختگی سروستان، شهر نمونه")).to_be_visible()
    tab.close()


def test_a_long_text_tells_how_much_room_is_left(browser, live_server) -> None:
    tab = browser.new_page(viewport=PHONE)
    tab.goto(live_server.url + "/kit/forms/")
    counter = tab.locator(".field__counter")

    tab.get_by_label("نیاز محله را بگویید").fill("سلام")
    expect(counter).to_have_text("۱۹۶ نویسهٔ دیگر جا هست.")
    tab.get_by_label("نیاز محله را بگویید").fill("س" * 203)
    expect(counter).to_have_text("۳ نویسه بیش از اندازه است.")
    tab.close()


def test_without_scripts_a_list_is_filtered_and_a_place_is_found(browser, live_server) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    tab = context.new_page()
    tab.goto(live_server.url + "/kit/lists/")
    tab.get_by_label("وضعیت").select_option("open")
    tab.get_by_role("button", name="نشان بده").click()
    expect(tab.locator(".listing__count")).to_have_text("۴۰ ردیف")

    tab.goto(live_server.url + "/kit/forms/")
    tab.get_by_label("نام", exact=True).fill("مریم")
    tab.get_by_placeholder("نام شهر، روستا یا محله").fill("چشمه")
    tab.get_by_role("button", name="بگرد").click()

    expect(tab.get_by_label("محلهٔ ساختگی سرچشمه، شهر نمونه")).to_be_visible()
    expect(tab.get_by_label("نام", exact=True)).to_have_value("مریم")
    assert tab.locator("[data-error-summary]").count() == 0
    context.close()


def test_the_menu_of_staff_folds_on_a_phone_and_stands_open_on_a_desk(browser, live_server) -> None:
    tab = browser.new_page(viewport=PHONE)
    tab.goto(live_server.url + "/kit/staff/")
    entry = tab.get_by_role("navigation", name="بخش‌های کار").get_by_role("link", name="فهرست‌ها")

    expect(entry).to_have_count(0)
    tab.get_by_text("بخش‌های کار").first.click()
    expect(entry).to_be_visible()
    tab.set_viewport_size(DESKTOP)
    expect(entry).to_be_visible()
    tab.close()
