"""Example charts and maps of the kit, fixed in code. No place or number here is real."""

from __future__ import annotations

from typing import Final

import h3

from salam.core.dates import MONTHS
from salam.web.charts import Chart, Datum, bar_chart, column_chart, line_chart
from salam.web.maps import (
    TILES,
    PlacePoint,
    PointMap,
    ProvinceValue,
    TileMap,
    point_map,
    tile_map,
)

_SOURCE: Final = "عددهای ساختگی برای نمایش اجزا"
_HIDDEN: Final = frozenset({3, 9, 20})


def charts() -> dict[str, object]:
    return {
        "bars": _bars(),
        "columns": _columns(),
        "line": _line(),
        "nothing": _nothing(),
        "one": _one(),
        "tiles": _tiles(),
        "points": _points(),
        "cells": _cells(),
    }


def _bars() -> Chart:
    return bar_chart(
        element_id="chart-bars",
        title="نیازها به تفکیک حوزه",
        sentence="بیشترین نیاز در آموزش است، دو برابر سلامت.",
        source=_SOURCE,
        data=[
            Datum(label="آموزش و سوادآموزی", value=240),
            Datum(label="سلامت و درمان", value=120),
            Datum(label="توانبخشی و همراهی با افراد دارای معلولیت", value=61),
            Datum(label="ورزش و محیط زیست", value=None),
            Datum(label="کارهای فنی و خدماتی", value=0),
        ],
        heading="حوزه",
        measure="نیاز باز",
    )


def _columns() -> Chart:
    return column_chart(
        element_id="chart-columns",
        title="ساعت‌های تأییدشده، ماه به ماه",
        sentence="ساعت‌ها در نیمهٔ دوم سال بیشتر شده است.",
        source=_SOURCE,
        data=[
            Datum(label=f"{month} ۱۴۰۵", value=(index * 7919) % 1300 + index * 90)
            for index, month in enumerate(MONTHS)
        ],
        heading="ماه",
        measure="ساعت",
    )


def _line() -> Chart:
    return line_chart(
        element_id="chart-line",
        title="داوطلبان فعال در پایان هر ماه",
        sentence="شمار داوطلبان فعال از فروردین تا اسفند پیوسته بالا رفته است.",
        source=_SOURCE,
        data=[
            Datum(label=month, value=index**2 * 1_000 + 5_000) for index, month in enumerate(MONTHS)
        ],
        heading="ماه",
        measure="داوطلب",
    )


def _nothing() -> Chart:
    return line_chart(
        element_id="chart-nothing",
        title="ساعت‌های این محله",
        sentence="در این محله هنوز ساعتی تأیید نشده است.",
        source=_SOURCE,
        data=[],
        heading="ماه",
        measure="ساعت",
    )


def _one() -> Chart:
    return column_chart(
        element_id="chart-one",
        title="تنها یک ماه، با عددی بزرگ",
        sentence="در آبان ۹۸٬۷۶۵٬۴۳۲ ساعت.",
        source=_SOURCE,
        data=[Datum(label="آبان ۱۴۰۵", value=98_765_432)],
        heading="ماه",
        measure="ساعت",
    )


def _tiles() -> TileMap:
    return tile_map(
        element_id="map-tiles",
        title="داوطلبان در استان‌ها",
        sentence="بیشترین داوطلب در تهران است؛ شمار سه استان پنهان است.",
        source=_SOURCE,
        values=[
            ProvinceValue(
                code=code,
                name=str(name),
                value=None
                if index in {3, 9, 20}
                else (index * 7919) % 9_000 * (34 if index == 13 else 1),
                url=f"#province-{code}",
            )
            for index, (code, (_row, _column, name)) in enumerate(TILES.items())
        ],
        measure="داوطلب",
    )


def _points() -> PointMap:
    return point_map(
        element_id="map-points",
        title="نیازهای باز در شهرستانی ساختگی",
        sentence="بیشتر نیازها در مرکز شهر است.",
        source=_SOURCE,
        places=[
            PlacePoint(name="سروستان", value=42, latitude=35.70, longitude=51.40, url="#s"),
            PlacePoint(name="سرچشمه", value=17, latitude=35.68, longitude=51.43),
            PlacePoint(name="باغ بالا", value=8, latitude=35.74, longitude=51.36),
            PlacePoint(name="دهکده", value=0, latitude=35.66, longitude=51.35),
            PlacePoint(name="کوی تازه", value=None, latitude=35.72, longitude=51.46),
        ],
        heading="محله",
        measure="نیاز باز",
    )


def _cells() -> PointMap:
    return point_map(
        element_id="map-cells",
        title="داوطلبان در خانه‌های شش‌گوش",
        sentence="داوطلبان در سه خانهٔ میانی بیشترند.",
        source=_SOURCE,
        places=[
            PlacePoint(name=f"خانهٔ {index + 1}", value=index * 11, cell=cell)
            for index, cell in enumerate(_cell_ids())
        ],
        heading="خانه",
        measure="داوطلب",
    )


def _province_number(index: int) -> int:
    return index * 7919 % 9_000 * (34 if index == 13 else 1)


def _cell_ids() -> list[str]:
    return sorted(h3.grid_disk(h3.latlng_to_cell(35.7, 51.4, 7), 1))
