"""Persian text: one form for storing, one for finding, one for ordering."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salam.core.errors import InvalidInput
from salam.core.text import (
    HALF_SPACE,
    ascii_digits,
    clean,
    clean_name,
    fold,
    fold_tight,
    is_question,
    persian_digits,
    sort_key,
)

persian_text = st.text(alphabet="ابآپتجچکكگیيىئؤأءه‌ةۀـ ًَّ۱٢3xA-.،", max_size=30)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("كرمان", "کرمان"),
        ("علي", "علی"),
        ("مصطفى", "مصطفی"),
        ("فاطمة", "فاطمه"),
        ("سـلـام", "سلام"),
        ("  شهر   ری ", "شهر ری"),
        ("شهر\u00a0ری\n", "شهر ری"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("می \u200cخواهم", "می خواهم"),
        ("\u200cخانه\u200c", "خانه"),
        ("\ufeffنام\u200e\u200f", "نام"),
        ("مو\u0654سسه", "مؤسسه"),
        ("خانۀ ما", "خانهٔ ما"),
        ("ﻛﺮﻣﺎﻥ", "کرمان"),
        ("هێمن ڕۆژ", "هێمن ڕۆژ"),
    ],
)
def test_clean_keeps_words_and_mends_letters(typed: str, stored: str) -> None:
    assert clean(typed) == stored


@given(persian_text)
def test_clean_and_fold_are_done_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)
    assert fold(clean(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كرمان", "کرمان"),
        ("ﻛﺮﻣﺎﻥ", "کرمان"),
        ("آران", "اران"),
        ("اسلام‌شهر", "اسلام شهر"),
        ("سـلام", "سلام"),
        ("مُحَمَّد", "محمد"),
        ("مؤسسه", "موسسه"),
        ("علاء", "علا"),
        ("رضائی", "رضایی"),
        ("منطقه ۱۲", "منطقه ١٢"),
        ("منطقه ۱۲", "منطقه 12"),
        ("ژیلێ", "ژیلی"),
        ("Tehran", "TEHRAN"),
        ("خیابان (ولی‌عصر)", "خیابان ولی عصر"),
    ],
)
def test_fold_finds_the_same_word_however_it_is_typed(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_fold_tells_different_words_apart() -> None:
    assert len({fold(word) for word in ("شیر", "سیر", "پیر", "تیر", "گیر", "کیر")}) == 6


@pytest.mark.parametrize("marks", ["\u064b", "\u0651 \u064e", "ـ", "\u200c", " ", "،.", "‎"])
def test_fold_of_marks_alone_is_empty(marks: str) -> None:
    assert fold(marks) == ""


def test_fold_tight_ignores_all_spaces() -> None:
    assert fold_tight("اسلام شهر") == fold_tight("اسلام‌شهر") == fold_tight("اسلامشهر")


def test_digits_of_three_scripts_become_ascii_and_persian() -> None:
    assert ascii_digits("۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩ 42 متر") == "0123456789 0123456789 42 متر"
    assert persian_digits(1405) == "۱۴۰۵"


def test_names_are_ordered_by_the_persian_alphabet() -> None:
    in_order = [
        "منطقه ۲",
        "منطقه ۱۰",
        "منطقه ۱۲۳۴۵۶۷",
        "منطقه ۲۰۰۰۰۰۰۰",
    ]
    names = [
        "۳ تیر",
        "آبادان",
        "آمل",
        "ابهر",
        "اردبیل",
        "بابل",
        "پارسیان",
        "تبریز",
        "جهرم",
        "چابهار",
        "رشت",
        "زابل",
        "ژاورود",
        "ساری",
        "شیراز",
        "قم",
        "کرج",
        "کرمان",
        "گرگان",
        "لار",
        *in_order,
        "نور",
        "ورامین",
        "همدان",
        "یزد",
        "Kerman",
        "Yazd",
    ]

    backwards = names[::-1]
    assert sorted(backwards, key=sort_key) == names


def test_sort_key_sees_no_half_space_tatweel_or_mark() -> None:
    variants = ["اسلام‌شهر", "اسلـامشهر", "اِسلامشهر"]

    assert {sort_key(variant) for variant in variants} == {sort_key("اسلامشهر")}
    assert sort_key("كرج") == sort_key("کرج")


@given(persian_text)
def test_sort_key_is_ascii_and_fits_its_column(text: str) -> None:
    assert sort_key(text).isascii()
    assert len(sort_key("آ1" * 60)) <= 400


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "علی>",
        "علی\x00",
        "علی\u202eرضا",
        "علی\u2066رضا",
        "علی\x1b[31m",
        "علی\x85\x9f",
        "علی\ud800",
        "علی\ue000",
        "علی\U000e0041",
    ],
)
def test_clean_name_refuses_mark_up_and_control_characters(bad: str) -> None:
    with pytest.raises(InvalidInput, match=r"^نام "):
        clean_name(bad, label="نام")


@pytest.mark.parametrize("empty", ["", "   ", HALF_SPACE, "ـ", "\u064b", "-", "\u200e"])
def test_clean_name_refuses_what_names_nothing(empty: str) -> None:
    with pytest.raises(InvalidInput, match="نام خالی است"):
        clean_name(empty, label="نام")


def test_clean_name_keeps_to_its_length() -> None:
    assert clean_name("ا" * 80, label="نام") == "ا" * 80
    with pytest.raises(InvalidInput, match="۸۰ نویسه"):
        clean_name("ا" * 81, label="نام")


def test_a_question_is_known_by_its_mark_in_both_languages() -> None:
    assert [is_question(text) for text in ("کِی؟", "When? ", "کِی", "When.", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]
