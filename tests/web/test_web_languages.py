"""Persian for everybody, English for who chooses it; numbers and dates follow."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from salam.core.dates import half_day_name, jalali, jalali_instant, jalali_long
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.identifiers import normalise_phone
from salam.core.language import all_of, any_of, listed
from salam.core.quantities import grouped, kilometres
from salam.web.templatetags import persian

INSTANT = datetime(2026, 11, 22, 7, 54, tzinfo=UTC)


@pytest.mark.django_db
def test_persian_is_spoken_whatever_the_browser_asks_for(client) -> None:
    response = client.get("/", headers={"accept-language": "en-GB,en"})

    assert '<html lang="fa" dir="rtl">' in response.content.decode()
    assert response.headers["Content-Language"] == "fa"
    assert "Accept-Language" not in response.headers["Vary"]


@pytest.mark.django_db
def test_english_is_spoken_to_who_chose_it(client) -> None:
    chosen = client.post("/language/", {"language": "en", "next": "/results/?again=1"})
    response = client.get(chosen.headers["Location"])

    assert chosen.status_code == 302
    assert chosen.headers["Location"] == "/results/?again=1"
    assert chosen.cookies["django_language"]["httponly"] is True
    assert '<html lang="en" dir="ltr">' in response.content.decode()
    assert "At a glance" in response.content.decode()
    assert response.headers["Content-Language"] == "en"
    assert "Cookie" in response.headers["Vary"]
    assert translation.get_language() == "fa"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["de", "", "en-gb'", "../en"])
def test_a_language_we_do_not_speak_is_persian(client, language) -> None:
    client.cookies["django_language"] = language

    assert '<html lang="fa" dir="rtl">' in client.get("/").content.decode()


@pytest.mark.django_db
def test_a_chosen_language_leads_nowhere_else(client) -> None:
    away = client.post("/language/", {"language": "en", "next": "https://example.org/"})

    assert away.headers["Location"] == "/"
    assert client.get("/language/").status_code == 405


@pytest.mark.django_db
def test_errors_speak_the_chosen_language(client) -> None:
    client.cookies["django_language"] = "en"

    page = client.get("/nothing/").content.decode()

    assert "We could not find this." in page
    assert '<html lang="en" dir="ltr">' in page


@pytest.mark.parametrize(
    ("written", "in_persian", "in_english"),
    [
        (lambda: persian.number(12345), "۱۲٬۳۴۵", "12,345"),
        (lambda: persian.number(-12.5), "−۱۲٫۵", "−12.5"),
        (lambda: persian.digits("ماده 12"), "ماده ۱۲", "ماده 12"),
        (lambda: persian.amount(Decimal("1300000000.00")), "۱٬۳۰۰٬۰۰۰٬۰۰۰", "1,300,000,000"),
        (lambda: persian.percent(41.234), "۴۱٫۲٪", "41.2%"),
        (lambda: persian.decimal(0.912345), "۰٫۹۱", "0.91"),
        (lambda: persian.period("1405-09-02"), "۲ آذر ۱۴۰۵", "2 Azar 1405"),
        (lambda: persian.period("1404-05"), "مرداد ۱۴۰۴", "Mordad 1404"),
        (lambda: persian.period("1404"), "۱۴۰۴", "1404"),
        (
            lambda: persian.instant(INSTANT),
            "یکشنبه ۱ آذر ۱۴۰۵، ساعت ۱۱:۲۴",
            "Sunday 1 Azar 1405, 11:24",
        ),
        (lambda: jalali(INSTANT.date()), "۱۴۰۵/۰۹/۰۱", "1405/09/01"),
        (lambda: jalali_long(INSTANT.date()), "یکشنبه ۱ آذر ۱۴۰۵", "Sunday 1 Azar 1405"),
        (lambda: jalali_instant(INSTANT)[-5:], "۱۱:۲۴", "11:24"),
        (lambda: half_day_name(3), "یکشنبه عصر", "Sunday afternoon"),
        (lambda: kilometres(4200), "۴٫۲ کیلومتر", "4.2 km"),
        (lambda: kilometres(800), "۸۰۰ متر", "800 m"),
        (lambda: grouped(1_234_567), "۱٬۲۳۴٬۵۶۷", "1,234,567"),
        (lambda: listed(["1", "2"]), "1، 2", "1, 2"),
        (lambda: any_of(["1", "2"]), "1 یا 2", "1 or 2"),
        (lambda: all_of(["1", "2"]), "1 و 2", "1 and 2"),
        (
            lambda: persian.own_words("منطقهٔ <1>"),
            "منطقهٔ &lt;۱&gt;",
            '<bdi lang="fa" dir="rtl">منطقهٔ &lt;1&gt;</bdi>',
        ),
        (
            lambda: persian.listed_names(["a&b", "c"]),
            "a&amp;b، c",
            '<bdi lang="fa" dir="rtl">a&amp;b</bdi>, <bdi lang="fa" dir="rtl">c</bdi>',
        ),
    ],
)
def test_numbers_dates_and_lists_follow_the_language(written, in_persian, in_english) -> None:
    with translation.override("fa"):
        assert written() == in_persian
    with translation.override("en"):
        assert written() == in_english


def test_a_refusal_is_said_in_the_language_of_who_reads_it() -> None:
    with translation.override("en"):
        with pytest.raises(InvalidInput) as refusal:
            normalise_phone("12")
        assert PermissionRefused().sentence == "We could not find this."
        assert refusal.value.sentence == (
            "We could not read the phone number; write it like 09123456789."
        )
    assert PermissionRefused().sentence == "چنین چیزی پیدا نشد."
