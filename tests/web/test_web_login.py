"""Through the door over HTTP: known and unknown phones, wrong codes, replays, where one lands."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client

from salam.access.models import Login
from salam.access.queries import actor_for
from salam.people.actions import forget_person, merge_people
from tests.cast import NOW
from tests.people.intake import OPERATOR, registered
from tests.web.door import (
    OTHER_PHONE,
    PHONE,
    ask,
    enter,
    is_logged_in,
    last_code,
    outbox,
    wrong_code,
)
from tests.web.login import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def text_without_token(response) -> str:
    """Without the form's token and the code that was typed."""
    return re.sub(r'value="([A-Za-z0-9]{64}|[0-9]{6})"', "", response.content.decode())


def test_an_unknown_phone_is_proved_and_goes_on_to_register(client, cast) -> None:
    asked = ask(client, "۰۹۱۲۵۵۵۰۱۰۱", next="/me/hours/")
    entered = client.post("/login/code/", {"code": last_code()})

    assert asked.headers["Location"] == "/login/code/?next=%2Fme%2Fhours%2F"
    assert entered.headers["Location"] == "/join/"
    [login] = Login.objects.all()
    assert login.person_id is None
    assert client.get("/me/security/").headers["Location"] == "/join/?next=%2Fme%2Fsecurity%2F"


def test_a_known_phone_comes_in_as_its_person(client, cast) -> None:
    person = registered(cast.places.here, phone=PHONE)

    entered = enter(client)

    assert entered.headers["Location"] == "/me/"
    assert is_logged_in(client)
    assert client.get("/login/").headers["Location"] == "/me/"
    assert Login.objects.filter(person=person).count() == 1


