"""The figures of a run as pictures and tables: coverage by place and size of town, idleness."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from salam.core.quantities import grouped
from salam.matching.queries import COUNTRY_CODE, Coverage, RunFigures
from salam.reporting.queries import RunReview
from salam.web.charts import Chart, DataCell, DataTable, Datum, bar_chart, share_chart
from salam.web.hq import run_words
from salam.web.maps import ProvinceValue, TileMap, tile_map
from salam.web.templatetags.persian import percent


def source_of(review: RunReview) -> str:
    """Where the numbers of a run come from."""
    if review.has_generated_people:
        return _("شمارش هنگام ذخیرهٔ همین اجرا، با داده‌های ساختگی نمایش")
    return _("شمارش هنگام ذخیرهٔ همین اجرا")


def coverage_map(review: RunReview) -> TileMap | None:
    """The provinces by the share covered; None for a run over anything smaller."""
    parts = [part for part in review.figures.parts if part.whole]
    if review.run.place.code != COUNTRY_CODE or not parts:
        return None
    return tile_map(
        element_id="run-map",
        title=_("سهم پوشیده در استان‌ها (٪)"),
        sentence=run_words.parts_sentence(parts),
        source=source_of(review),
        values=[
            ProvinceValue(
                code=part.key,
                name=part.name,
                value=round(part.percent or 0),
                url=reverse("hq:place", args=[part.key]),
            )
            for part in parts
        ],
        measure=_("سهم پوشیده (٪)"),
    )


def parts_table(review: RunReview) -> DataTable:
    """People asked for and found in the parts of a run's place."""
    return _coverage_table(
        review.figures.parts,
        caption=_("نفر لازم و پوشش در هر جا"),
        heading=_("جا"),
        has_pages=True,
    )


def towns_chart(review: RunReview) -> Chart:
    """Who asks from a small place, and how many of them are covered."""
    figures = review.figures
    return share_chart(
        element_id="run-towns",
        title=_("سهم پوشیده به بزرگی آبادی"),
        sentence=run_words.equity_sentence(figures),
        source=source_of(review),
        data=[Datum(label=one.name, value=one.percent) for one in figures.towns],
        table=_coverage_table(
            figures.towns,
            caption=_("نفر لازم و پوشش به بزرگی آبادی"),
            heading=_("آبادی"),
        ),
    )


def idle_chart(review: RunReview) -> Chart:
    """Volunteers without any place by the first reason."""
    return bar_chart(
        element_id="run-idle",
        title=_("چرا بی‌پیشنهاد ماندند"),
        sentence=run_words.idle_sentence(review.figures),
        source=source_of(review),
        data=[Datum(label=reason.label, value=count) for reason, count in review.figures.idle],
        heading=_("نخستین دلیل"),
        measure=_("داوطلب"),
    )


def volunteers_table(review: RunReview) -> DataTable:
    """Volunteers at home in the parts of a run's place, and who of them has something to do."""
    return DataTable(
        caption=_("داوطلبان هر جا در این چینش"),
        headings=(
            _("جا"),
            _("داوطلب"),
            _("تازه"),
            _("از پیش"),
            _("بی‌پیشنهاد"),
            _("سهم"),
        ),
        rows=[
            [
                DataCell(part.name, is_name=True),
                DataCell(grouped(part.whole)),
                DataCell(grouped(part.proposed)),
                DataCell(grouped(part.kept)),
                DataCell(grouped(part.left)),
                DataCell(percent(100 * part.left / part.whole) if part.whole else "—"),
            ]
            for part in review.figures.volunteers
        ],
    )


def unfilled_table(figures: RunFigures) -> DataTable:
    """Lines that are short of people, by the first reason."""
    return DataTable(
        caption=_("ردیف‌های بی‌پاسخ و علت آن‌ها"),
        headings=(_("نخستین دلیل"), _("ردیف نیاز"), _("نفر کم")),
        rows=[
            [
                DataCell(one.reason.label),
                DataCell(grouped(one.line_count)),
                DataCell(grouped(one.people)),
            ]
            for one in figures.unfilled
        ],
    )


def _coverage_table(
    rows: Sequence[Coverage],
    *,
    caption: str,
    heading: str,
    has_pages: bool = False,
) -> DataTable:
    return DataTable(
        caption=caption,
        headings=(
            heading,
            _("نفر لازم"),
            _("تازه"),
            _("از پیش"),
            _("سهم"),
        ),
        rows=[
            [
                DataCell(
                    one.name,
                    reverse("hq:place", args=[one.key]) if has_pages else "",
                    is_name=has_pages,
                ),
                DataCell(grouped(one.whole)),
                DataCell(grouped(one.proposed)),
                DataCell(grouped(one.kept)),
                DataCell(run_words.share(one)),
            ]
            for one in rows
        ],
    )
