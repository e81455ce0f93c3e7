"""Charts as numbers for a drawing: plain SVG made on the server, so no page needs a script for one.

Pictures hold no text: labels are HTML around them, in the size of the page on every screen. Every
chart carries a sentence of what it shows, the table behind it and its source; time runs left to
right. Geometry is text already, so that no language writes a comma into an attribute.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from salam.core.quantities import grouped
from salam.web.templatetags.persian import percent

Text = str | Promise
Number = int | float

# As many labels as fit below each other's feet on a narrow phone.
_TIME_LABELS_MAX: Final = 5


@dataclass(frozen=True)
class DataCell:
    """``is_name`` for a name of the data, which has no translation."""

    text: Text
    url: str = ""
    is_name: bool = False


@dataclass(frozen=True)
class DataTable:
    """Rows of words and numbers; the first cell of a row names it."""

    caption: Text
    headings: Sequence[Text]
    rows: Sequence[Sequence[DataCell]]


@dataclass(frozen=True, kw_only=True)
class Datum:
    """One value of a chart. None stands for a count too small to publish, or not known.

    ``is_name`` where the label is a name of the data (a place, an organisation).
    """

    label: Text
    value: Number | None
    url: str = ""
    is_name: bool = False


@dataclass(frozen=True)
class Bar:
    """One bar or point; lengths in hundredths of the drawing, from its left and its top."""

    label: Text
    shown: str
    x: str = "0"
    width: str = "0"
    top: str = "100"
    size: str = "0"
    middle: str = "0"
    is_known: bool = True
    is_named: bool = True
    is_name: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What components/chart.html draws."""

    element_id: str
    kind: str
    title: Text
    sentence: Text
    source: Text
    table: DataTable
    bars: Sequence[Bar] = ()
    points: str = ""
    ticks: Sequence[str] = ()
    empty_text: Text = ""


def bar_chart(
    *,
    element_id: str,
    title: Text,
    sentence: Text,
    source: Text,
    data: Sequence[Datum],
    measure: Text,
    heading: Text,
) -> Chart:
    """Kinds of things beside each other, longest value over the whole width, from the right."""
    largest = max((datum.value or 0 for datum in data), default=0)
    bars = []
    for datum in data:
        size = 100 * (datum.value or 0) / largest if largest > 0 else 0
        bars.append(_bar(datum, shown_number(datum.value), size))
    return Chart(
        element_id=element_id,
        kind="bars",
        title=title,
        sentence=sentence,
        source=source,
        table=table_of(data, caption=title, heading=heading, measure=measure),
        bars=bars,
    )


def _bar(datum: Datum, shown: str, size: float) -> Bar:
    """A bar from the right, ``size`` of 100 long."""
    return Bar(datum.label, shown, x=_length(100 - size), size=_length(size), is_name=datum.is_name)


def share_chart(
    *,
    element_id: str,
    title: Text,
    sentence: Text,
    source: Text,
    data: Sequence[Datum],
    table: DataTable,
) -> Chart:
    """Shares of 100 beside each other, the whole width being all; ``table`` has what they are of.

    None stands for a share of nothing.
    """
    bars = []
    for datum in data:
        size = min(100, max(0, datum.value or 0))
        shown = "—" if datum.value is None else percent(datum.value)
        bars.append(_bar(datum, shown, size))
    return Chart(
        element_id=element_id,
        kind="bars",
        title=title,
        sentence=sentence,
        source=source,
        table=table,
        bars=bars,
    )


def line_chart(
    *,
    element_id: str,
    title: Text,
    sentence: Text,
    source: Text,
    data: Sequence[Datum],
    measure: Text,
    heading: Text,
) -> Chart:
    """A value over time, earliest first; where a value is missing the line is not drawn through."""
    return _over_time(
        "line",
        element_id,
        title,
        sentence=sentence,
        source=source,
        data=data,
        measure=measure,
        heading=heading,
    )


def column_chart(
    *,
    element_id: str,
    title: Text,
    sentence: Text,
    source: Text,
    data: Sequence[Datum],
    measure: Text,
    heading: Text,
) -> Chart:
    """A sum for each period, earliest first."""
    return _over_time(
        "columns",
        element_id,
        title,
        sentence=sentence,
        source=source,
        data=data,
        measure=measure,
        heading=heading,
    )


def table_of(
    data: Sequence[Datum],
    *,
    caption: Text,
    heading: Text,
    measure: Text,
) -> DataTable:
    """The numbers of a chart or map as a table."""
    return DataTable(
        caption=caption,
        headings=(heading, measure),
        rows=[
            (
                DataCell(datum.label, datum.url, is_name=datum.is_name),
                DataCell(shown_number(datum.value)),
            )
            for datum in data
        ],
    )


def shown_number(value: Number | None) -> str:
    """A number for people; what is hidden or unknown is «کم»."""
    return _("کم") if value is None else grouped(value)


def round_top(largest: Number) -> Number:
    """The end of a scale: 1, 2 or 5 times a power of ten, not below the largest value; even from 2
    on, so that the middle is a whole number.
    """
    if largest <= 2:
        return 2
    power: int = 10 ** math.floor(math.log10(largest))
    for factor in (1, 2, 4, 6, 8, 10):
        if factor * power >= largest:
            return max(2, factor * power)
    return 10 * power


def _over_time(
    kind: str,
    element_id: str,
    title: Text,
    *,
    sentence: Text,
    source: Text,
    data: Sequence[Datum],
    measure: Text,
    heading: Text,
) -> Chart:
    top = round_top(max((datum.value or 0 for datum in data), default=0))
    slot = 100 / len(data) if data else 100
    named = _named(len(data))
    bars = []
    for index, datum in enumerate(data):
        size = 100 * max(0, datum.value or 0) / top
        bars.append(
            Bar(
                datum.label,
                shown_number(datum.value),
                x=_length(index * slot + slot * 0.15),
                width=_length(slot * 0.7),
                top=_length(100 - size),
                size=_length(size),
                middle=_length((index + 0.5) * slot),
                is_known=datum.value is not None,
                is_named=index in named,
            ),
        )
    return Chart(
        element_id=element_id,
        kind=kind,
        title=title,
        sentence=sentence,
        source=source,
        table=table_of(data, caption=title, heading=heading, measure=measure),
        bars=bars,
        points=" ".join(f"{bar.middle},{bar.top}" for bar in bars if bar.is_known),
        ticks=[grouped(top), grouped(top // 2), grouped(0)],
    )


def _named(count: int) -> set[int]:
    """Whose labels are written: few enough to stay apart on a phone; first, last, some between."""
    if count <= _TIME_LABELS_MAX:
        return set(range(count))
    steps = _TIME_LABELS_MAX - 1
    return {round(step * (count - 1) / steps) for step in range(_TIME_LABELS_MAX)}


def _length(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
