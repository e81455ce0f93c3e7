"""The door in a real Chromium: how it looks, a passkey, and the catalogues under our policy."""

from __future__ import annotations

import pytest

from salam.access.enums import Role
from tests.cast import make_grant
from tests.people.intake import registered
from tests.web.browser import DESKTOP, PHONE, open_browser
from tests.web.door import PHONE as MOBILE
from tests.web.door import last_code
from tests.web.login import session_cookie

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


def watch(page) -> list[str]:
    problems: list[str] = []
    page.on(
        "console",
        lambda message: message.type in {"error", "warning"} and problems.append(message.text),
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    return problems


def test_a_passkey_is_made_and_opens_the_door(live_server, cast, settings) -> None:
    # The second code is asked for at once; the limit has a test of its own.
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "send_login_code": "9/m/key"}
    clerk = registered(cast.places.here, phone=MOBILE)
    make_grant(clerk, Role.FACILITATOR, cast.offices.centre, cast.places.here)
    url = live_server.url.replace("127.0.0.1", "localhost")
    with open_browser() as browser:
        page = browser.new_page(viewport=PHONE)
        problems = watch(page)
        lock = page.context.new_cdp_session(page)
        lock.send("WebAuthn.enable")
        lock.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                },
            },
        )

        page.goto(f"{url}/login/?next=/me/security/")
        page.get_by_label("شمارهٔ تلفن همراه").fill("09125550101")
        page.get_by_role("button", name="برایم کد بفرستید").click()
        page.get_by_label("کد شش‌رقمی").fill(last_code())
        page.get_by_role("button", name="وارد می‌شوم").click()
        page.get_by_role("link", name="با قفل همین دستگاه (کلید عبور)").click()
        page.get_by_role("button", name="کلید را می‌سازم").click()
        page.get_by_role("heading", name="کدهای بازیابی", level=1).wait_for()
        page.goto(f"{url}/logout/")
        page.get_by_role("main").get_by_role("button", name="بیرون می‌روم").click()
        page.goto(f"{url}/login/?next=/me/security/")
        page.get_by_label("شمارهٔ تلفن همراه").fill("09125550101")
        page.get_by_role("button", name="برایم کد بفرستید").click()
        page.get_by_label("کد شش‌رقمی").fill(last_code())
        page.get_by_role("button", name="وارد می‌شوم").click()
        page.get_by_role("button", name="با قفل دستگاه (کلید عبور) وارد می‌شوم").click()
        page.get_by_role("heading", name="امنیت ورود", level=1).wait_for()

        assert problems == []
        assert page.get_by_text("کلید عبور: روشن.").is_visible()
        page.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_of_the_door_fit_and_keep_the_policy(live_server, cast, size) -> None:
    url = live_server.url.replace("127.0.0.1", "localhost")
    cookie = {**session_cookie(cast.national, second_factor=True), "url": url}
    with open_browser() as browser:
        page = browser.new_page(viewport=size)
        page.context.add_cookies([cookie])
        problems = watch(page)
        for address in (
            "/logout/",
            "/me/security/",
            "/me/security/pin/",
            "/me/security/app/",
            "/me/security/keys/add/",
            "/admin/",
            "/admin/people/skill/",
            "/admin/places/place/",
        ):
            page.goto(url + address, wait_until="networkidle")

            width = page.evaluate("document.documentElement.scrollWidth")
            if not address.startswith("/admin/"):
                assert width <= size["width"], f"{address} scrolls sideways at {size['width']}"
            assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
            assert problems == [], address
        page.close()