def test_the_code_may_be_typed_in_persian_digits_with_a_gap(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    ask(client)
    code = last_code().translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    client.post("/login/code/", {"code": f"{code[:3]} {code[3:]}"})

    assert is_logged_in(client)


def test_what_is_no_mobile_is_said_beside_the_field(client, cast) -> None:
    page = ask(client, "02112345678")

    assert page.status_code == 200
    assert "شمارهٔ همراه" in page.content.decode()
    assert outbox() == []


def test_known_and_unknown_phones_are_answered_alike(cast) -> None:
    registered(cast.places.here, phone=PHONE)
    registered(cast.places.here, phone=PHONE)
    pages = []
    for phone in (PHONE, OTHER_PHONE):
        visitor = Client()
        answer = ask(visitor, phone)
        wrong = visitor.post("/login/code/", {"code": wrong_code()})
        pages.append(
            (
                answer.status_code,
                answer.headers["Location"],
                text_without_token(visitor.get("/login/code/")),
                wrong.status_code,
                text_without_token(wrong),
            ),
        )

    assert pages[0] == pages[1]
    assert [message["to"] for message in outbox()] == [PHONE, OTHER_PHONE]


def test_known_and_unknown_phones_cost_the_same_queries(
    cast,
    django_assert_num_queries,
    django_assert_max_num_queries,
) -> None:
    registered(cast.places.here, phone=PHONE)
    with django_assert_max_num_queries(100) as known:
        ask(Client(), PHONE)
    with django_assert_num_queries(len(known)):
        ask(Client(), OTHER_PHONE)


def test_a_wrong_code_says_so_and_the_fifth_ends_it(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    ask(client)
    right, wrong = last_code(), wrong_code()

    answers = [client.post("/login/code/", {"code": wrong}) for _ in range(5)]
    late = client.post("/login/code/", {"code": right})

    assert "این کد درست نیست" in answers[0].content.decode()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 302]
    assert late.headers["Location"] == "/login/"
    assert not is_logged_in(client)


def test_tries_are_counted_by_code_and_not_by_session_alone(client, cast) -> None:
    """Many requests at once would all read the same count from the session."""
    registered(cast.places.here, phone=PHONE)
    ask(client)
    right, wrong = last_code(), wrong_code()
    saved = Session.objects.get().session_data
    for _ in range(5):
        Session.objects.update(session_data=saved)
        client.post("/login/code/", {"code": wrong})
    Session.objects.update(session_data=saved)

    client.post("/login/code/", {"code": right})

    assert not is_logged_in(client)


def test_a_code_ends_after_five_minutes(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    with time_machine.travel(NOW) as clock:
        ask(client)
        clock.shift(timedelta(minutes=5, seconds=2))
        late = client.post("/login/code/", {"code": last_code()})

    assert late.headers["Location"] == "/login/"


def test_a_code_works_once_and_in_its_own_browser(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    enter(client)
    code = last_code()
    thief = Client()
    stolen = thief.post("/login/code/", {"code": code})
    client.post("/logout/")

    again = client.post("/login/code/", {"code": code})

    assert stolen.headers["Location"] == "/login/"
    assert again.headers["Location"] == "/login/"
    assert not is_logged_in(client)


def test_a_second_code_takes_the_place_of_the_first(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    with time_machine.travel(NOW, tick=False) as clock:
        ask(client)
        first = last_code()
        too_early = client.post("/login/code/", {"action": "resend"})
        clock.shift(timedelta(seconds=61))
        client.post("/login/code/", {"action": "resend"})
        client.post("/login/code/", {"code": first})
        with_first = is_logged_in(client)
        client.post("/login/code/", {"code": last_code()})

        assert too_early.status_code == 429
        assert too_early.headers["Retry-After"] == "61"
        assert len(outbox()) == 2
        assert not with_first
        assert is_logged_in(client)


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"],
)
def test_next_never_leads_elsewhere(client, cast, wanted) -> None:
    registered(cast.places.here, phone=PHONE)
    ask(client, next=wanted)

    entered = client.post("/login/code/", {"code": last_code(), "next": wanted})

    assert entered.headers["Location"] == "/me/"


def test_next_leads_on_within_the_site(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    sent = client.get("/me/security/")

    ask(client, next="/me/security/")
    entered = client.post("/login/code/", {"code": last_code(), "next": "/me/security/"})

    assert sent.headers["Location"] == "/login/?next=/me/security/"
    assert entered.headers["Location"] == "/me/security/"


@pytest.mark.parametrize("address", ["/login/", "/login/code/", "/logout/", "/me/security/pin/"])
def test_forms_from_elsewhere_are_refused(cast, address) -> None:
    strict = Client(enforce_csrf_checks=True)
    log_in(strict, cast.volunteer)

    assert strict.post(address, {"phone": PHONE}).status_code == 403


def test_logging_out_ends_the_session(client, cast) -> None:
    log_in(client, cast.volunteer)
    before = Session.objects.count()
    shown = client.get("/logout/")

    gone = client.post("/logout/")

    assert (shown.status_code, gone.status_code) == (200, 302)
    assert (before, Session.objects.count()) == (1, 0)
    assert not is_logged_in(client)


def test_the_session_gets_a_new_key_at_log_in(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    ask(client)
    before = client.cookies["sessionid"].value

    client.post("/login/code/", {"code": last_code()})

    assert client.cookies["sessionid"].value != before
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"


def test_no_row_holds_phone_or_code_in_plain(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    ask(client, PHONE)
    code = last_code()
    [row] = Session.objects.all()

    unsigned = signing.b64_decode(row.session_data.split(":")[0].lstrip(".").encode())
    held = dict(client.session)

    for secret in (code, PHONE, PHONE[3:]):
        assert secret.encode() not in unsigned
        assert secret not in row.session_data
    # The session itself knows the phone until somebody is logged in, and the code never.
    assert code not in str(held)
    assert PHONE in str(held)
    client.post("/login/code/", {"code": code})
    assert PHONE not in str(dict(client.session))


def test_a_session_of_other_keys_is_an_empty_one(client, cast) -> None:
    log_in(client, cast.volunteer)
    Session.objects.update(session_data=signing.dumps({"_auth_user_id": "1"}))

    assert not is_logged_in(client)


def test_a_merged_person_comes_in_as_the_one_that_was_kept(client, cast) -> None:
    kept = registered(cast.places.here, phone=PHONE)
    duplicate = registered(cast.places.here, phone=OTHER_PHONE)
    log_in(client, duplicate)
    merge_people(actor=OPERATOR, kept_id=kept.pk, duplicate_id=duplicate.pk, now=NOW)
    visitor = Client()

    entered = enter(visitor, OTHER_PHONE)

    assert entered.headers["Location"] == "/me/"
    assert is_logged_in(client)
    for browser in (client, visitor):
        assert browser.get("/me/security/").wsgi_request.actor.person_id == kept.pk


def test_a_forgotten_person_is_out_and_the_phone_is_nobodys(client, cast) -> None:
    person = registered(cast.places.here, phone=PHONE)
    enter(client)
    forget_person(actor=actor_for(person_id=person.pk, at=NOW), person_id=person.pk, now=NOW)

    assert Login.objects.count() == 0
    assert not is_logged_in(client)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        assert enter(Client()).headers["Location"] == "/join/"


def test_a_page_of_somebody_logged_in_reads_session_login_and_roles_once(
    client,
    cast,
    django_assert_num_queries,
) -> None:
    log_in(client, cast.national, second_factor=True)
    client.get("/admin/")

    # Session, login, roles; then what the page itself asks for.
    with django_assert_num_queries(4):
        client.get("/admin/")


def test_public_pages_do_not_ask_who_is_there(client, cast, django_assert_num_queries) -> None:
    client.get("/places/23/")

    with django_assert_num_queries(0):
        client.get("/places/23/")
