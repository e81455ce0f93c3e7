"""Two plans over one place side by side, and their difference in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from salam.core.dates import jalali_instant
from salam.core.quantities import grouped
from salam.matching.queries import Coverage, PlanChanges, RunFigures
from salam.reporting.queries import RunPair, RunSide
from salam.web.charts import DataCell, DataTable
from salam.web.hq.run_words import share, value_points
from salam.web.hq.wording import gap_ppm, status_words
from salam.web.templatetags.persian import decimal

# Shares nearer than this are called alike.
_ALIKE_POINTS = 0.5


def choices(pair: RunPair) -> list[tuple[int, str]]:
    """The runs that the chosen one may be laid beside, by their beginning and state."""
    return [
        (
            run.pk,
            _("%(when)s؛ %(status)s")
            % {"when": jalali_instant(run.started_at), "status": status_words(run)},
        )
        for run in pair.others
    ]


def side_sentences(later: RunSide, earlier: RunSide) -> list[str]:
    """Which two runs stand here."""
    return [
        name % {"when": jalali_instant(side.run.started_at), "status": status_words(side.run)}
        for name, side in (
            (_("تازه‌تر: %(when)s؛ %(status)s."), later),
            (_("پیشین: %(when)s؛ %(status)s."), earlier),
        )
    ]


def difference_sentences(later: RunSide, earlier: RunSide) -> list[str]:
    """What the later plan does better or worse."""
    now, before = later.figures.asked, earlier.figures.asked
    sentences = [_covered_sentence(now, before)]
    small_now, small_before = later.figures.small_towns, earlier.figures.small_towns
    if small_now.percent is not None and small_before.percent is not None:
        rise = small_now.percent - small_before.percent
        words = {"now": share(small_now), "before": share(small_before)}
        if abs(rise) < _ALIKE_POINTS:
            sentences.append(_("سهم روستاها و شهرهای کوچک همان است: %(now)s.") % words)
        elif rise > 0:
            sentences.append(
                _("سهم روستاها و شهرهای کوچک از %(before)s به %(now)s رسیده است.") % words
            )
        else:
            sentences.append(
                _("سهم روستاها و شهرهای کوچک از %(before)s به %(now)s کاهش یافته است.") % words
            )
    return sentences


def changes_sentences(changes: PlanChanges | None) -> list[str]:
    """How many placements stayed, moved, came and went."""
    if changes is None:
        return [
            _(
                "شمار جابه‌جایی‌ها هنگام ذخیرهٔ هر اجرا در برابر دو اجرای پیش از آن شمرده می‌شود؛"
                " برای این دو شمرده نشده است."
            )
        ]
    return [
        _(
            "%(same)s پیشنهاد همان است: همان داوطلب برای همان نیم‌روز."
            " %(changed)s پیشنهاد به کس دیگری رسیده، %(added)s تازه است"
            " و %(gone)s دیگر نیست."
        )
        % {
            "same": grouped(changes.same),
            "changed": grouped(changes.changed),
            "added": grouped(changes.added),
            "gone": grouped(changes.gone),
        }
    ]


def summary_table(later: RunSide, earlier: RunSide) -> DataTable:
    """Value, gap and counts of both."""
    sides = (later, earlier)
    rows = [
        (_("ارزش (امتیاز)"), *(_number(value_points(side.run)) for side in sides)),
        (
            _("حداکثر فاصله از بهترین (در میلیون)"),
            *(_number(gap_ppm(side.run)) for side in sides),
        ),
        (_("نفر لازم"), *(_kept(side, side.figures.asked.whole) for side in sides)),
        (_("پیشنهاد تازه"), *(_kept(side, side.figures.asked.proposed) for side in sides)),
        (_("از پیش برقرار"), *(_kept(side, side.figures.asked.kept) for side in sides)),
        (_("سهم پوشیده"), *(share(side.figures.asked) for side in sides)),
        (
            _("داوطلب بی‌پیشنهاد"),
            *(_kept(side, side.figures.volunteers_at_home.left) for side in sides),
        ),
    ]
    return DataTable(
        caption=_("دو اجرا کنار هم"),
        headings=(_("چه چیز"), _("تازه‌تر"), _("پیشین")),
        rows=[[DataCell(cell) for cell in row] for row in rows],
    )


def parts_table(later: RunFigures, earlier: RunFigures) -> DataTable:
    """The share covered in each part of the place, in both."""
    return _shares(
        later.parts, earlier.parts, caption=_("سهم پوشیده در هر جا"), heading=_("جا"), is_name=True
    )


def towns_table(later: RunFigures, earlier: RunFigures) -> DataTable:
    """The share covered by size of town, in both."""
    return _shares(
        later.towns,
        earlier.towns,
        caption=_("سهم پوشیده به بزرگی آبادی"),
        heading=_("آبادی"),
        is_name=False,
    )


def _shares(
    now: Sequence[Coverage],
    before: Sequence[Coverage],
    *,
    caption: str,
    heading: str,
    is_name: bool,
) -> DataTable:
    later, earlier = ({one.key: one for one in side} for side in (now, before))
    names = {one.key: one.name for one in (*before, *now)}
    return DataTable(
        caption=caption,
        headings=(heading, _("تازه‌تر"), _("پیشین"), _("تفاوت")),
        rows=[
            [
                DataCell(name, is_name=is_name),
                DataCell(share(later[key]) if key in later else "—"),
                DataCell(share(earlier[key]) if key in earlier else "—"),
                DataCell(_rise(later.get(key), earlier.get(key))),
            ]
            for key, name in names.items()
        ],
    )


def _rise(now: Coverage | None, before: Coverage | None) -> str:
    """The difference of two shares with its sign in words' order: +۲٫۵, −۱, ۰."""
    if now is None or before is None or now.percent is None or before.percent is None:
        return "—"
    rise = round(now.percent - before.percent, 1)
    shown = decimal(int(rise) if rise % 1 == 0 else rise)
    # A mark keeps the sign before its number where the line runs from right to left.
    return f"\u200e+{shown}" if rise > 0 else f"\u200e{shown}"


def _covered_sentence(now: Coverage, before: Coverage) -> str:
    difference = now.covered - before.covered
    words = {"count": grouped(abs(difference)), "now": share(now), "before": share(before)}
    if difference == 0:
        return _("هر دو اجرا به یک اندازه نفر لازم را می‌پوشانند.")
    if difference > 0:
        told = _("اجرای تازه‌تر %(count)s نفر بیشتر می‌پوشاند.")
    else:
        told = _("اجرای تازه‌تر %(count)s نفر کمتر می‌پوشاند.")
    share_told = _("سهم پوشیده از %(before)s به %(now)s رسیده است.")
    return f"{told} {share_told}" % words


def _kept(side: RunSide, count: int) -> str:
    """A count of a run's figures; «—» for a run of before they were kept."""
    return grouped(count) if side.figures.totals else "—"


def _number(value: int | None) -> str:
    return "—" if value is None else grouped(value)
