"""Example data of the kit, fixed in code. No person, place or number here is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.urls import reverse

from salam.core.dates import jalali
from salam.core.text import sort_key
from salam.web.filtering import ChoiceFilter, DateFilter, TextFilter
from salam.web.listing import BulkAction, Column, Listing, RowAction
from salam.web.navigation import Entry, Section, ShownSection, shown_sections
from salam.web.progress import Progress, ProgressState

_LONG: Final = (
    "مؤسسهٔ خیریهٔ توانمندسازی و همراهی با سالمندان، کودکان و خانواده‌های محله‌های جنوبی "
    "شهرستان‌های شمال‌غربی استان با نامی که تمام نمی‌شود"
)
_STATES: Final = (("open", "باز"), ("served", "انجام‌شده"), ("closed", "بسته"))


@dataclass(frozen=True)
class ExampleNeed:
    pk: int
    title: str
    state: str
    headcount: int | None
    opened_on: date
    code: str

    @property
    def title_sort_key(self) -> str:
        return sort_key(self.title)

    @property
    def state_name(self) -> str:
        return dict(_STATES)[self.state]


@dataclass(frozen=True)
class ExampleTab:
    label: str
    url: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True)
class ExampleEvent:
    title: str
    at: datetime | None = None
    on: date | None = None
    text: str = ""
    by: str = ""
    is_done: bool = True


def _row_actions(need: ExampleNeed) -> Sequence[RowAction]:
    if need.state == "closed":
        return ()
    return (RowAction(label="می‌بندم", url=reverse("kit:confirm"), icon="x-circle"),)


NEEDS: Final = Listing(
    name="needs",
    caption="نیازهای ساختگی",
    columns=(
        Column(
            key="title",
            label="نیاز",
            value="title",
            order_by=("title_sort_key",),
            url=lambda need: f"#need-{need.pk}",
        ),
        Column(key="state", label="وضعیت", value="state_name", order_by=("state",)),
        Column(
            key="headcount",
            label="نفر لازم",
            value="headcount",
            order_by=("headcount",),
            is_numeric=True,
        ),
        Column(
            key="opened",
            label="از تاریخ",
            value="opened_on",
            shown=jalali,
            order_by=("opened_on",),
        ),
        Column(key="code", label="کد", value="code", is_code=True),
    ),
    filters=(
        TextFilter(key="words", label="در نام نیاز", lookups=("title",)),
        ChoiceFilter(key="state", label="وضعیت", lookup="state", choices=_STATES),
        DateFilter(key="opened", label="تاریخ", lookup="opened_on"),
    ),
    default_sort="-opened",
    row_actions=_row_actions,
    bulk_actions=(
        BulkAction(key="release", label="انتخاب‌شده‌ها را می‌فرستم", icon="check-circle"),
        BulkAction(key="close", label="انتخاب‌شده‌ها را می‌بندم", icon="x-circle"),
    ),
    holds_people=False,
    empty_title="هنوز نیازی ثبت نشده است.",
    empty_text="تسهیلگر محله نخستین نیاز را می‌نویسد؛ پس از آن اینجا دیده می‌شود.",
    empty_action="نخستین نیاز را می‌نویسم",
)


def example_needs() -> list[ExampleNeed]:
    titles = (
        "همراهی با سالمندان در خرید هفتگی",
        "تدریس ریاضی به نوجوانان",
        "قصه‌گویی در شیرخوارگاه",
        "تعمیر وسایل برقی خانه‌های کم‌درآمد",
        f"کمک به {_LONG}",
        "=SUM(A1:A9) که فرمول نیست",
    )
    return [
        ExampleNeed(
            pk=number,
            title=f"{titles[number % len(titles)]}، نوبت {number}",
            state=_STATES[number % len(_STATES)][0],
            headcount=None
            if number == 7
            else (number * 37) % 90 * (1_000_000 if number == 5 else 1),
            opened_on=date(2026, 3, 21) + timedelta(days=number),
            code=f"N-{number:04d}",
        )
        for number in range(1, 121)
    ]


def _headcount(number: int) -> int | None:
    """One without a number, one with a huge one."""
    return {5: 123_456_789, 7: None}.get(number, number * 37 % 90)


def tabs(pages: Sequence[tuple[str, str]], *, path: str) -> list[ExampleTab]:
    found = [(reverse(name), label) for name, label in pages]
    return [ExampleTab(label, url, url == path) for url, label in found]


def menu(path: str) -> list[ShownSection]:
    """A staff menu as a role might have it."""
    first = Section(
        label="محله",
        entries=(
            Entry(label="نیازها", url_name="kit:staff", icon="list-check"),
            Entry(label="فهرست‌ها", url_name="kit:lists", icon="people"),
        ),
    )
    second = Section(
        label="نتیجه‌ها",
        entries=(Entry(label="نمودار و نقشه", url_name="kit:charts", icon="geo-alt"),),
    )
    return shown_sections((first, second), actor=None, path=path)


@dataclass(frozen=True)
class ExampleAnswer:
    times: str
    state: str
    answer: str
    is_yes: bool = False
    changes: Sequence[str] = ()


@dataclass(frozen=True)
class ExampleExplanation:
    whole: str = ""
    lines: Sequence[ExampleAnswer] = ()


def _answers() -> ExampleExplanation:
    return ExampleExplanation(
        lines=[
            ExampleAnswer("شنبه صبح", "پیشنهاد شد", "نزدیک‌ترین فردِ واجد شرط.", is_yes=True),
            ExampleAnswer(
                "یکشنبه عصر",
                "پیشنهاد نشد",
                "۱۶ کیلومتر بیرون از شعاع رفت‌وآمد اوست.",
                changes=["اگر شعاع رفت‌وآمدش ۱۶ کیلومتر بیشتر بود، پیشنهاد می‌شد."],
            ),
            ExampleAnswer(f"هر هفته تا ۲ نیم‌روز، در {_LONG}", "پیشنهاد نشد", _LONG),
        ]
    )


def parts() -> dict[str, object]:
    at = datetime(2026, 11, 22, 7, 54, tzinfo=UTC)
    return {
        "long": _LONG,
        "pairs": [("محله", "سروستان (ساختگی)"), ("روز", "شنبه صبح"), ("نفر لازم", "۳")],
        "huge": 98_765_432_109,
        "example_tabs": [
            ExampleTab("باز", "#open", is_current=True, count=12),
            ExampleTab("بسته", "#closed", is_current=False, count=0),
            ExampleTab("همهٔ آنچه تا امروز ثبت شده", "#all", is_current=False, count=1_234_567),
        ],
        "events": [
            ExampleEvent("پیشنهاد به شما رسید", at=at, by="مؤسسهٔ نمونه"),
            ExampleEvent(
                "پذیرفتید", at=at + timedelta(hours=3), text="شماره‌تان تا پایان کار نزد مؤسسه است."
            ),
            ExampleEvent(f"نوبت خدمت در {_LONG}", on=date(2026, 12, 1), is_done=False),
        ],
        "explanations": [
            _answers(),
            ExampleExplanation(whole="برای پیشنهاد گرفتن رضایت نداده است."),
        ],
        "works": [
            Progress(
                element_id="work-running",
                label="اجرای چینش در همهٔ کشور",
                state=ProgressState.RUNNING,
                done=41_000,
                total=300_000,
                url="#work-running",
                stop_url="#",
            ),
            Progress(element_id="work-unknown", label="خواندن پرونده", state=ProgressState.RUNNING),
            Progress(
                element_id="work-done",
                label="اجرای استان",
                state=ProgressState.DONE,
                done=5,
                total=5,
            ),
            Progress(
                element_id="work-stopped",
                label="اجرای آزمایشی",
                state=ProgressState.STOPPED,
                done=20,
                total=100,
                sentence="خودتان آن را متوقف کردید؛ چیزی فرستاده نشد.",
            ),
        ],
    }


def confirm() -> dict[str, object]:
    return {
        "title": "فرستادن پیشنهاد به سه داوطلب",
        "sentences": (
            "این پیشنهادها به نام مؤسسهٔ نمونه فرستاده می‌شود و تا هفت روز باز می‌ماند.",
            "شمارهٔ هیچ‌کس به مؤسسه داده نمی‌شود مگر خودش بپذیرد.",
        ),
        "facts": [("اجرا", "شمارهٔ ۱۲ (ساختگی)"), ("گستره", "شهرستانی ساختگی"), ("پیشنهاد", "۳")],
        "action": "سه پیشنهاد را می‌فرستم",
    }
