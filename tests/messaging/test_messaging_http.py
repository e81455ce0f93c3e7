"""Providers over HTTP: what is asked, which answers count, and what never shows."""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured

from salam.config.settings import env_headers
from salam.messaging.actions import deliver_waiting
from salam.messaging.gateways import GATEWAYS, GatewayFailed, Report, ReportingGateway
from salam.messaging.gateways.exchange import ANSWER_BYTES_MAX, Answer, Question
from salam.messaging.gateways.http import HttpGateway
from salam.messaging.gateways.kavenegar import KavenegarGateway
from salam.messaging.gateways.protocol import ANSWER_SECONDS_MAX, clean_reference
from salam.messaging.models import Message
from tests.cast import NOW
from tests.messaging.provider import KEY, Provider, closed_address, running
from tests.messaging.stage import phone_of, queue_for, reachable

PHONE = "+989121234567"
TEXT = "چیزی در سلام منتظر «شما»ست.\nسلام & درود"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running(Provider()) as provider:
        yield provider


def plain(host: str, /, **changes: object) -> HttpGateway:
    given = {
        "url": f"{host}/send?to=$phone",
        "method": "POST",
        "headers": {"Content-Type": "application/json", "Authorization": "Bearer $key"},
        "body": '{"text": "$text", "from": "$sender"}',
        "accepted": r'"ok": true.*"id": (?P<reference>[0-9]+)',
        "key": KEY,
        "sender": "1000",
        "seconds": 1,
    }
    return HttpGateway(**(given | changes))


def kavenegar(url: str) -> KavenegarGateway:
    return KavenegarGateway(key=KEY, sender="10004346", seconds=1, url=f"{url}/v1")


def failure_of(gateway: HttpGateway | KavenegarGateway) -> str:
    """The code of a failure, after looking that it tells nothing else to anybody."""
    with pytest.raises(GatewayFailed) as failure:
        gateway.send(phone=PHONE, text=TEXT)
    told = "".join(traceback.format_exception(failure.value))
    assert not [private for private in (KEY, "1234567", "منتظر", "127.0.0.1") if private in told]
    return failure.value.code


def test_what_is_filled_in_arrives_as_it_was(provider) -> None:
    receipt = plain(provider.url).send(phone=PHONE, text=TEXT)

    ((method, path, headers, body),) = provider.asked
    assert receipt.reference == "71"
    assert method == "POST"
    assert parse_qs(urlsplit(path).query) == {"to": [PHONE]}
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(body) == {"text": TEXT, "from": "1000"}


def test_a_form_is_escaped_as_a_form(provider) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    plain(provider.url, headers=form, body="to=$phone&text=$text").send(phone=PHONE, text=TEXT)

    assert parse_qs(provider.asked[0][3]) == {"to": [PHONE], "text": [TEXT]}


def test_an_address_alone_is_enough(provider) -> None:
    url = f"{provider.url}/$key/send?to=$phone&text=$text"
    plain(provider.url, url=url, method="GET", headers={}, body="").send(phone=PHONE, text=TEXT)

    method, path, _, body = provider.asked[0]
    assert (method, body) == ("GET", "")
    assert parse_qs(urlsplit(path).query)["text"] == [TEXT]


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (500, b"{}", "busy"),
        (503, b'{"ok": true, "id": 1}', "busy"),
        (429, b"", "busy"),
        (401, b"", "account"),
        (400, b"", "refused"),
        (302, b'{"ok": true, "id": 1}', "refused"),
        (200, b'{"ok": false}', "not_accepted"),
        (200, b"\xff\xfe<html>", "not_accepted"),
        (200, b"x" * (ANSWER_BYTES_MAX + 1), "broken"),
    ],
)
def test_what_is_not_accepted_has_failed(provider, status, answer, code) -> None:
    provider.status, provider.answer = status, answer

    assert failure_of(plain(provider.url)) == code
    assert len(provider.asked) == 1


@pytest.mark.parametrize("make", [plain, kavenegar])
def test_a_provider_that_is_away(make) -> None:
    assert failure_of(make(closed_address())) == "unreachable"


@pytest.mark.parametrize("make", [plain, kavenegar])
@pytest.mark.parametrize("manner", ["is_slow", "drips"])
def test_an_answer_that_comes_too_late(provider, make, manner) -> None:
    """Drop by drop, each in time, the answer would take half a minute."""
    setattr(provider, manner, True)
    before = time.monotonic()

    assert failure_of(make(provider.url)) == "timeout"
    assert time.monotonic() - before < 3


def test_a_second_answer_is_not_taken_for_the_next_message(provider) -> None:
    provider.answers_twice = True
    gateway = plain(provider.url)

    first = gateway.send(phone=PHONE, text=TEXT)
    provider.answer = b'{"ok": true, "id": 72}'
    second = gateway.send(phone=PHONE, text=TEXT)

    assert [first.reference, second.reference] == ["71", "72"]
    assert len(provider.asked) == 2


