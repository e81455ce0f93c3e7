"""The facilitator's screens over HTTP."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from salam.core.dates import jalali, local_day
from salam.core.text import ascii_digits
from salam.needs.enums import NeedStatus, Timing
from salam.needs.models import Need, NeedLine
from tests.cast import DAY
from tests.service.worlds import ServiceWorld
from tests.web.login import log_in
from tests.web.test_web_public import text_of

pytestmark = pytest.mark.django_db
HERE = "/facilitator/needs/new/231001n1/"
# Session, login, actor; places of the filter; count, rows, lines.
LIST_QUERIES = 7


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


@pytest.fixture
def facilitator(world: ServiceWorld, client: Client) -> Client:
    log_in(client, world.cast.facilitator_here, second_factor=True)
    return client


# What a line with several half-days sends besides.
FLEXIBLE = {
    "line0-half_day": "",
    "line0-half_days": ["0", "3"],
    "line0-half_days_weekly": "۲",
}


def window(starts_on: str, ends_on: str) -> dict[str, Any]:
    """A window between two Jalali days, as its six boxes send it."""
    sent: dict[str, Any] = FLEXIBLE | {"line0-timing": "window"}
    for name, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        year, month, day_of_month = day.split("/")
        parts = {"year": year, "month": str(int(month)), "day": str(int(day_of_month))}
        sent |= {f"line0-{name}_{part}": value for part, value in parts.items()}
    return sent


def filled(world: ServiceWorld, **changes: Any) -> dict[str, Any]:
    """A form as a facilitator fills it in; ``changes`` replace or add what is sent."""
    values: dict[str, Any] = {
        "key": str(uuid.uuid4()),
        "title": "همراهی سالمندان تا درمانگاه",
        "what": "هفته‌ای یک بار چند سالمند را تا درمانگاه همراهی کنید.",
        "why": "",
        "urgency": "3",
        "people_served": "۱۲",
        "intermediary": str(world.intermediary.pk),
        "line0-timing": "fixed",
        "line0-half_day": "2",
        "line0-skills": ["storytelling"],
        "line0-headcount": "۲",
        "line0-vetting_tier_min": "0",
        "line0-age_min": "18",
        "line0-gender_required": "any",
        "line0-gender_basis": "",
    }
    return values | changes


def test_own_needs_are_listed_with_people_wanted_and_found(facilitator, world) -> None:
    world.assignment()

    response = facilitator.get("/facilitator/")

    text = text_of(response)
    assert response.status_code == 200
    assert "قصه‌گویی در کتابخانه" in text
    assert "۱ از ۱ نفر" in text
    assert "شنبه صبح" in text
    assert "یکتا" not in text


def test_closed_needs_wait_behind_the_filter(facilitator, world) -> None:
    need = Need.objects.get()
    facilitator.post(f"/facilitator/needs/{need.public_id}/close/")

    assert "قصه‌گویی در کتابخانه" not in text_of(facilitator.get("/facilitator/"))
    for status in ("closed", "all"):
        page = facilitator.get("/facilitator/", {"status": status})
        assert "قصه‌گویی در کتابخانه" in text_of(page), status


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ({"words": "قصه گویی"}, True),
        ({"words": "قصه‌گويي"}, True),
        ({"words": "بچه های کتابخانه"}, True),
        ({"words": "شطرنج"}, False),
        ({"urgency": "3"}, True),
        ({"urgency": "5"}, False),
        ({"place": "231001n1"}, True),
    ],
)
def test_a_filter_leaves_what_it_says(facilitator, asked, is_found) -> None:
    text = text_of(facilitator.get("/facilitator/", asked))

    assert ("قصه‌گویی در کتابخانه" in text) is is_found


def test_needs_elsewhere_look_missing(facilitator, world) -> None:
    far = Need.objects.get(pk=world.need(place=world.cast.places.elsewhere, title="دور از اینجا"))

    forbidden = [
        facilitator.get(address)
        for address in (
            f"/facilitator/needs/{far.public_id}/",
            f"/facilitator/needs/{far.public_id}/close/",
            f"/facilitator/needs/new/{world.cast.places.elsewhere.code}/",
        )
    ]
    missing = facilitator.get(f"/facilitator/needs/{uuid.uuid4()}/")

    assert {page.status_code for page in (*forbidden, missing)} == {404}
    assert {text_of(page) for page in forbidden} == {text_of(missing)}
    assert "دور از اینجا" not in text_of(facilitator.get("/facilitator/"))


def test_an_officer_finds_no_facilitators_page(client, world) -> None:
    log_in(client, world.cast.officer, second_factor=True)

    pages = [client.get(address) for address in ("/facilitator/", "/facilitator/needs/new/", HERE)]

    assert {page.status_code for page in pages} == {404}


def test_one_need_shows_counts_and_no_name(facilitator, world) -> None:
    world.confirmed(duration_minutes=150)
    need = Need.objects.get()

    text = text_of(facilitator.get(f"/facilitator/needs/{need.public_id}/"))

    assert "برای بچه‌های کتابخانه قصه بگویید." in text
    assert "۲ ساعت و ۳۰ دقیقه" in text
    assert "یکتا" not in text


def test_closing_asks_first_and_twice_is_told_kindly(facilitator, world) -> None:
    address = f"/facilitator/needs/{Need.objects.get().public_id}/close/"

    asked = facilitator.get(address)
    still_open = Need.objects.get().status
    facilitator.post(address)
    again = facilitator.post(address, follow=True)

    assert "دیگر باز نمی‌شود" in text_of(asked)
    assert still_open == NeedStatus.OPEN
    assert Need.objects.get().status == NeedStatus.CLOSED
    assert "پیش‌تر بسته شده" in text_of(again)


def test_whoever_has_one_place_is_not_asked_where(facilitator) -> None:
    response = facilitator.get("/facilitator/needs/new/")

    assert response.headers["Location"] == HERE


def test_a_place_is_searched_within_reach_alone(client, world) -> None:
    log_in(client, world.cast.national, second_factor=True)
    asked = client.get("/facilitator/needs/new/", {"place_words": "جوانمرد", "place_search": "1"})
    log_in(client, world.cast.facilitator_elsewhere, second_factor=True)
    own = client.get("/facilitator/places/", {"place_words": "نارنج"})
    foreign = client.get("/facilitator/places/", {"place_words": "جوانمرد"})

    assert "231001n1" in asked.content.decode()
    assert "021001n1" in own.content.decode()
    assert "231001n1" not in foreign.content.decode()


def test_a_need_is_read_back_and_then_sent(facilitator, world) -> None:
    values = filled(world)

    preview = facilitator.post(HERE, values | {"preview": "1"})
    before = Need.objects.count()
    hidden = dict(
        re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', preview.content.decode())
    )
    sent = facilitator.post(HERE, hidden | {"send": "1"})

    need = Need.objects.get(title="همراهی سالمندان تا درمانگاه")
    line = NeedLine.objects.get(need=need)
    assert before == 1
    assert "یکشنبه صبح" in text_of(preview)
    assert sent.headers["Location"] == f"/facilitator/needs/{need.public_id}/"
    assert (need.people_served, need.urgency, need.place) == (12, 3, world.here)
    assert need.listed_by == world.cast.facilitator_here
    assert (line.half_day, line.headcount, line.skill_bits) == (2, 2, 1 << 1)


def test_sending_twice_makes_one_need(facilitator, world) -> None:
    values = filled(world) | {"send": "1"}

    first = facilitator.post(HERE, values)
    second = facilitator.post(HERE, values)
    changed = facilitator.post(HERE, values | {"title": "عنوانی دیگر"})

    assert first.headers["Location"] == second.headers["Location"]
    assert Need.objects.count() == 2  # one stood there before
    assert "این فرم یک بار فرستاده شده" in text_of(changed)


def test_bad_input_keeps_everything_and_says_what_is_wrong(facilitator, world) -> None:
    values = filled(world, what="زنگ بزنید به ۰۹۱۲۱۲۳۴۵۶۷", people_served="زیاد") | {
        "line0-skills": [],
        "send": "1",
    }

    page = facilitator.post(HERE, values)

    text = text_of(page)
    assert Need.objects.count() == 1
    assert "شمارهٔ تلفن یا نشانی پیام‌رسان دارد" in text
    assert "یک عدد بنویسید" in text
    assert "دست‌کم یک مهارت انتخاب کنید." in text
    for typed in ("همراهی سالمندان تا درمانگاه", "زنگ بزنید به ۰۹۱۲۱۲۳۴۵۶۷", 'value="زیاد"'):
        assert typed in page.content.decode(), typed


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"line0-gender_required": "female"}, "بنویسید کدام قانون"),
        ({"line0-headcount": "51"}, "از ۱ تا ۵۰ نفر."),
        ({"line0-half_day": "14"}, "گزینه"),
        ({"line0-half_day": ""}, "به «کدام نیم‌روز؟» پاسخ دهید."),
        ({"line0-timing": ""}, "به «کِی لازم است؟» پاسخ دهید."),
        ({"line0-timing": "open"}, "به «کدام نیم‌روزها می‌شود؟» پاسخ دهید."),
        ({"line0-timing": "window"}, "به «از چه روزی؟» پاسخ دهید."),
        (FLEXIBLE | {"line0-timing": "open", "line0-half_days_weekly": "15"}, "از ۱ تا ۱۴ نیم‌روز."),
        (FLEXIBLE | {"line0-timing": "open", "line0-half_days_weekly": "3"}, "از ۱ تا ۲ باشد"),
        (FLEXIBLE | {"line0-timing": "open", "line0-half_days": ["14"]}, "گزینه"),
        (window("1405/13/01", "1405/12/01"), "ماه را از فهرست بردارید"),
        (window("1405/10/02", "1405/10/01"), "پایان بازه پیش از آغاز آن است."),
        (window("1403/01/01", "1403/02/01"), "این بازه گذشته است"),
        (window("1405/10/01", "1499/10/01"), "تا یک سال دیگر"),
        ({"intermediary": "999999"}, "گزینه"),
        ({"key": "made up"}, "این صفحه را از نو باز کنید."),
        ({"title": "کد ملی ۰۰۱۲۳۴۵۶۷۹"}, "کد ملی دارد"),
    ],
)
def test_each_wrong_answer_gets_its_sentence(facilitator, world, changes, sentence) -> None:
    page = facilitator.post(HERE, filled(world, **changes) | {"send": "1"})

    assert Need.objects.count() == 1
    assert sentence in text_of(page) or "field__error" in page.content.decode()
    assert page.status_code == 200


def test_a_window_is_read_back_and_kept(facilitator, world) -> None:
    today = local_day(timezone.now())
    first, last = today + 7 * DAY, today + 28 * DAY
    values = filled(world, **window(ascii_digits(jalali(first)), ascii_digits(jalali(last))))

    preview = facilitator.post(HERE, values | {"preview": "1"})
    sent = facilitator.post(HERE, values | {"send": "1"})

    line = NeedLine.objects.get(need__title="همراهی سالمندان تا درمانگاه")
    assert (line.timing, line.half_day, line.half_day_bits) == (Timing.WINDOW, None, 0b1001)
    assert (line.half_days_weekly, line.starts_on, line.ends_on) == (2, first, last)
    times = f"از {jalali(first)} تا {jalali(last)}، هفته‌ای تا ۲ نیم‌روز؛ شنبه صبح، یکشنبه عصر"
    assert times in text_of(preview)
    assert times in text_of(facilitator.get(sent.headers["Location"]))
    assert times in text_of(facilitator.get("/facilitator/"))


def test_what_another_timing_asked_is_not_read(facilitator, world) -> None:
    values = filled(world, **window("1399/13/40", "0/1/0")) | {"line0-timing": "open"}

    facilitator.post(HERE, values | {"send": "1"})

    line = NeedLine.objects.get(need__title="همراهی سالمندان تا درمانگاه")
    assert (line.timing, line.half_day, line.starts_on, line.ends_on) == (
        Timing.OPEN,
        None,
        None,
        None,
    )


def test_lines_are_added_and_taken_away_without_losing_a_word(facilitator, world) -> None:
    values = filled(world, title="")
    added = facilitator.post(HERE, values | {"add_line": "1"})
    second = {
        name.replace("line0", "line1"): value
        for name, value in values.items()
        if name.startswith("line0")
    }
    removed = facilitator.post(HERE, values | second | {"remove_line": "0"})

    assert added.content.decode().count('-headcount"') >= 2
    assert "field__error" not in added.content.decode()
    assert "چند سالمند را تا درمانگاه" in added.content.decode()
    assert 'name="line1-headcount"' in removed.content.decode()
    assert 'name="line0-headcount"' not in removed.content.decode()


def test_the_same_half_day_and_skills_twice_are_refused(facilitator, world) -> None:
    values = filled(world)
    twin = {k.replace("line0", "line3"): v for k, v in values.items() if k.startswith("line0")}

    page = facilitator.post(HERE, values | twin | {"preview": "1"})

    assert "دو بار آمده است" in text_of(page)


def test_no_more_lines_than_a_week_has_half_days(facilitator, world) -> None:
    many = {
        name.replace("line0", f"line{number}"): value
        for number in range(40)
        for name, value in filled(world).items()
        if name.startswith("line0")
    }

    page = facilitator.post(HERE, filled(world) | many | {"add_line": "1"})

    assert page.content.decode().count('<legend class="card__title">') == 14


def test_without_an_intermediary_near_nothing_can_be_sent(client, world) -> None:
    world.cast.offices.other_intermediary.status = "suspended"
    world.cast.offices.other_intermediary.save()
    log_in(client, world.cast.facilitator_elsewhere, second_factor=True)

    page = client.get("/facilitator/needs/new/021001n1/")

    assert "هنوز مؤسسهٔ واسط فعالی نیست" in text_of(page)
    assert "<textarea" not in page.content.decode()


def test_the_list_costs_the_same_with_one_need_and_with_three(
    facilitator,
    world,
    django_assert_num_queries,
) -> None:
    facilitator.get("/facilitator/")
    with django_assert_num_queries(LIST_QUERIES):
        facilitator.get("/facilitator/")
    world.need(title="دومی")
    world.need(title="سومی")
    with django_assert_num_queries(LIST_QUERIES):
        facilitator.get("/facilitator/")


def test_the_list_of_needs_can_be_taken_along(facilitator) -> None:
    response = facilitator.get("/facilitator/", {"export": "csv"})

    content = b"".join(response.streaming_content).decode()
    assert "قصه‌گویی در کتابخانه" in content
    assert "۰ از ۱ نفر" in content


@pytest.mark.parametrize("typed", ["12", "۱۲", "١٢"])
def test_numbers_are_shown_in_the_readers_digits_and_read_in_any(
    world, facilitator, typed: str
) -> None:
    fresh = facilitator.get(HERE).content.decode()
    assert re.search(r'name="line0-headcount" value="۱"', fresh)
    assert not re.search(r'<input type="text"[^>]* value="[0-9]', fresh)

    values = filled(world, people_served=typed)
    refused = facilitator.post(HERE, values | {"title": ""}).content.decode()
    assert re.search(r'name="people_served" value="۱۲"', refused)
    facilitator.cookies["django_language"] = "en"
    assert re.search(r'name="line0-headcount" value="1"', facilitator.get(HERE).content.decode())
    facilitator.post(HERE, values | {"send": "1"})
    assert Need.objects.get(title=values["title"]).people_served == 12
