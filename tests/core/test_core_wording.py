"""What may not stand in the text of a need."""

from __future__ import annotations

import pytest

from salam.core.errors import InvalidInput
from salam.core.wording import HoldsNationalId, HoldsPhone, checked_text

PHONES = (
    "با 09121234567 تماس بگیرید",
    "با ۰۹۱۲۱۲۳۴۵۶۷ تماس بگیرید",
    "با ٠٩١٢١٢٣٤٥٦٧ تماس بگیرید",
    "با ०९१२१२३४५६७ تماس بگیرید",
    "0912 123 45 67",
    "0912-123-4567",
    "0912.123.4567",
    "0912/123/4567",
    "(0912) 1234567",
    "۰۹۱۲\u200c۱۲۳\u200c۴۵۶۷",
    "+98 912 123 4567",
    "00989121234567",
    "9121234567",
    "021-88776655",
    "(۰۲۱) ۸۸ ۷۷ ۶۶ ۵۵",
    "ساعت 8 09121234567",
    "پیام‌رسان @hamsaye_ma",
    "نشانی: hamsaye@example.org",
)
NATIONAL_IDS = ("کد ملی 0013542419", "کد ملی ۰۰۱۳۵۴۲۴۱۹", "001-354241-9", "۰۰۱ ۳۵۴۲۴۱ ۹")
PLAIN = (
    "هفته‌ای ۲ نیم‌روز برای ۱۲ نفر، از ساعت ۹ تا ۱۱:۳۰",
    "از ۱۴۰۵/۰۹/۰۱ تا ۱۴۰۵/۱۰/۳۰، کوچهٔ ۱۲، پلاک ۴۵",
    "1405-09-01 1405-09-30",
    "بودجهٔ ۱٬۵۰۰٬۰۰۰٬۰۰۰ ریال داریم",
    "پروندهٔ 0000000000",
    "کد پستی ۱۸۷۶۵۴۳۲۱۰",
    "سطر نخست\nسطر دوم",
)


@pytest.mark.parametrize("text", PHONES)
def test_ways_to_reach_someone_are_refused(text: str) -> None:
    with pytest.raises(HoldsPhone, match="شرح نیاز شمارهٔ تلفن"):
        checked_text(text, label="شرح نیاز", length_max=200)


@pytest.mark.parametrize("text", NATIONAL_IDS)
def test_valid_national_ids_are_refused(text: str) -> None:
    with pytest.raises(HoldsNationalId, match="شرح نیاز کد ملی دارد"):
        checked_text(text, label="شرح نیاز", length_max=200)


@pytest.mark.parametrize("text", PLAIN)
def test_numbers_of_everyday_life_pass(text: str) -> None:
    assert checked_text(text, label="شرح نیاز", length_max=200)


@pytest.mark.parametrize("text", ["<script>", "a\x00b", "\u202eبرعکس"])
def test_mark_up_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="نویسه‌هایی دارد"):
        checked_text(text, label="شرح نیاز", length_max=200)


@pytest.mark.parametrize(
    ("text", "said"), [("", "خالی"), (" \u200c ", "خالی"), ("ب" * 201, "بلندتر")]
)
def test_empty_and_long_texts_are_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        checked_text(text, label="شرح نیاز", length_max=200)
