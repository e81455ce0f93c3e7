"""Fields: what is typed, what comes of it, what is said when it cannot be used."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.template.loader import render_to_string

from salam.web.forms import JalaliDateField, KitForm, NameField, PhoneField
from salam.web.kit.forms import ExampleForm

GOOD = {
    "key": "6f0c2a52-7a0d-4d8f-9a7e-0a3f3f1d5c11",
    "given_name": "مريم",
    "phone": "۰۹۱۲ ۳۴۵ ۶۷۸۹",
    "code": "۱۲۳ ۴۵۶",
    "national_id": "",
    "born_on_day": "۱۵",
    "born_on_month": "1",
    "born_on_year": "۱۳۸۰",
    "kind": "either",
    "urgency": "2",
    "home_words": "سر",
    "home": "x1",
    "half_days": ["0", "13"],
    "skills": ["maths", "talk"],
    "story": "یک خط\r\nخط دیگر",
    "matching": "on",
}


def form_of(**changes: object) -> ExampleForm:
    return ExampleForm({**GOOD, **changes})


def test_what_is_typed_in_any_digits_and_letters_is_understood() -> None:
    form = form_of()

    assert form.is_valid(), form.errors
    assert form.cleaned_data["given_name"] == "مریم"
    assert form.cleaned_data["phone"] == "+989123456789"
    assert form.cleaned_data["code"] == "123456"
    assert form.cleaned_data["born_on"] == date(2001, 4, 4)
    assert form.cleaned_data["half_days"] == [0, 13]
    assert form.cleaned_data["skills"] == ["maths", "talk"]
    assert form.cleaned_data["home"] == "x1"
    assert form.cleaned_data["story"] == "یک خط\nخط دیگر"


def test_an_empty_form_says_for_each_field_what_to_do() -> None:
    form = ExampleForm({})

    assert not form.is_valid()
    assert set(form.errors) == set(GOOD) - {
        "national_id",
        "born_on_day",
        "born_on_month",
        "born_on_year",
        "home_words",
    } | {"born_on"}
    assert form.errors["given_name"] == ["«نام» را بنویسید."]
    assert form.errors["kind"] == ["«جای خدمت» را انتخاب کنید."]
    assert form.errors["home"] == ["«محلهٔ شما» را انتخاب کنید."]
    assert form.errors["matching"][0].startswith("بدون این")


@pytest.mark.parametrize(
    ("typed", "born_on"),
    [
        (("15", "1", "1380"), date(2001, 4, 4)),
        (("15", "1", "80"), date(2001, 4, 4)),
        (("۱۳۸۰/۰۱/۱۵", "", ""), date(2001, 4, 4)),
        (("", "", "1380/1/15"), date(2001, 4, 4)),
        (("4", "4", "2001"), date(2001, 4, 4)),
        (("30", "12", "1399"), date(2021, 3, 20)),
    ],
)
def test_a_date_is_read_as_people_write_it(typed, born_on) -> None:
    day, month, year = typed

    form = form_of(born_on_day=day, born_on_month=month, born_on_year=year)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["born_on"] == born_on


@pytest.mark.parametrize(
    "typed",
    [
        ("30", "12", "1400"),
        ("31", "7", "1380"),
        ("0", "1", "1380"),
        ("15", "", "1380"),
        ("15", "13", "1380"),
        ("x", "1", "1380"),
        ("1", "1", "1"),
        ("1", "1", "9" * 50),
    ],
)
def test_a_day_that_is_none_is_refused_in_words(typed) -> None:
    day, month, year = typed

    form = form_of(born_on_day=day, born_on_month=month, born_on_year=year)

    assert not form.is_valid()
    assert set(form.errors) == {"born_on"}
    assert form.errors["born_on"][0].endswith(".")


def test_a_date_has_a_first_and_a_last_day_and_is_shown_in_parts() -> None:
    class Period(KitForm):
        on = JalaliDateField(label="روز", first=date(2026, 3, 21), last=date(2026, 11, 22))

    before = Period({"on_day": "29", "on_month": "12", "on_year": "1404"})
    after = Period({"on_day": "2", "on_month": "9", "on_year": "1405"})
    kept = str(Period(initial={"on": date(2026, 11, 22)})["on"])

    assert before.errors["on"] == ["تاریخ باید ۱۴۰۵/۰۱/۰۱ یا پس از آن باشد."]
    assert after.errors["on"] == ["تاریخ باید ۱۴۰۵/۰۹/۰۱ یا پیش از آن باشد."]
    assert re.findall(r'value="(\w+)"(?: selected| dir| title)', kept)
    assert 'value="۱۴۰۵"' in kept
    assert '<option value="9" selected>' in kept


def test_a_refused_form_keeps_what_was_typed() -> None:
    form = form_of(code="12", story="الف" * 300)

    drawn = render_to_string("components/fields.html", {"form": form})

    assert set(form.errors) == {"code", "story"}
    for kept in ("مريم", "0912 345 6789", "الف" * 300, 'value="۱۳۸۰"', "محلهٔ ساختگی سروستان"):
        assert kept in drawn
    assert len(re.findall(r"<input[^>]* checked", drawn)) == 7
    assert "open>" in drawn


def test_errors_are_tied_to_their_fields_and_listed_with_links() -> None:
    form = form_of(phone="12")

    field = render_to_string("components/field.html", {"field": form["phone"]})
    summary = render_to_string("components/error_summary.html", {"form": form})

    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in field
    assert 'id="id_phone_error"' in field
    assert 'href="#id_phone"' in summary
    assert "شمارهٔ تلفن همراه:" in summary


def test_searching_a_place_complains_of_nothing_and_shows_what_was_found() -> None:
    form = ExampleForm({"home_words": "سر", "home_search": "1", "given_name": "مریم"})

    drawn = str(form["home"])

    assert form.is_searching
    assert not form.is_valid()
    assert form.errors == {}
    assert re.findall(r'type="radio" name="home" value="(\w+)"', drawn) == ["x1", "x2"]
    assert 'value="سر"' in drawn


def test_the_enter_key_after_a_search_means_to_go_on() -> None:
    assert form_of(home_search="1", home_found="سر").is_valid()
    assert not form_of(home_search="1", home_found="باغ").is_valid()


@pytest.mark.parametrize("home", ["x9", "<script>", "x1'", "\x00"])
def test_a_place_that_was_not_offered_is_refused(home) -> None:
    assert set(form_of(home=home).errors) == {"home"}


def test_a_place_that_is_not_found_is_told() -> None:
    drawn = str(ExampleForm({"home_words": "هیچ‌جا", "home_search": "1"})["home"])

    assert "جایی با این نام پیدا نشد" in drawn


@pytest.mark.parametrize(
    ("half_days", "is_valid"),
    [(["0"], True), (["14"], False), (["-1"], False), (["x"], False), ([], False)],
)
def test_half_days_are_fourteen(half_days, is_valid) -> None:
    assert form_of(half_days=half_days).is_valid() is is_valid


def test_names_hold_no_markup() -> None:
    class Named(KitForm):
        name = NameField(label="نام", length_max=5)
        phone = PhoneField(required=False)

    assert Named({"name": "<b>"}).errors["name"][0].startswith("نام نویسه‌هایی دارد")
    assert Named({"name": "بلندتر از پنج"}).errors["name"] == ["نام بلندتر از ۵ نویسه است."]
    assert Named({"name": " علی ", "phone": ""}).is_valid()


def test_forms_ask_nothing_of_the_browsers_own_words() -> None:
    drawn = render_to_string("components/fields.html", {"form": ExampleForm()})

    assert not re.search(r"\srequired\b", drawn)
    assert 'aria-required="true"' in drawn
    assert 'autocomplete="one-time-code"' in drawn
    assert 'autocomplete="bday-year"' in drawn
    assert "style=" not in drawn


def test_each_form_brings_a_new_key() -> None:
    keys = {
        re.search(r'name="key" value="([^"]+)"', str(ExampleForm()["key"]))[1] for _ in range(3)
    }

    assert len(keys) == 3
