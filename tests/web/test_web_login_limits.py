"""How often: by phone, by address, by all together; and where a code is ever shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.test import Client

from salam.access.models import SharedCacheEntry
from salam.messaging.gateways import GATEWAYS, Receipt
from salam.people.models import Person
from tests.cast import NOW
from tests.web.door import OTHER_PHONE, PHONE, ask, last_code, outbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def phones(count: int) -> list[str]:
    return [f"+98912{number:07d}" for number in range(count)]


def test_a_phone_gets_one_code_a_minute_and_five_an_hour_whoever_asks(cast) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        statuses = []
        for _ in range(6):
            statuses.append(ask(Client()).status_code)
            clock.shift(timedelta(seconds=20))
            statuses.append(ask(Client()).status_code)
            clock.shift(timedelta(seconds=41))
        page = ask(Client())

    assert statuses == [302, 429] * 5 + [429, 429]
    assert len(outbox()) == 5
    assert "ساعت" in page.content.decode()
    # An hour after the first of the five, six rounds of 61 seconds ago; rounded up.
    assert page.headers["Retry-After"] == str(3600 - 6 * 61 + 1)


def test_an_unknown_phone_is_limited_like_a_known_one(cast) -> None:
    for phone in (PHONE, OTHER_PHONE):
        assert [ask(Client(), phone).status_code for _ in range(2)] == [302, 429]


def test_an_address_is_limited_whatever_it_says_of_itself(cast, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "request_login_code": "3/m/ip"}

    statuses = [
        Client(headers={"x-forwarded-for": f"10.0.0.{number}"})
        .post("/login/", {"phone": phone})
        .status_code
        for number, phone in enumerate(phones(4))
    ]

    assert statuses == [302, 302, 302, 429]


def test_behind_our_proxy_visitors_are_told_apart_by_what_it_saw(cast, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "request_login_code": "1/m/ip"}

    def status(phone: str, seen: str) -> int:
        return (
            Client(headers={"x-forwarded-for": seen}).post("/login/", {"phone": phone}).status_code
        )

    first, second, third, fourth = phones(4)

    assert status(first, "10.0.0.1") == 302
    assert status(second, "10.0.0.2") == 302
    assert status(third, "6.6.6.6, 10.0.0.1") == 429
    assert status(fourth, "10.0.0.3, 10.0.0.4") == 302


def test_all_codes_together_have_a_fuse(cast, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        "send_any_login_code": "2/h/key",
    }

    statuses = [ask(Client(), phone).status_code for phone in phones(3)]

    assert statuses == [302, 302, 429]
    assert len(outbox()) == 2


def test_processes_count_together_and_keys_tell_nothing(cast) -> None:
    ask(Client())
    # Another process has the table and nothing else.
    elsewhere = DatabaseCache("shared_cache", {})
    stored = " ".join(SharedCacheEntry.objects.values_list("cache_key", flat=True))

    assert isinstance(caches["default"], DatabaseCache)
    assert elsewhere._table == SharedCacheEntry._meta.db_table
    assert stored
    assert "127.0.0.1" not in stored
    assert "allauth" not in stored
    caches["local"].clear()
    assert ask(Client()).status_code == 429


def demo_house(cast, settings) -> None:
    settings.SALAM_DEMO = True
    Person.objects.filter(pk=cast.volunteer.pk).update(is_generated=True)


def test_a_demo_shows_the_code_on_its_page(client, cast, settings) -> None:
    demo_house(cast, settings)

    ask(client)

    assert last_code() in client.get("/login/code/").content.decode()
    assert last_code() not in Client().get("/login/code/", follow=True).content.decode()


def test_no_other_house_shows_a_code(cast, settings, monkeypatch) -> None:
    class Reaching:
        name = "reaching"
        reaches_people = True

        def send(self, *, phone: str, text: str) -> Receipt:
            return GATEWAYS["file"]().send(phone=phone, text=text)

    monkeypatch.setitem(GATEWAYS, "reaching", Reaching)

    def shown(phone: str) -> bool:
        visitor = Client()
        ask(visitor, phone)
        page = visitor.get("/login/code/").content.decode()
        return last_code() in page or last_code() in str(dict(visitor.session))

    by_default = shown(phones(5)[0])
    settings.SALAM_DEMO = True
    without_made_up_people = shown(phones(5)[1])
    demo_house(cast, settings)
    settings.SECURE_HTTPS = True
    with_tls = shown(phones(5)[2])
    settings.SECURE_HTTPS = False
    settings.SALAM_SMS_GATEWAY = "reaching"
    with_a_real_gateway = shown(phones(5)[3])
    settings.SALAM_SMS_GATEWAY = "file"

    assert not any((by_default, without_made_up_people, with_tls, with_a_real_gateway))
    assert shown(phones(5)[4])


def test_a_stranger_searches_places_so_often_and_no_more(client, settings) -> None:
    settings.SALAM_READS_A_MINUTE = 2
    address = "/places/search/?field=home&home_words=x"

    with time_machine.travel(NOW, tick=False):
        statuses = [client.get(address).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
