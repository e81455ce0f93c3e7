"""A phone that people share: who is it, with which PIN."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from salam.access.actions import (
    PinLocked,
    PinNeeded,
    PinRefused,
    check_pin,
    login_for_person,
    login_for_phone,
    remove_pin,
    reset_pin,
    set_pin,
)
from salam.access.queries import actor_for, login_of, people_at_phone
from salam.core.errors import PermissionRefused
from salam.people.models import Person
from salam.web.accounts.sessions import log_in_registered, proven_phone
from tests.cast import NOW
from tests.people.intake import registered
from tests.web.door import OTHER_PHONE, PHONE, enter, is_logged_in, set_pin_of
from tests.web.login import log_in, login_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
PIN = "2795"


@pytest.fixture
def family(cast) -> list[Person]:
    return [
        registered(cast.places.here, phone=PHONE, given_name="زهرا"),
        registered(cast.places.here, phone=PHONE, given_name="علی"),
    ]


def pick(client: Client, who: str, **data: str) -> HttpResponse:
    return client.post("/login/who/", {"who": who, **data})


def person_of(client: Client) -> int | None:
    person_id: int | None = client.get("/logout/").wsgi_request.actor.person_id
    return person_id


def test_a_shared_phone_asks_by_given_name_alone(client, family) -> None:
    entered = enter(client)
    page = client.get("/login/who/").content.decode()

    assert entered.headers["Location"] == "/login/who/"
    assert "زهرا" in page
    assert "علی" in page
    assert "رضایی" not in page
    assert not is_logged_in(client)


def test_who_has_no_pin_yet_sets_one_and_is_asked_for_it_from_then_on(client, family) -> None:
    enter(client)
    asked = pick(client, "2")
    unlike = pick(client, "2", pin=PIN, again="2796")
    came_in = pick(client, "2", pin="۲۷۹۵", again="۲۷۹۵")
    first = person_of(client)
    client.post("/logout/")
    with time_machine.travel(_later(minutes=2)):
        enter(client)
        wrong = pick(client, "2", pin="1111")
        right = pick(client, "2", pin=PIN)

        assert "برای علی یک رمز شخصی بگذارید" in asked.content.decode()
        assert "این دو یکی نیستند" in unlike.content.decode()
        assert came_in.headers["Location"] == "/me/"
        assert first == family[1].pk
        assert "این رمز درست نیست" in wrong.content.decode()
        assert right.headers["Location"] == "/me/"
        assert person_of(client) == family[1].pk


@pytest.mark.parametrize("who", ["0", "3", "-1", "x", "", "99999999999999999999"])
def test_nobody_but_the_phones_owners_can_be_chosen(client, family, who) -> None:
    enter(client)

    answer = pick(client, who, pin=PIN, again=PIN)

    assert "یکی را انتخاب کنید" in answer.content.decode()
    assert not is_logged_in(client)


def test_the_page_is_for_who_proved_the_phone(client, family) -> None:
    assert client.get("/login/who/").headers["Location"] == "/login/"
    assert pick(client, "1", pin=PIN, again=PIN).headers["Location"] == "/login/"


def test_another_of_the_family_goes_on_to_register(client, family) -> None:
    enter(client)

    answer = pick(client, "another")

    assert answer.headers["Location"] == "/join/"
    assert proven_phone(client.get("/logout/").wsgi_request) == PHONE


def test_somebody_alone_without_pin_is_not_asked(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)

    assert enter(client).headers["Location"] == "/me/"


def test_somebody_alone_with_a_pin_is_asked_for_it(client, cast) -> None:
    person = registered(cast.places.here, phone=PHONE)
    set_pin_of(person, PIN)

    entered = enter(client)
    pick(client, "1")
    before = is_logged_in(client)
    pick(client, "1", pin=PIN)

    assert entered.headers["Location"] == "/login/who/"
    assert not before
    assert person_of(client) == person.pk


def test_a_relative_registers_although_somebody_is_known(client, cast) -> None:
    person = registered(cast.places.here, phone=PHONE, given_name="زهرا")
    enter(client)
    client.post("/me/security/another/")
    with time_machine.travel(_later(minutes=2)):
        entered = enter(client)
        page = client.get("/login/who/").content.decode()
        pick(client, "another")

        assert entered.headers["Location"] == "/login/who/"
        assert "زهرا" in page
        assert person_of(client) is None
        assert proven_phone(client.get("/logout/").wsgi_request) == PHONE
        assert person.pk


def test_a_number_in_too_many_records_shows_no_names(client, cast) -> None:
    for _ in range(13):
        registered(cast.places.here, phone=PHONE, given_name="زهرا")
    enter(client)

    page = client.get("/login/who/").content.decode()
    chosen = pick(client, "1", pin=PIN, again=PIN)

    assert "زهرا" not in page
    assert "مرکز مثبت زندگی" in page
    assert chosen.status_code == 200
    assert not is_logged_in(client)


def test_registering_turns_the_session_into_the_persons(client, cast) -> None:
    enter(client)
    request = client.get("/logout/").wsgi_request
    person = registered(cast.places.here, phone=PHONE)

    log_in_registered(request, person_id=person.pk, now=NOW)
    request.session.save()
    client.cookies["sessionid"] = request.session.session_key

    assert is_logged_in(client)
    assert person_of(client) == person.pk
    assert proven_phone(client.get("/logout/").wsgi_request) is None


def test_registering_turns_the_session_into_nobody_elses(client, cast) -> None:
    enter(client)
    request = client.get("/logout/").wsgi_request
    other = registered(cast.places.here, phone=OTHER_PHONE)

    with pytest.raises(PermissionRefused):
        log_in_registered(request, person_id=other.pk, now=NOW)


def test_a_proof_grows_old(client, cast) -> None:
    enter(client)

    with time_machine.travel(_later(hours=3)):
        assert proven_phone(client.get("/logout/").wsgi_request) is None


@pytest.mark.parametrize(
    "pin",
    ["123", "123456789", "0000", "1234", "4321", "9012", "1212", "1364", "1985", "12a4", "۱۳۶۴"],
)
def test_pins_that_others_try_first_are_refused(cast, pin) -> None:
    person = registered(cast.places.here, phone=PHONE)
    login = login_for(person)

    with pytest.raises(PinRefused):
        set_pin(actor=actor_for(person_id=person.pk, at=NOW), login_id=login.pk, pin=pin, now=NOW)


def test_five_wrong_pins_lock_for_a_quarter_of_an_hour_then_for_longer(cast) -> None:
    person = registered(cast.places.here, phone=PHONE)
    set_pin_of(person, PIN)
    login = login_for(person)
    minute = timedelta(minutes=1)

    tries = [check_pin(login_id=login.pk, pin="9999", now=NOW) for _ in range(5)]
    with pytest.raises(PinLocked) as locked:
        check_pin(login_id=login.pk, pin=PIN, now=NOW + 14 * minute)
    for _ in range(5):
        check_pin(login_id=login.pk, pin="9999", now=NOW + 15 * minute)
    with pytest.raises(PinLocked) as longer:
        check_pin(login_id=login.pk, pin=PIN, now=NOW + 15 * minute)

    assert tries == [False] * 5
    assert locked.value.until == NOW + 15 * minute
    assert longer.value.until == NOW + 45 * minute
    assert check_pin(login_id=login.pk, pin=PIN, now=NOW + 45 * minute)
    assert not check_pin(login_id=login.pk, pin="9999", now=NOW + 45 * minute)


def test_a_locked_pin_is_said_on_the_page(client, family) -> None:
    set_pin_of(family[0], PIN)
    enter(client)

    pages = [pick(client, "1", pin="9999").content.decode() for _ in range(6)]

    assert "این رمز درست نیست" in pages[4]
    assert "چند بار اشتباه" in pages[5]


def test_changing_the_pin_ends_the_other_sessions(client, cast) -> None:
    other = Client()
    log_in(client, cast.volunteer)
    log_in(other, cast.volunteer)

    answer = client.post("/me/security/pin/", {"pin": PIN, "again": PIN})

    assert answer.headers["Location"] == "/me/security/"
    assert is_logged_in(client)
    assert not is_logged_in(other)


def test_changing_a_pin_asks_for_the_old_one_first(client, cast) -> None:
    set_pin_of(cast.volunteer, PIN)
    log_in(client, cast.volunteer)

    sent = client.get("/me/security/pin/")
    wrong = client.post("/login/again/", {"password": "9999"})
    client.post("/login/again/", {"password": PIN})

    assert sent.headers["Location"] == "/login/again/?next=%2Fme%2Fsecurity%2Fpin%2F"
    assert "این رمز درست نیست" in wrong.content.decode()
    assert client.get("/me/security/pin/").status_code == 200


def test_a_lost_device_is_logged_out_from_another(client, cast) -> None:
    lost = Client()
    log_in(client, cast.volunteer)
    log_in(lost, cast.volunteer)

    client.post("/me/security/other-devices/")

    assert is_logged_in(client)
    assert not is_logged_in(lost)


def test_a_pin_goes_only_where_nobody_shares_the_phone(client, family) -> None:
    set_pin_of(family[0], PIN)
    login = login_for(family[0])

    with pytest.raises(PinNeeded):
        remove_pin(
            actor=actor_for(person_id=family[0].pk, at=NOW),
            login_id=login.pk,
            now=NOW,
        )


def test_nobody_sets_the_pin_of_another(cast, family) -> None:
    login = login_for(family[0])

    for person in (family[1], cast.national):
        with pytest.raises(PermissionRefused):
            set_pin(
                actor=actor_for(person_id=person.pk, at=NOW),
                login_id=login.pk,
                pin=PIN,
                now=NOW,
            )


def test_the_desk_near_the_home_resets_a_forgotten_pin(client, cast, family) -> None:
    set_pin_of(family[0], PIN)
    log_in(client, family[0])
    refused = []
    for person in (
        cast.volunteer,
        cast.facilitator_here,
        cast.officer,
        cast.agency_reader,
        cast.of_suspended_office,
        family[0],
    ):
        actor = actor_for(person_id=person.pk, at=NOW)
        try:
            reset_pin(actor=actor, person_id=family[0].pk, now=NOW)
        except PermissionRefused:
            refused.append(person)
    desk = actor_for(person_id=cast.centre_manager.pk, at=NOW)

    reset_pin(actor=desk, person_id=family[0].pk, now=NOW)

    assert len(refused) == 6
    assert not login_for(family[0]).has_pin
    assert not is_logged_in(client)


def test_logins_of_a_phone_are_of_its_owners_alone(cast, family) -> None:
    assert [person.person_id for person in people_at_phone(phone=PHONE)] == [
        person.pk for person in family
    ]
    assert people_at_phone(phone=OTHER_PHONE) == []
    with pytest.raises(PermissionRefused):
        login_for_person(phone=PHONE, person_id=cast.volunteer.pk, now=NOW)
    own = login_for_person(phone=PHONE, person_id=family[0].pk, now=NOW)
    assert own == login_of(person_id=family[0].pk)
    assert login_for_phone(phone=PHONE, now=NOW) == login_for_phone(phone=PHONE, now=NOW)


def _later(**span: int) -> datetime:
    return datetime.now(UTC) + timedelta(**span)
