"""Pictures of the dashboard: provinces as tiles, places below as points, hours by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.dates import jalali_day_month
from salam.core.quantities import grouped
from salam.places.enums import PlaceKind
from salam.reporting.queries import HqOverview, HqRow, hours_of
from salam.web.charts import Chart, Datum, column_chart
from salam.web.maps import PlacePoint, PointMap, ProvinceValue, TileMap, point_map, tile_map
from salam.web.templatetags.persian import own_words

# What a map can show: its key in the address, and its name.
MEASURES: Final[dict[str, str | Promise]] = {
    "volunteers": gettext_lazy("داوطلب"),
    "asked": gettext_lazy("نفر لازم"),
    "accepted": gettext_lazy("بله گفته"),
    "hours": gettext_lazy("ساعت تأییدشده"),
}


@dataclass(frozen=True)
class Tab:
    """What components/tabs.html draws."""

    label: str | Promise
    url: str
    is_current: bool


def measure_tabs(path: str, chosen: str) -> list[Tab]:
    return [
        Tab(label, f"{path}?map={measure}#hq-map", measure == chosen)
        for measure, label in MEASURES.items()
    ]


def source_of(overview: HqOverview) -> str:
    if overview.has_generated_people:
        return _("شمارش زندهٔ همین سامانه، با داده‌های ساختگی نمایش")
    return _("شمارش زندهٔ همین سامانه")


def country_map(overview: HqOverview, *, measure: str) -> TileMap | None:
    """The provinces as tiles; None for any other place."""
    rows = [row for row in overview.rows if row.is_place]
    if overview.place.kind != PlaceKind.COUNTRY or not rows:
        return None
    return tile_map(
        element_id="hq-map",
        title=_("%(measure)s در استان‌ها") % {"measure": MEASURES[measure]},
        sentence=_most_sentence(rows, measure),
        source=source_of(overview),
        values=[
            ProvinceValue(
                code=row.code,
                name=own_words(row.name),
                value=getattr(row, measure),
                url=reverse("hq:place", args=[row.code]),
            )
            for row in rows
        ],
        measure=MEASURES[measure],
    )


def place_map(overview: HqOverview, *, measure: str) -> PointMap | None:
    """The parts of a place as points; None for the country, and where nothing lies below."""
    rows = [row for row in overview.filled_rows if row.is_place]
    if overview.place.kind == PlaceKind.COUNTRY or not rows:
        return None
    return point_map(
        element_id="hq-map",
        title=_("%(measure)s در بخش‌های این‌جا") % {"measure": MEASURES[measure]},
        sentence=_spread_sentence(rows, measure),
        source=source_of(overview),
        places=[
            PlacePoint(
                name=row.name,
                value=getattr(row, measure),
                latitude=row.latitude,
                longitude=row.longitude,
                url=reverse("hq:place", args=[row.code]),
            )
            for row in rows
        ],
        heading=_("جا"),
        measure=MEASURES[measure],
    )


def hours_chart(overview: HqOverview) -> Chart:
    """Confirmed hours of the last weeks."""
    data = [
        Datum(
            label=jalali_day_month(overview.first_week + timedelta(weeks=number)),
            value=None if week is None else hours_of(minutes=week.minutes),
        )
        for number, week in enumerate(overview.weeks)
    ]
    return column_chart(
        element_id="hq-hours",
        title=_("ساعت‌های تأییدشده، هفته به هفته"),
        sentence=_weeks_sentence(overview),
        source=source_of(overview),
        data=data,
        heading=_("هفته از شنبه"),
        measure=_("ساعت"),
    )


def _weeks_sentence(overview: HqOverview) -> str:
    minutes = sum(week.minutes for week in overview.weeks if week)
    if not minutes:
        return _("در دوازده هفتهٔ گذشته ساعتی برای نشان دادن نیست.")
    return _("در دوازده هفتهٔ گذشته %(hours)s ساعت خدمت تأیید شده است.") % {
        "hours": grouped(hours_of(minutes=minutes)),
    }


def _most_sentence(rows: list[HqRow], measure: str) -> str:
    known = [row for row in rows if getattr(row, measure)]
    if not known:
        return _("هنوز عددی برای نشان دادن نیست.")
    most = max(known, key=lambda row: float(getattr(row, measure)))
    return format_html(
        _("بیشترین در {name} است: {count}."),
        name=own_words(most.name),
        count=grouped(getattr(most, measure)),
    )


def _spread_sentence(rows: list[HqRow], measure: str) -> str:
    """Without a name: it is also what the drawing is called, where no language can be marked."""
    known = [getattr(row, measure) for row in rows if getattr(row, measure)]
    if not known:
        return _("هنوز عددی برای نشان دادن نیست.")
    return _("%(count)s جا عددی دارد؛ بزرگ‌ترینش %(most)s است.") % {
        "count": grouped(len(known)),
        "most": grouped(max(known)),
    }
