"""What headquarters' lists show: places with their counts, runs, proposals without names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.access.enums import Role
from salam.core.dates import TEHRAN, half_day_name, jalali, local_day
from salam.core.quantities import kilometres
from salam.core.text import shown_digits
from salam.matching.enums import Reason, RunStatus
from salam.web.charts import shown_number
from salam.web.filtering import ChoiceFilter, DateFilter, PlaceFilter, TextFilter
from salam.web.hq.run_words import value_points
from salam.web.hq.wording import gap_ppm, status_words
from salam.web.listing import Column, Listing
from salam.web.templatetags.persian import percent


def _count(key: str, label: Any) -> Column:
    return Column(
        key=key, label=label, value=key, shown=shown_number, order_by=(key,), is_numeric=True
    )


PLACES = Listing(
    name="places",
    caption=gettext_lazy("شمارش‌ها، جا به جا"),
    columns=(
        Column(
            key="name",
            label=gettext_lazy("جا"),
            value="name",
            template="hq/_place_name.html",
        ),
        Column(key="kind", label=gettext_lazy("نوع"), value="kind"),
        _count("volunteers", gettext_lazy("داوطلب")),
        _count("needs", gettext_lazy("نیاز باز")),
        _count("asked", gettext_lazy("نفر لازم")),
        _count("proposed", gettext_lazy("در اجرای زنده")),
        _count("invited", gettext_lazy("پرسیده‌شده")),
        _count("accepted", gettext_lazy("بله گفته")),
        _count("active", gettext_lazy("در کار")),
        _count("hours", gettext_lazy("ساعت تأییدشده")),
        Column(
            key="accepted_percent",
            label=gettext_lazy("سهم بله"),
            value="accepted_percent",
            shown=lambda value: "—" if value is None else percent(value),
            order_by=("accepted_percent",),
            is_numeric=True,
        ),
    ),
    filters=(TextFilter(key="name", label=gettext_lazy("نام جا"), lookups=("name",)),),
    holds_people=False,
    row_key="code",
    empty_title=gettext_lazy("این‌جا هنوز چیزی ثبت نشده است."),
    empty_text=gettext_lazy("با ثبت نخستین داوطلب یا نیاز، جاهای زیرین همین‌جا می‌آیند."),
)


def day_and_time(instant: datetime) -> str:
    """Renewals of one day are told apart by the hour."""
    return f"{jalali(local_day(instant))} {shown_digits(f'{instant.astimezone(TEHRAN):%H:%M}')}"


def _starter(run: Any) -> str:
    if run.is_renewal:
        return _("تازه‌سازی خودکار")
    return str(Role(run.starter_role).label) if run.starter_role else _("گردانندهٔ سامانه")


def _released(run: Any) -> int | None:
    released: int | None = run.parameters.get("release", {}).get("opened")
    return released


RUNS = Listing(
    name="runs",
    caption=gettext_lazy("اجراهای تطبیق، تازه‌ترین نخست"),
    columns=(
        Column(
            key="place",
            label=gettext_lazy("جا"),
            value="place.name",
            template="hq/_run_place.html",
        ),
        Column(key="status", label=gettext_lazy("وضعیت"), value=status_words),
        Column(
            key="started",
            label=gettext_lazy("آغاز"),
            value="started_at",
            shown=day_and_time,
            order_by=("started_at",),
        ),
        Column(key="starter", label=gettext_lazy("آغازگر"), value=_starter),
        Column(
            key="volunteers",
            label=gettext_lazy("داوطلب"),
            value="volunteer_count",
            is_numeric=True,
        ),
        Column(key="lines", label=gettext_lazy("ردیف نیاز"), value="line_count", is_numeric=True),
        Column(
            key="proposed",
            label=gettext_lazy("پیشنهاد"),
            value="proposed_count",
            is_numeric=True,
        ),
        Column(
            key="value",
            label=gettext_lazy("ارزش (امتیاز)"),
            value=value_points,
            is_numeric=True,
        ),
        Column(
            key="gap",
            label=gettext_lazy("فاصله از بهترین (در میلیون)"),
            value=gap_ppm,
            is_numeric=True,
        ),
        Column(key="released", label=gettext_lazy("فرستاده"), value=_released, is_numeric=True),
    ),
    filters=(
        ChoiceFilter(
            key="status",
            label=gettext_lazy("وضعیت"),
            lookup="status",
            choices=RunStatus.choices,
        ),
        PlaceFilter(key="where", label=gettext_lazy("جا"), lookup="place__path"),
        DateFilter(key="day", label=gettext_lazy("روز آغاز"), lookup="started_at", is_instant=True),
    ),
    holds_people=False,
    empty_title=gettext_lazy("هنوز هیچ اجرایی نیست."),
    empty_text=gettext_lazy("اجرا برای نیازهای باز، داوطلب پیشنهاد می‌کند و شما بازبینی می‌کنید."),
    empty_action=gettext_lazy("اجرای تازه"),
)

# A row is about one person, who is not named: so it is looked at and not taken away.
PROPOSALS = Listing(
    name="proposals",
    caption=gettext_lazy("پیشنهادها، نیاز به نیاز"),
    columns=(
        Column(
            key="need",
            label=gettext_lazy("نیاز"),
            value="need_line.need.title",
            template="hq/_own_words.html",
        ),
        Column(
            key="place",
            label=gettext_lazy("جا"),
            value="need_line.need.place.name",
            template="hq/_own_words.html",
        ),
        Column(
            key="half_day",
            label=gettext_lazy("نیم‌روز"),
            value="half_day",
            shown=half_day_name,
        ),
        Column(
            key="distance",
            label=gettext_lazy("دوری از خانه"),
            value="distance_100m",
            shown=lambda hundreds: kilometres(hundreds * 100),
        ),
        Column(key="points", label=gettext_lazy("امتیاز"), value="points", is_numeric=True),
        Column(
            key="reason",
            label=gettext_lazy("چرا"),
            value=lambda one: one.get_reason_display(),
            url=lambda one: reverse("hq:explain_proposal", args=[one.run_id, one.pk]),
        ),
    ),
    filters=(
        PlaceFilter(key="where", label=gettext_lazy("جا"), lookup="need_line__need__place__path"),
        ChoiceFilter(key="why", label=gettext_lazy("چرا"), lookup="reason", choices=Reason.choices),
    ),
    empty_title=gettext_lazy("این اجرا پیشنهادی ندارد."),
    empty_text=gettext_lazy("یا نیاز بازی نبود، یا کسی با همهٔ شرط‌ها نزدیک نیازها نبود."),
)
