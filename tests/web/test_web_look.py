"""The pages as a phone and a desktop draw them, in a real Chromium."""

from __future__ import annotations

import pytest

from tests.web.browser import DESKTOP, PHONE, open_browser
from tests.web.test_web_public import filled_world

ADDRESSES = ("/", "/results/", "/places/23/", "/nothing/")
FIRST_LOAD_BYTES_MAX = 200_000


@pytest.mark.django_db(transaction=True)
def test_pages_fit_speak_persian_and_are_light(live_server) -> None:
    filled_world()

    with open_browser() as browser:
        for size in (PHONE, DESKTOP):
            for address in ADDRESSES:
                page = browser.new_page(viewport=size)
                problems: list[str] = []
                page.on("console", lambda message, into=problems: into.append(message.text))
                page.on("pageerror", lambda error, into=problems: into.append(str(error)))
                page.goto(live_server.url + address, wait_until="networkidle")

                width = page.evaluate("document.documentElement.scrollWidth")
                assert width <= size["width"], f"{address} scrolls sideways at {size['width']}"
                assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
                assert page.evaluate("document.fonts.check('17px Vazirmatn', 'سلام')")
                # A missing page is reported on the console by Chromium itself; nothing else may be.
                assert [line for line in problems if "404" not in line] == []
                page.close()


@pytest.mark.django_db(transaction=True)
def test_first_load_is_light_and_links_are_large_enough_to_touch(live_server) -> None:
    filled_world()

    with open_browser() as browser:
        page = browser.new_page(viewport=PHONE)
        sizes: list[int] = []
        page.on(
            "requestfinished",
            lambda request: sizes.append(request.sizes()["responseBodySize"]),
        )
        page.goto(live_server.url, wait_until="networkidle")

        assert sum(sizes) <= FIRST_LOAD_BYTES_MAX
        heights = page.evaluate(
            "[...document.querySelectorAll('main a, main summary')]"
            ".map(element => element.getBoundingClientRect().height)",
        )
        assert heights
        assert min(heights) >= 44
        page.close()


@pytest.mark.django_db(transaction=True)
def test_keyboard_reaches_the_text_first_and_opens_a_province(live_server) -> None:
    filled_world()

    with open_browser() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(f"{live_server.url}/results/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "رفتن به متن صفحه"
        page.get_by_role("link", name="تهران", exact=True).click()
        page.wait_for_url("**/places/23/")
        assert (
            page.get_by_role("heading", level=1).inner_text() == "استان تهران، شهرستان به شهرستان"
        )
        page.close()
