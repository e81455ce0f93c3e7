"""What was answered, read once more before it is handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from salam.core.dates import half_day_name, jalali
from salam.core.language import listed
from salam.core.quantities import kilometres
from salam.people.enums import Gender, PlaceOfService
from salam.web.place_choice import place_name
from salam.web.resident import questions
from salam.web.resident.steps import Answers

Text = str | Promise


@dataclass(frozen=True)
class Row:
    """One answer and the screen on which it is changed."""

    slug: str
    label: Text
    value: Text
    is_own_words: bool = False
    """A name of the data, which has no translation."""


def rows(answers: Answers) -> list[Row]:
    """All answers; of an identifier only whether one was written."""
    name, where, time = answers["name"], answers["where"], answers["time"]
    identity = answers["identity"]
    has_id = bool(identity["national_id"] or identity["other_id"])
    half_days = [half_day_name(number) for number in sorted(time["half_days"])]
    return [
        Row("name", _("نام"), f"{name['given_name']} {name['family_name']}", is_own_words=True),
        Row("identity", _("کد ملی یا شناسه"), _("نوشته‌اید") if has_id else _("ندارید")),
        Row("birth", _("تاریخ تولد"), jalali(date.fromisoformat(answers["birth"]["born_on"]))),
        Row("gender", _("جنسیت"), Gender(answers["gender"]["gender"]).label),
        Row("home", _("خانه"), place_name(answers["home"]["home"]) or "", is_own_words=True),
        Row("skills", _("مهارت‌ها"), listed(questions.skill_names_of(answers["skills"]["skills"]))),
        Row("where", _("جای خدمت"), PlaceOfService(where["place_of_service"]).label),
        Row(
            "where",
            _("زمینه‌ها"),
            listed(questions.area_names_of(where["areas"])) or _("فرقی نمی‌کند"),
        ),
        Row("time", _("وقت آزاد"), listed(half_days)),
        Row("time", _("هفته‌ای"), questions.weekly_name(time["weekly"])),
        Row(
            "time",
            _("دوری از خانه"),
            _("تا {distance}").format(
                distance=kilometres(time["radius_km"] * 1000),
            ),
        ),
        Row("consent", _("موافقت‌ها"), _agreed(answers)),
    ]


def _agreed(answers: Answers) -> str:
    given = answers["consent"]
    words = []
    if given.get("matching"):
        words.append(_("پیشنهاد گرفتن"))
    if given.get("messages"):
        words.append(_("پیامک گرفتن"))
    return listed(words) or _("هیچ‌کدام")
