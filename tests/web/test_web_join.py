"""Registering on a phone, screen by screen, without any script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client

from salam.access.models import Login
from salam.people.enums import ConsentPurpose, Gender, PlaceOfService, VolunteerStatus
from salam.people.models import Consent, Person, VolunteerProfile
from salam.people.queries import list_active_skills
from tests.cast import Cast, make_person
from tests.people.intake import made_up_national_id, registered
from tests.web.door import OTHER_PHONE, PHONE, enter
from tests.web.login import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

NATIONAL_ID = made_up_national_id(700)
STEPS = ("name", "identity", "birth", "gender", "home", "skills", "where", "time", "consent")


@pytest.fixture
def newcomer(cast: Cast) -> Client:
    """Somebody who has just proved a phone."""
    client = Client()
    assert enter(client).headers["Location"] == "/join/"
    return client


def answers(cast: Cast, **changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a grandmother of Zahedan might write; ``changes`` replace whole screens."""
    typed: dict[str, dict[str, Any]] = {
        "name": {"given_name": "گل‌بانو", "family_name": "نارویی"},
        "identity": {"kind": "national", "national_id": NATIONAL_ID},
        "birth": {"born_on_day": "۱۲", "born_on_month": "3", "born_on_year": "۱۳۳۸"},
        "gender": {"gender": "female"},
        "home": {"home": cast.places.here.code},
        "skills": {"skills": [list_active_skills()[1].code]},
        "where": {"place_of_service": "centres", "areas": ["1", "2"]},
        "time": {"half_days": ["0", "3"], "weekly": "2", "radius_km": "3"},
        "consent": {"matching": "on", "messages": "on"},
    }
    return typed | {slug: dict(change) for slug, change in changes.items()}


def fill_in(client: Client, typed: Mapping[str, Mapping[str, Any]]) -> None:
    for slug, data in typed.items():
        response = client.post(f"/join/{slug}/", data)
        assert response.status_code == 302, (slug, errors_of(response))


def errors_of(response: Any) -> list[str]:
    page = response.content.decode()
    return [
        re.sub(r"<[^>]+>", "", found).strip()
        for found in re.findall(r'class="field__error"[^>]*>(.*?)</div>', page, re.DOTALL)
    ]


def finish(client: Client) -> Any:
    return client.post("/join/review/", follow=True)


def words_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_each_answer_leads_to_the_next_question_and_the_last_to_registration(
    newcomer: Client,
    cast: Cast,
) -> None:
    for slug, data in answers(cast).items():
        response = newcomer.get("/join/")
        assert response.headers["Location"] == f"/join/{slug}/"
        assert newcomer.get(f"/join/{slug}/").status_code == 200
        newcomer.post(f"/join/{slug}/", data)

    review = newcomer.get("/join/", follow=True)
    done = finish(newcomer)

    assert review.redirect_chain[-1][0] == "/join/review/"
    assert "گل‌بانو نارویی" in words_of(review)
    assert done.redirect_chain[-1][0] == "/join/done/"
    person = Person.objects.get(family_name="نارویی")
    assert (person.given_name, person.birth_date) == ("گل‌بانو", date(1959, 6, 3))
    assert (person.gender, person.home_place) == (Gender.FEMALE, cast.places.here)
    profile = VolunteerProfile.objects.get(person=person)
    assert profile.status == VolunteerStatus.ACTIVE
    assert profile.half_day_bits == 0b1001
    assert (profile.weekly_half_days, profile.radius_m) == (2, 3000)
    assert profile.skill_bits == 1 << list_active_skills()[1].bit
    assert profile.area_bits == 0b110
    assert profile.place_of_service == PlaceOfService.CENTRES
    assert set(Consent.objects.filter(person=person).values_list("purpose", flat=True)) == {
        ConsentPurpose.MATCHING,
        ConsentPurpose.MESSAGES,
    }
    assert Login.objects.filter(person=person).count() == 1
    assert newcomer.get("/me/").status_code == 200


def test_steps_say_where_one_is(newcomer: Client) -> None:
    newcomer.post("/join/name/", {"given_name": "مریم", "family_name": "رضایی"})

    page = newcomer.get("/join/identity/")

    assert "قدم ۲ از ۱۰" in words_of(page)
    assert 'href="/join/name/"' in page.content.decode()


def test_what_was_typed_is_there_again_after_going_back(newcomer: Client, cast: Cast) -> None:
    fill_in(newcomer, answers(cast))

    assert 'value="گل‌بانو"' in newcomer.get("/join/name/").content.decode()
    assert 'value="۱۳۳۸"' in newcomer.get("/join/birth/").content.decode()
    home = newcomer.get("/join/home/").content.decode()
    assert re.search(rf'value="{cast.places.here.code}"[^>]* checked', home)
    time = newcomer.get("/join/time/").content.decode()
    assert set(re.findall(r'name="half_days" value="(\d+)"[^>]* checked', time)) == {"0", "3"}


