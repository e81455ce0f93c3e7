"""The public pages over HTTP."""

from __future__ import annotations

import re

import pytest

from salam.matching.actions import run_matching
from salam.programmes.actions import load_figures
from tests.cast import NOW
from tests.matching.worlds import OPERATOR, World

pytestmark = pytest.mark.django_db


def filled_world() -> World:
    world = World()
    load_figures(actor=OPERATOR)
    for _ in range(12):
        world.volunteer()
    for _ in range(8):
        world.need()
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)
    return world


def text_of(response) -> str:
    # Latin names stand in <bdi>, with the digits that belong to them.
    persian = re.sub(r"<bdi.*?</bdi>", " ", response.content.decode())
    without_tags = re.sub(r"<[^>]+>", " ", persian)
    return re.sub(r"\s+", " ", without_tags)


def test_results_page_shows_counts_run_and_figures(client) -> None:
    filled_world()

    response = client.get("/results/")

    text = text_of(response)
    assert response.status_code == 200
    assert '<html lang="fa" dir="rtl">' in response.content.decode()
    for words in (
        "۱۰۰٪ از نفرهای لازم",
        "ثابت شده که چینشی بهتر از این نیست",
        "۳۰۰٬۰۰۰ نفر",
        "خبرگزاری صدا و سیما",
    ):
        assert words in text


def test_first_page_says_what_it_is_and_leads_to_registration(client) -> None:
    filled_world()

    response = client.get("/")

    text, page = text_of(response), response.content.decode()
    assert response.status_code == 200
    assert "ثبت‌نام می‌کنم" in text
    for address in ("/join/", "/login/", "/results/"):
        assert f'href="{address}"' in page
    assert " ۱۲ " in text
    # Nobody served so far: a plain zero.
    assert "ساعت خدمت ۰ " in text


def test_first_page_of_a_new_installation_counts_nothing(client) -> None:
    text = text_of(client.get("/"))

    assert "داوطلب ۰ " in text
    assert "داده‌های ساختگی" not in text


def test_a_run_with_few_proposals_tells_no_small_count(client) -> None:
    world = World()
    for _ in range(3):
        world.volunteer()
    for _ in range(9):
        world.need()
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)

    text = text_of(client.get("/results/"))

    # Three volunteers on one half-day: three proposals, for nine people asked for.
    assert "از نفرهای لازم" not in text
    assert "از حداکثرِ ممکنِ" not in text
    assert "آخرین اجرا" in text
    assert " ۳ " not in text


def test_results_page_of_a_new_installation_is_empty_not_missing(client) -> None:
    response = client.get("/results/")

    assert response.status_code == 200
    assert "هنوز پیشنهادی داده نشده است" in text_of(response)


def test_results_page_before_anything_is_entered_says_what_comes(client) -> None:
    World()

    text = text_of(client.get("/results/"))

    assert "هنوز پیشنهادی داده نشده است" in text
    assert "ارقام منتشرشده هنوز بار نشده است" in text


def test_every_digit_a_person_reads_is_persian(client) -> None:
    filled_world()

    for address in ("/", "/results/", "/places/23/"):
        text = text_of(client.get(address))
        assert re.findall(r"[0-9]+", text) == [], address


def test_province_page_shows_its_counties(client) -> None:
    filled_world()

    response = client.get("/places/23/")

    assert response.status_code == 200
    assert "شهرستان به شهرستان" in text_of(response)


@pytest.mark.parametrize(
    "address",
    [
        "/places/9999/",
        "/places/ir/",
        "/places/2301/",
        "/places/231001n1/",
        "/nothing/",
        "/places/%3Cscript%3E/",
    ],
)
def test_missing_and_forbidden_look_the_same(client, address) -> None:
    filled_world()

    response = client.get(address)

    assert response.status_code == 404
    assert "چنین چیزی پیدا نشد." in text_of(response)


def test_a_long_address_is_turned_away_before_anything_looks_at_it(
    client,
    django_assert_num_queries,
    recwarn,
) -> None:
    with django_assert_num_queries(0):
        response = client.get(f"/places/{'9' * 5000}/")

    assert response.status_code == 404
    assert list(recwarn) == []


def test_asking_again_and_again_costs_no_query(client, django_assert_num_queries) -> None:
    filled_world()
    client.get("/")
    client.get("/results/")
    client.get("/places/23/")

    with django_assert_num_queries(0):
        for number in range(3):
            client.get(f"/?again={number}")
            client.get(f"/results/?again={number}")
            client.get(f"/places/23/?again={number}")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_public_pages_are_read_only(client, method) -> None:
    World()

    assert getattr(client, method)("/").status_code == 405
    assert getattr(client, method)("/results/").status_code == 405


def test_pages_allow_nothing_from_elsewhere_and_nothing_inline(client) -> None:
    filled_world()

    response = client.get("/results/")

    policy = response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in page
    assert re.findall(r"<script(?![^>]* src=)[^>]*>|\son[a-z]+=", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_planted_phone_national_id_and_name_appear_on_no_page(client) -> None:
    world = filled_world()
    planted = {
        "phone": "+989121234567",
        "national_id": "0012345679",
        "given_name": "نامِ کاشته",
        "family_name": "فامیلِ کاشته",
    }
    world.volunteer(**planted)

    for address in ("/", "/results/", "/places/23/", "/places/9999/"):
        page = client.get(address).content.decode()
        for value in (*planted.values(), "9121234567", "۹۱۲۱۲۳۴۵۶۷"):
            assert value not in page, address
