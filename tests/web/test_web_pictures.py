"""Charts and maps: what is drawn, said and tabled from the same numbers."""

from __future__ import annotations

import re
from pathlib import Path

import h3
import pytest
from django.template.loader import render_to_string
from django.utils import translation

from salam.web.charts import Datum, bar_chart, column_chart, line_chart, round_top
from salam.web.maps import (
    TILES,
    PlacePoint,
    ProvinceValue,
    level_limits,
    level_of,
    point_map,
    tile_map,
)

CAPITALS = Path(__file__).resolve().parents[2] / "salam/places/data/capitals.csv"
WORDS = {"element_id": "x", "title": "عنوان", "sentence": "جمله", "source": "منبعی"}


def test_bars_are_as_long_as_their_numbers_and_hidden_ones_have_none() -> None:
    data = [
        Datum(label="الف", value=200),
        Datum(label="ب", value=50),
        Datum(label="پ", value=None),
        Datum(label="ت", value=0),
    ]

    chart = bar_chart(**WORDS, data=data, heading="چیز", measure="شمار")

    assert [(bar.size, bar.x, bar.shown) for bar in chart.bars] == [
        ("100", "0", "۲۰۰"),
        ("25", "75", "۵۰"),
        ("0", "100", "کم"),
        ("0", "100", "۰"),
    ]
    assert [[str(cell.text) for cell in row] for row in chart.table.rows] == [
        ["الف", "۲۰۰"],
        ["ب", "۵۰"],
        ["پ", "کم"],
        ["ت", "۰"],
    ]


def test_time_runs_from_left_to_right_and_a_missing_value_is_not_drawn() -> None:
    data = [Datum(label=str(n), value=None if n == 2 else n) for n in range(1, 5)]

    chart = line_chart(**WORDS, data=data, heading="ماه", measure="شمار")

    points = [tuple(map(float, point.split(","))) for point in chart.points.split()]
    assert points == [(12.5, 75.0), (62.5, 25.0), (87.5, 0.0)]
    assert chart.ticks == ["۴", "۲", "۰"]


@pytest.mark.parametrize("count", [0, 1, 5, 12, 60])
def test_labels_of_a_long_time_are_few_and_reach_both_ends(count) -> None:
    data = [Datum(label=str(n), value=n) for n in range(count)]

    named = [bar.is_named for bar in column_chart(**WORDS, data=data, heading="", measure="").bars]

    assert sum(named) == min(count, 5)
    assert named == [] or (named[0] and named[-1])


@pytest.mark.parametrize(
    ("largest", "top"),
    [(0, 2), (1, 2), (3, 4), (10, 10), (11, 20), (1300, 2000), (98_765_432, 100_000_000)],
)
def test_a_scale_ends_in_a_round_number_with_a_whole_middle(largest, top) -> None:
    assert round_top(largest) == top
    assert top % 2 == 0


@pytest.mark.parametrize("language", ["fa", "en"])
def test_pictures_hold_no_style_and_no_number_of_a_language(language) -> None:
    chart = column_chart(**WORDS, data=[Datum(label="x", value=1.5)] * 7, heading="", measure="")

    with translation.override(language):
        drawn = render_to_string("components/chart.html", {"chart": chart})

    svg = re.search(r"<svg.*?</svg>", drawn, re.DOTALL)[0]
    assert "style=" not in drawn
    assert re.findall(r"[۰-۹،٫٬]", svg) == []
    assert drawn.count("<rect") == 7


def test_every_province_has_a_tile_of_its_own() -> None:
    codes = {line.split(",")[0] for line in CAPITALS.read_text("utf-8").splitlines()[1:]}

    assert set(TILES) == codes
    assert len({(row, column) for row, column, _name in TILES.values()}) == 31


def test_neighbours_on_the_map_lie_as_on_the_ground() -> None:
    def at(code: str) -> tuple[int, int]:
        return TILES[code][:2]

    # West of, by column; north of, by row.
    for west, east in (("04", "09"), ("05", "10"), ("06", "07"), ("07", "11"), ("23", "09")):
        assert at(west)[1] < at(east)[1]
    for north, south in (("23", "07"), ("01", "15"), ("09", "11"), ("10", "22"), ("28", "29")):
        assert at(north)[0] < at(south)[0]


def test_tiles_say_their_level_in_words_and_open_their_province() -> None:
    values = [
        ProvinceValue(code="23", name="تهران", value=90, url="/places/23/"),
        ProvinceValue(code="25", name="قم", value=10),
        ProvinceValue(code="10", name="اصفهان", value=None),
        ProvinceValue(code="07", name="فارس", value=134_198),
    ]

    drawn = tile_map(**WORDS, values=values, measure="داوطلب")

    shown = {tile.name: (tile.shown, str(tile.level_name), tile.url) for tile in drawn.tiles}
    assert len(shown) == 31
    assert shown["تهران"] == ("۹۰", "زیاد", "/places/23/")
    assert shown["قم"] == ("۱۰", "میانه", "")
    assert shown["فارس"] == ("۱۳۴ هزار", "بسیار", "")
    assert [str(row[1].text) for row in drawn.table.rows] == ["۹۰", "۱۰", "کم", "۱۳۴٬۱۹۸"]
    assert shown["اصفهان"] == ("کم", "هیچ یا پنهان", "")
    assert shown["یزد"] == ("—", "هیچ یا پنهان", "")


def test_levels_are_quarters_of_the_places_that_have_a_number() -> None:
    limits = level_limits([1, 2, 3, 4, 5, 6, 7, 1_000_000, 0, None])

    assert limits == [2, 4, 6, 1_000_000]
    assert [level_of(value, limits) for value in (None, 0, 1, 3, 6, 7)] == [0, 0, 1, 2, 3, 4]
    assert level_limits([None, 0]) == []


def test_points_are_larger_for_larger_numbers_and_north_is_up() -> None:
    places = [
        PlacePoint(name="شمال", value=100, latitude=36.0, longitude=51.0),
        PlacePoint(name="جنوب", value=25, latitude=35.0, longitude=52.0),
        PlacePoint(name="پنهان", value=None, latitude=35.5, longitude=51.5),
    ]

    drawn = point_map(**WORDS, places=places, heading="جا", measure="شمار")

    by_name = {point.name: point for point in drawn.points}
    assert float(by_name["شمال"].y) < float(by_name["پنهان"].y) < float(by_name["جنوب"].y)
    assert float(by_name["شمال"].x) < float(by_name["جنوب"].x)
    assert [float(by_name[name].radius) for name in by_name] == sorted(
        (float(point.radius) for point in drawn.points), reverse=True
    )
    assert [point.name for point in drawn.points if point.is_hollow] == ["پنهان"]
    assert all(
        0 <= float(p.x) <= 320 and 0 <= float(p.y) <= float(drawn.height) for p in drawn.points
    )


def test_cells_one_point_and_none_are_drawn_too() -> None:
    cell = h3.latlng_to_cell(35.7, 51.4, 7)

    cells = point_map(
        **WORDS, places=[PlacePoint(name="x", value=3, cell=cell)], heading="", measure=""
    )
    one = point_map(
        **WORDS,
        places=[PlacePoint(name="x", value=3, latitude=35.7, longitude=51.4)],
        heading="",
        measure="",
    )
    none = point_map(**WORDS, places=[], heading="", measure="")

    assert len(cells.cells[0].points.split()) == 6
    assert (one.points[0].x, one.scale_name) == ("160.0", "۲ کیلومتر")
    assert "هنوز جایی" in render_to_string("components/point_map.html", {"map": none})