def test_the_national_id_is_kept_but_never_written_back(newcomer: Client, cast: Cast) -> None:
    fill_in(newcomer, answers(cast))

    identity = newcomer.get("/join/identity/").content.decode()
    review = newcomer.get("/join/review/").content.decode()
    newcomer.post("/join/identity/", {"kind": "national", "national_id": ""})
    finish(newcomer)

    assert NATIONAL_ID not in identity + review
    assert "نوشته‌اید" in review
    # Known by it from now on.
    other = Client()
    enter(other, OTHER_PHONE)
    fill_in(other, answers(cast, name={"given_name": "دیگر", "family_name": "کس"}))
    finish(other)
    assert not Person.objects.filter(family_name="کس").exists()


@pytest.mark.parametrize(
    ("slug", "data", "error", "kept"),
    [
        (
            "name",
            {"given_name": "مریم", "family_name": ""},
            "«نام خانوادگی» را بنویسید.",
            'value="مریم"',
        ),
        (
            "identity",
            {"kind": "national", "national_id": "1234567890"},
            "",
            'value="1234567890"',
        ),
        (
            "identity",
            {"kind": "national", "national_id": ""},
            "این شماره را بنویسید، یا گزینهٔ دیگری را بزنید.",
            "",
        ),
        (
            "identity",
            {"kind": "other", "other_id": "abc"},
            "این شناسه را همان‌طور که روی کارت است بنویسید: رقم و حرف لاتین.",
            'value="abc"',
        ),
        (
            "birth",
            {"born_on_day": "31", "born_on_month": "8", "born_on_year": "1370"},
            "چنین روزی در تقویم نیست؛ تاریخ را دوباره ببینید.",
            'value="۱۳۷۰"',
        ),
        (
            "birth",
            {"born_on_day": "1", "born_on_month": "1", "born_on_year": "1395"},
            "ثبت‌نام از ۱۴ سالگی است. خوشحالیم که می‌خواهید کمک کنید؛ چند سال دیگر منتظرتان هستیم.",
            'value="۱۳۹۵"',
        ),
        (
            "home",
            {"home_words": "جوانمرد"},
            "یکی از جاهایی را که پیدا شد انتخاب کنید.",
            'value="جوانمرد"',
        ),
        (
            "time",
            {"half_days": [], "weekly": "2", "radius_km": "10"},
            "دست‌کم یک نیم‌روز را علامت بزنید؛ بعداً می‌توانید عوضش کنید.",
            'value="10" id="id_radius_km_3" checked',
        ),
    ],
)
def test_a_wrong_answer_says_what_to_do_beside_it_and_keeps_what_was_typed(
    newcomer: Client,
    slug: str,
    data: dict[str, Any],
    error: str,
    kept: str,
) -> None:
    response = newcomer.post(f"/join/{slug}/", data)

    assert response.status_code == 200
    said = errors_of(response)
    assert len(said) == 1
    assert error in said[0]
    assert kept in re.sub(r"\s+", " ", response.content.decode())
    assert newcomer.get("/join/").headers["Location"] == "/join/name/"


def test_a_place_is_found_without_scripts(newcomer: Client, cast: Cast) -> None:
    found = newcomer.post("/join/home/", {"home_words": "جوانمرد", "home_search": "1"})

    page = found.content.decode()
    assert found.status_code == 200
    assert f'type="radio" name="home" value="{cast.places.here.code}"' in page
    assert errors_of(found) == []


def test_the_box_searches_while_typing_where_scripts_run(newcomer: Client) -> None:
    page = newcomer.get("/join/home/").content.decode()

    assert 'hx-get="/places/search/"' in page


def test_without_an_identifier_one_may_register_too(newcomer: Client, cast: Cast) -> None:
    fill_in(newcomer, answers(cast, identity={"kind": "none", "national_id": "12"}))

    finish(newcomer)

    assert Person.objects.filter(family_name="نارویی").count() == 1


def test_another_identifier_is_kept_and_known_again(newcomer: Client, cast: Cast) -> None:
    fill_in(newcomer, answers(cast, identity={"kind": "other", "other_id": "p ۱۲۳-۴۵۶۷"}))
    review = newcomer.get("/join/review/").content.decode()
    finish(newcomer)

    again = Client()
    enter(again, OTHER_PHONE)
    typed = answers(
        cast,
        name={"given_name": "دیگر", "family_name": "کس"},
        identity={"kind": "other", "other_id": "P1234567"},
    )
    fill_in(again, typed)
    finish(again)

    assert "P1234567" not in review
    assert Person.objects.filter(family_name="نارویی").count() == 1
    assert not Person.objects.filter(family_name="کس").exists()