def test_kavenegar_is_asked_by_its_protocol(provider) -> None:
    provider.answer = None

    receipt = kavenegar(provider.url).send(phone=PHONE, text=TEXT)

    ((method, path, _, body),) = provider.asked
    assert (method, path) == ("POST", f"/v1/{KEY}/sms/send.json")
    assert parse_qs(body) == {
        "receptor": ["09121234567"],
        "message": [TEXT],
        "sender": ["10004346"],
    }
    assert receipt.reference == "8792343"


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (418, b'{"return": {"status": 418, "message": "."}, "entries": null}', "credit"),
        (200, b'{"return": {"status": 418}}', "credit"),
        (403, b'{"return": {"status": 403}}', "account"),
        (411, b'{"return": {"status": 411, "message": "09121234567"}}', "number"),
        (409, b'{"return": {"status": 409}}', "busy"),
        (400, b'{"return": {"status": 400}}', "refused"),
        (502, b"<html>Bad gateway</html>", "busy"),
        (200, b"<html>Please log in</html>", "garbage"),
        (200, b'{"return": []}', "garbage"),
        (200, b"[1]", "garbage"),
    ],
)
def test_what_kavenegar_refuses_has_a_reason(provider, status, answer, code) -> None:
    provider.status, provider.answer = status, answer

    assert failure_of(kavenegar(provider.url)) == code


def test_kavenegar_tells_later_what_arrived(provider) -> None:
    provider.answer = None
    gateway = kavenegar(provider.url)
    assert isinstance(gateway, ReportingGateway)
    references = ["8792343", "8792344", "8792345"]

    early = gateway.reports(references=references)
    provider.reports = {"8792343": 10, "8792344": 11}
    late = gateway.reports(references=references)

    assert early == {}
    assert late == {
        "8792343": Report(is_delivered=True),
        "8792344": Report(is_delivered=False, code="not_reached"),
    }


def test_a_number_in_place_of_a_reference_is_not_kept(provider) -> None:
    provider.answer = b'{"ok": true, "id": 989121234567}'

    assert plain(provider.url).send(phone=PHONE, text=TEXT).reference == ""
    assert clean_reference(reference="x" * 65, phone=PHONE) == ""
    assert clean_reference(reference="a b", phone=PHONE) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://sms.example.ir/$phone"},
        {"url": "https://"},
        {"url": "ftp://127.0.0.1"},
        {"accepted": ""},
        {"accepted": "("},
        {"body": "$number"},
        {"body": "5 $"},
    ],
)
def test_a_wrong_setting_stops_the_start_and_repeats_no_secret(changes) -> None:
    with pytest.raises(ImproperlyConfigured, match="SALAM_SMS_") as refusal:
        plain("https://sms.example.ir", **changes)

    assert "example" not in str(refusal.value)
    with pytest.raises(ImproperlyConfigured, match="SALAM_SMS_KEY"):
        KavenegarGateway(key="", sender="", seconds=1)


@pytest.mark.parametrize("value", ["[]", "x", '{"a": 1}'])
def test_headers_are_an_object_of_texts(monkeypatch, value) -> None:
    monkeypatch.setenv("SALAM_SMS_HEADERS", value)

    with pytest.raises(ImproperlyConfigured, match="SALAM_SMS_HEADERS must be"):
        env_headers("SALAM_SMS_HEADERS")


def test_the_settings_make_both_gateways(settings) -> None:
    settings.SALAM_SMS_URL = "https://sms.example.ir/send"
    settings.SALAM_SMS_KEY, settings.SALAM_SMS_ACCEPTED = KEY, "ok"
    made = [GATEWAYS[name]() for name in ("http", "kavenegar")]

    assert [(one.name, one.reaches_people) for one in made] == [("http", True), ("kavenegar", True)]
    assert settings.SALAM_SMS_SECONDS < ANSWER_SECONDS_MAX


def test_what_is_asked_and_answered_shows_nothing_when_printed() -> None:
    shown = repr(
        [Question("POST", f"https://x/{KEY}", {"a": KEY}, TEXT.encode()), Answer(200, PHONE)]
    )

    assert KEY not in shown
    assert "1234567" not in shown


def test_from_the_queue_to_a_real_socket_without_a_word_in_the_log(
    db, vault, settings, provider, caplog
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.answer = None
    settings.SALAM_SMS_GATEWAY, settings.SALAM_SMS_KEY = "kavenegar", KEY
    settings.SALAM_SMS_URL = provider.url
    for person in reachable(1, 2):
        queue_for(person)

    deliver_waiting(now=NOW)

    assert [one["receptor"] for one in provider.taken] == [f"0{phone_of(n)[3:]}" for n in (1, 2)]
    assert set(Message.objects.values_list("status", "gateway_reference")) == {
        ("sent", "8792343"),
        ("sent", "8792344"),
    }
    said = [one.getMessage() for one in caplog.records if one.name != "django.db.backends"]
    assert not [line for line in said if KEY in line or "912000" in line]
