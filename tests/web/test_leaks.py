"""Contact data stay in the vault: no table, page, header, cookie or log line holds them.

People are planted by the real intake; then everything that can be read is read by everybody. Each
searcher is also shown a leak made for it.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse
from openpyxl import Workbook

from salam.config import urls
from salam.core.errors import PermissionRefused
from salam.core.text import persian_digits
from salam.messaging.actions import deliver_waiting, queue_message
from salam.messaging.enums import MessageStatus
from salam.messaging.models import Message
from salam.people.actions import register_volunteers
from salam.people.actions.intake import VolunteerIntake, check_intake
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.models import Person
from salam.people.vault.actions import VaultInput, replace_entry
from salam.people.vault.enums import VaultKind
from salam.people.vault.models import VaultEntry
from salam.service.messages import OFFER_WAITING
from tests.cast import NOW
from tests.leaks import (
    found_in,
    leaks_in_answer,
    leaks_in_tables,
    planted_phone,
    planted_text,
    recorded_logs,
    tables,
)
from tests.matching.worlds import OPERATOR, STORYTELLING
from tests.web.door import enter
from tests.web.pages import UNNAMED, Page, pages
from tests.web.scene import Scene, Visitor

pytestmark = pytest.mark.django_db

PHONE = planted_phone("9127754318")
NATIONAL_ID = planted_text("national_id", "4710328865")
ADDRESS = planted_text("address", "کوچهٔ نهالستانِ پنهان")
SERVING_ID = planted_text("serving_id", "0499370899")
PLANTED = (PHONE, NATIONAL_ID, ADDRESS, SERVING_ID)

# Where a planted value is meant to be read: name of the address, visitor -> names of the values.
ALLOWED: dict[tuple[str, Visitor], set[str]] = {}

_CHANGES_EACH_TIME = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|\'nonce-[^\']*\'',
)


def plant(scene: Scene) -> None:
    """Contact data of everybody whose pages are opened: of the resident who was asked, and of the
    volunteer who said yes; they share a phone with somebody who came in by the real intake.
    """
    _register(scene)
    for entry in (
        VaultInput(scene.cast.volunteer.pk, VaultKind.PHONE, "+989127754318"),
        VaultInput(scene.cast.volunteer.pk, VaultKind.ADDRESS, ADDRESS.value),
        VaultInput(scene.assignment.person_id, VaultKind.PHONE, "+989127754318"),
        VaultInput(scene.assignment.person_id, VaultKind.NATIONAL_ID, SERVING_ID.value),
    ):
        replace_entry(entry=entry)


def _register(scene: Scene) -> None:
    """One resident with a phone, a national ID and an address, by the real intake."""
    intake = check_intake(
        intake=VolunteerIntake(
            given_name="نهال",
            family_name="کاشته",
            phone="+989127754318",
            national_id="4710328865",
            address=ADDRESS.value,
            birth_date=date(1988, 3, 4),
            home_place_id=scene.world.here.pk,
            skill_bits=STORYTELLING,
            half_day_bits=1,
            consents=frozenset({ConsentPurpose.MATCHING, ConsentPurpose.CONTACT}),
        ),
        on=NOW.date(),
    )
    register_volunteers(
        actor=OPERATOR,
        intakes=[intake],
        channel=RegistrationChannel.FILE,
        now=NOW,
    )


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    plant(scene)
    return scene


def addresses(scene: Scene) -> Iterator[tuple[str, str]]:
    for name, page in pages():
        yield name, page.address(name, scene)
        if page.missing is not None:
            yield f"{name} (missing)", page.missing_address(name, scene)
    for name, (address, _status) in UNNAMED.items():
        yield name, address


def leaks_on_pages(scene: Scene) -> list[str]:
    leaks = []
    for visitor in Visitor:
        client = scene.client(visitor)
        for name, address in addresses(scene):
            found = leaks_in_answer(client.get(address), PLANTED)
            allowed = ALLOWED.get((name, visitor), set())
            leaks += [f"{name} as {visitor}: {value}" for value in found if value not in allowed]
    return leaks


def differences(scene: Scene, chosen: Iterator[tuple[str, Page]]) -> list[str]:
    """Where somebody turned away could tell a forbidden thing from one that does not exist."""
    told = []
    for name, page in chosen:
        if page.missing is None:
            continue
        turned_away = [visitor for visitor in Visitor if visitor not in page.visitors]
        for visitor in turned_away:
            client = scene.client(visitor)
            forbidden = _seen(client, page.address(name, scene))
            missing = _seen(client, page.missing_address(name, scene))
            told += [
                f"{name} as {visitor}: {what}"
                for what in ("status", "headers", "body")
                if forbidden[what] != missing[what]
            ]
            if abs(forbidden["queries"] - missing["queries"]) > 1:
                told.append(f"{name} as {visitor}: number of queries")
    return told


def _alike(text: str, address: str) -> str:
    """Without what changes each time; a page may name its own address, for the way back to it."""
    return _CHANGES_EACH_TIME.sub("", text).replace(address, "*").replace(quote(address), "*")


def _seen(client: Client, address: str) -> dict[str, object]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    body = _alike(response.content.decode(), address)
    headers = {
        name: _alike(value, address)
        for name, value in response.headers.items()
        if name not in {"Date", "Content-Length"}
    }
    return {
        "status": response.status_code,
        "headers": headers,
        "body": body,
        "queries": len(queries),
    }


def test_no_table_holds_contact_data(scene) -> None:
    assert VaultEntry.objects.count() >= 3

    assert leaks_in_tables(PLANTED) == []


@pytest.mark.usefixtures("home")
def test_no_table_holds_contact_data_after_all_of_it_was_used(scene) -> None:
    """A code asked for and typed, a message sent, a number and an identifier looked at."""
    enter(Client(), "+989127754318")
    queue_message(person_id=scene.cast.volunteer.pk, template=OFFER_WAITING.code, now=NOW)
    deliver_waiting(now=NOW)
    officer = scene.client(Visitor.OFFICER)
    address = reverse("intermediary:contact", args=[scene.assignment.public_id])

    seen = [
        leaks_in_answer(officer.post(address, {"field": field}), PLANTED)
        for field in ("phone", "national_id")
    ]

    # The one place where they are meant to be read, and only what was asked for.
    assert seen == [["phone"], ["serving_id"]]
    assert Message.objects.filter(status=MessageStatus.SENT).count() == 1
    assert leaks_in_tables(PLANTED) == []
    assert leaks_in_answer(officer.get(address.replace("contact/", "")), PLANTED) == []


def test_no_answer_holds_contact_data_whoever_asks(scene) -> None:
    assert leaks_on_pages(scene) == []


def test_no_log_line_holds_contact_data(scene, capfd) -> None:
    capfd.readouterr()

    with recorded_logs() as lines:
        plant(scene)
        leaks_on_pages(scene)
        Client().post("/language/", {"language": "en", "next": f"/?phone={PHONE.value}"})

    out, err = capfd.readouterr()
    told = [line for line in lines if "django.db.backends" not in line]
    assert found_in(out + err, PLANTED) == []
    assert [line for line in told if found_in(line, PLANTED)] == []


def test_missing_and_forbidden_look_the_same_to_who_is_turned_away(scene) -> None:
    assert differences(scene, pages()) == []


# What follows plants a leak for each searcher, in an application of these tests alone.


def broken(request: HttpRequest) -> HttpResponse:
    phone = request.POST["phone"]
    raise RuntimeError(f"a page broke after {len(phone)} letters")


def telling(request: HttpRequest) -> HttpResponse:
    del request
    response = HttpResponse(f"سلام {persian_digits(PHONE.value)}")
    # Never the digits themselves: a report of an error shows these lines of the program.
    response.headers["X-Told"] = NATIONAL_ID.value
    return response


def unlike(request: HttpRequest, person_id: int) -> HttpResponse:
    """Tells who exists: by a status of its own, and by asking the database more."""
    del request
    if person_id == 0:
        raise PermissionRefused
    list(Person.objects.filter(pk=person_id))
    list(Person.objects.filter(pk=person_id))
    return HttpResponse("forbidden", status=403)


urlpatterns = [
    *urls.urlpatterns,
    path("broken/", broken, name="broken"),
    path("telling/", telling, name="telling"),
    path("unlike/<int:person_id>/", unlike, name="unlike"),
]


@pytest.fixture
def planted_urls(settings) -> None:
    settings.ROOT_URLCONF = __name__


def test_a_broken_page_repeats_nothing_that_was_typed(planted_urls, settings, capfd) -> None:
    settings.ADMINS = [("operator", "operator@example.org")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client = Client(raise_request_exception=False)
    typed = {"phone": "۰۹۱۲۷۷۵۴۳۱۸", "national_id": NATIONAL_ID.value, "street": ADDRESS.value}

    with recorded_logs() as lines:
        response = client.post("/broken/", typed)

    out, err = capfd.readouterr()
    sent = "\n".join(str(message.message().as_string()) + message.body for message in mail.outbox)
    assert response.status_code == 500
    assert leaks_in_answer(response, PLANTED) == []
    assert any("a page broke after 11 letters" in line for line in lines)
    assert "a page broke" in sent
    assert found_in(sent, PLANTED) == []
    assert [line for line in lines if found_in(line, PLANTED)] == []
    assert found_in(out + err, PLANTED) == []


def test_a_leak_into_a_table_is_found(scene) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planted_leak (note jsonb, raw bytea)")
        cursor.execute(
            "INSERT INTO planted_leak VALUES (%s, %s)",
            [json.dumps({"to": "۰۹۱۲-۷۷۵-۴۳۱۸"}), NATIONAL_ID.value.encode()],
        )

    assert "public.planted_leak" in tables()
    assert leaks_in_tables(PLANTED) == [
        "public.planted_leak: national_id",
        "public.planted_leak: phone",
    ]


def test_a_leak_into_a_page_and_a_header_is_found(planted_urls) -> None:
    assert leaks_in_answer(Client().get("/telling/"), PLANTED) == ["national_id", "phone"]


def test_a_leak_into_a_cookie_is_found() -> None:
    response = HttpResponse("")
    response.set_cookie("seen", base64.b64encode(b"id=4710328865;").decode())

    assert leaks_in_answer(response, PLANTED) == ["national_id"]


def test_a_leak_into_a_log_is_found() -> None:
    logger = logging.getLogger("salam.planted")

    with recorded_logs() as lines:
        logger.debug("calling %s", "+98 912 775 4318")
        logger.info("somebody", extra={"who": {"phone": "09127754318"}})
        try:
            int(f"{NATIONAL_ID.value} years")
        except ValueError:
            logger.exception("broke")

    assert [found_in(line, PLANTED) for line in lines] == [["phone"], ["phone"], ["national_id"]]


def test_an_address_that_tells_who_exists_is_found(scene, planted_urls) -> None:
    page = Page(
        visitors=(Visitor.HQ,),
        arguments=lambda scene: {"person_id": scene.cast.volunteer.pk},
        missing=lambda _scene: {"person_id": 0},
    )

    told = differences(scene, iter([("unlike", page)]))

    assert {line.partition(": ")[2] for line in told} >= {"status", "body", "number of queries"}


@pytest.mark.parametrize(
    "written",
    [
        "09127754318",
        "+98 912 775 4318",
        "0098-912-7754318",
        "(0912) 775-4318",
        "۰۹۱۲۷۷۵۴۳۱۸",
        "٠٩١٢ ٧٧٥ ٤٣١٨",
        json.dumps("۰۹۱۲۷۷۵۴۳۱۸"),
        "&#1776;&#1785;&#1777;&#1778;&#1783;&#1783;&#1781;&#1780;&#1779;&#1777;&#1784;",
        "/search/?q=%DB%B0%DB%B9%DB%B1%DB%B2%DB%B7%DB%B7%DB%B5%DB%B4%DB%B3%DB%B1%DB%B8",
        "tel:+989127754318",
        base64.b64encode(b'{"a": "+989127754318"}').decode(),
        base64.b64encode("شماره ۰۹۱۲۷۷۵۴۳۱۸".encode()).decode(),
        "\\x" + b"09127754318".hex(),
        "x" + "09127754318".encode("utf-16-le").hex(),
    ],
)
def test_a_phone_is_found_however_it_is_written(written) -> None:
    assert found_in(written, PLANTED) == ["phone"]
    assert found_in(written.encode(), PLANTED) == ["phone"]


@pytest.mark.parametrize("written", ["", "0912 775 4319", "9127 and 754318", "471032886", "کوچه"])
def test_what_is_not_planted_is_not_found(written) -> None:
    assert found_in(written, PLANTED) == []


def test_a_phone_in_a_spreadsheet_is_found() -> None:
    book, file = Workbook(), io.BytesIO()
    book.active.append(["سارا", "۰۹۱۲۷۷۵۴۳۱۸"])
    book.save(file)

    assert found_in(file.getvalue(), PLANTED) == ["phone"]
    assert found_in(gzip.compress(b"nothing"), PLANTED) == []