def test_a_minor_is_registered_and_told_of_the_guardian(newcomer: Client, cast: Cast) -> None:
    birth = {"born_on_day": "1", "born_on_month": "1", "born_on_year": "1390"}
    fill_in(newcomer, answers(cast, birth=birth))

    done = finish(newcomer)

    assert "رضایت بدهد؛ پس از آن پیشنهاد می‌گیرید" in words_of(done)
    profile = VolunteerProfile.objects.get(person__family_name="نارویی")
    assert profile.status == VolunteerStatus.INVITED
    assert "رضایت بدهد؛ پس از آن پیشنهاد می‌گیرید" in words_of(newcomer.get("/me/"))


def test_somebody_known_sees_the_same_end_and_nothing_of_the_record(cast: Cast) -> None:
    known = registered(cast.places.here, national_id=NATIONAL_ID, given_name="پروین")
    stranger, double = Client(), Client()
    enter(stranger, OTHER_PHONE)
    fill_in(stranger, answers(cast))
    enter(double, "+989125550103")
    fill_in(double, answers(cast, identity={"kind": "none"}))

    told_known, told_new = finish(stranger), finish(double)

    assert body_of(told_known) == body_of(told_new)
    assert "پروین" not in told_known.content.decode()
    assert Person.objects.filter(pk=known.pk, given_name="پروین").exists()
    assert Login.objects.filter(person=known).count() == 0
    # The way in stays shut; the same page says where to go.
    assert stranger.get("/me/", follow=True).redirect_chain[-1][0] == "/join/done/"
    assert double.get("/me/").status_code == 200


def body_of(response: Any) -> str:
    page = response.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_the_button_pressed_twice_makes_one_person(newcomer: Client, cast: Cast) -> None:
    fill_in(newcomer, answers(cast))
    twin = Client()
    twin.cookies = newcomer.cookies.copy()
    kept = Session.objects.get()
    finish(newcomer)
    # The second press was on its way with the session as it stood before the first was answered.
    Session.objects.create(
        session_key=kept.session_key,
        session_data=kept.session_data,
        expire_date=kept.expire_date,
    )

    again = finish(twin)

    assert again.redirect_chain[-1][0] == "/join/done/"
    assert Person.objects.filter(family_name="نارویی").count() == 1
    assert twin.get("/me/").status_code == 200


def test_who_is_registered_already_goes_to_the_own_page(cast: Cast, client: Client) -> None:
    log_in(client, cast.volunteer)

    for address in ("/join/", "/join/name/", "/join/review/"):
        assert client.get(address).headers["Location"] == "/me/"


def test_a_stranger_proves_a_phone_first(client: Client, cast: Cast) -> None:
    for address in ("/join/", "/join/name/", "/join/review/"):
        assert client.get(address).headers["Location"] == f"/login/?next={address}"
    assert client.get("/join/done/").headers["Location"] == "/join/"


def test_an_old_proof_is_asked_for_anew_and_nothing_is_lost(
    newcomer: Client,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newcomer.post("/join/name/", answers(cast)["name"])
    monkeypatch.setattr("salam.web.accounts.sessions._PROOF_SECONDS", -1)

    away = newcomer.get("/join/identity/")
    monkeypatch.undo()
    caches["default"].clear()  # or it would be too soon for a second code
    enter(newcomer)

    assert away.headers["Location"] == "/login/?next=/join/identity/"
    assert newcomer.get("/join/").headers["Location"] == "/join/identity/"


def test_another_phone_does_not_find_what_the_first_typed(newcomer: Client, cast: Cast) -> None:
    newcomer.post("/join/name/", answers(cast)["name"])
    kept = newcomer.session["salam_join"]
    other = Client()
    enter(other, OTHER_PHONE)
    session = other.session
    session["salam_join"] = kept
    session.save()

    assert other.get("/join/").headers["Location"] == "/join/name/"


def test_what_was_typed_stands_nowhere_in_plain_text(newcomer: Client, cast: Cast) -> None:
    fill_in(newcomer, answers(cast))

    rows = "".join(Session.objects.values_list("session_data", flat=True))

    for secret in (NATIONAL_ID, PHONE, PHONE[3:], "نارویی"):
        assert secret not in rows


def test_a_phone_tries_only_so_often(newcomer: Client, cast: Cast) -> None:
    registered(cast.places.here, national_id=NATIONAL_ID)
    fill_in(newcomer, answers(cast))

    statuses = [newcomer.post("/join/review/").status_code for _ in range(7)]

    assert statuses == [302] * 6 + [429]


def test_a_missing_screen_and_a_foreign_method_are_refused(newcomer: Client) -> None:
    assert newcomer.get("/join/religion/").status_code == 404
    assert newcomer.put("/join/name/").status_code == 405
    assert newcomer.post("/join/").status_code == 405


def test_a_form_from_elsewhere_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    person = make_person(home=cast.places.here)
    log_in(client, person)

    assert client.post("/join/name/", {"given_name": "الف"}).status_code == 403
