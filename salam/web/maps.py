"""Maps without map tiles: the provinces as a grid of our own, places below as points or cells.

No package has outlines of counties, and nothing is fetched from elsewhere. The grid keeps
neighbours near each other, west on the left, in every language.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import h3
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.quantities import grouped, kilometres
from salam.web.charts import DataCell, DataTable, Number, shown_number

Text = str | Promise

# Official code of a province: row from the north, column from the west, and a name that fits a tile
# on a phone. Seven columns, so that a tile is wide enough to touch at 360 px.
TILES: Final[Mapping[str, tuple[int, int, Text]]] = {
    "04": (1, 1, gettext_lazy("آ. غربی")),
    "03": (1, 2, gettext_lazy("آ. شرقی")),
    "24": (1, 3, gettext_lazy("اردبیل")),
    "12": (2, 1, gettext_lazy("کردستان")),
    "19": (2, 2, gettext_lazy("زنجان")),
    "01": (2, 3, gettext_lazy("گیلان")),
    "02": (2, 4, gettext_lazy("مازندران")),
    "27": (2, 5, gettext_lazy("گلستان")),
    "28": (2, 6, gettext_lazy("خ. شمالی")),
    "05": (3, 1, gettext_lazy("کرمانشاه")),
    "13": (3, 2, gettext_lazy("همدان")),
    "26": (3, 3, gettext_lazy("قزوین")),
    "30": (3, 4, gettext_lazy("البرز")),
    "23": (3, 5, gettext_lazy("تهران")),
    "20": (3, 6, gettext_lazy("سمنان")),
    "09": (3, 7, gettext_lazy("خ. رضوی")),
    "16": (4, 1, gettext_lazy("ایلام")),
    "15": (4, 2, gettext_lazy("لرستان")),
    "00": (4, 3, gettext_lazy("مرکزی")),
    "25": (4, 4, gettext_lazy("قم")),
    "10": (4, 5, gettext_lazy("اصفهان")),
    "21": (4, 6, gettext_lazy("یزد")),
    "29": (4, 7, gettext_lazy("خ. جنوبی")),
    "06": (5, 2, gettext_lazy("خوزستان")),
    "14": (5, 3, gettext_lazy("چهارمحال")),
    "17": (5, 4, gettext_lazy("کهگیلویه")),
    "07": (5, 5, gettext_lazy("فارس")),
    "08": (5, 6, gettext_lazy("کرمان")),
    "11": (5, 7, gettext_lazy("سیستان")),
    "18": (6, 4, gettext_lazy("بوشهر")),
    "22": (6, 5, gettext_lazy("هرمزگان")),
}
LEVELS: Final = (
    gettext_lazy("هیچ یا پنهان"),
    gettext_lazy("اندک"),
    gettext_lazy("میانه"),
    gettext_lazy("زیاد"),
    gettext_lazy("بسیار"),
)
_WIDTH: Final = 320.0
_MARGIN: Final = 24.0
_RADIUS_MAX: Final = 14.0
_RADIUS_MIN: Final = 3.0
_LABELS_MAX: Final = 6


@dataclass(frozen=True, kw_only=True)
class ProvinceValue:
    """A province's number; None where it is too small to publish."""

    code: str
    name: str
    value: Number | None
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Tile:
    row: int
    column: int
    name: str
    short_name: Text
    shown: str
    level: int
    level_name: Text
    url: str


@dataclass(frozen=True)
class LegendStep:
    level: int
    name: Text
    span: str


@dataclass(frozen=True, kw_only=True)
class TileMap:
    """What components/tile_map.html draws."""

    element_id: str
    title: Text
    sentence: Text
    source: Text
    tiles: Sequence[Tile]
    legend: Sequence[LegendStep]
    table: DataTable


@dataclass(frozen=True, kw_only=True)
class PlacePoint:
    """A place with its number: a point (latitude, longitude) or, with ``cell``, an h3 cell."""

    name: str
    value: Number | None
    latitude: float = 0.0
    longitude: float = 0.0
    cell: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class DrawnPoint:
    name: str
    shown: str
    x: str
    y: str
    radius: str
    is_hollow: bool


@dataclass(frozen=True, kw_only=True)
class DrawnCell:
    name: str
    shown: str
    points: str
    level: int


@dataclass(frozen=True, kw_only=True)
class PointMap:
    """What components/point_map.html draws; lengths are text."""

    element_id: str
    title: Text
    sentence: Text
    source: Text
    table: DataTable
    width: str = "0"
    height: str = "0"
    points: Sequence[DrawnPoint] = ()
    cells: Sequence[DrawnCell] = ()
    labels: Sequence[DrawnPoint] = ()
    scale_width: str = ""
    scale_y: str = ""
    scale_name: str = ""


def tile_map(
    *,
    element_id: str,
    title: Text,
    sentence: Text,
    source: Text,
    values: Sequence[ProvinceValue],
    measure: Text,
) -> TileMap:
    """All 31 provinces; one that is not among the values has no number."""
    by_code = {value.code: value for value in values}
    limits = level_limits([value.value for value in values])
    tiles = []
    for code, (row, column, short_name) in TILES.items():
        value = by_code.get(code)
        level = level_of(value.value if value else None, limits)
        tiles.append(
            Tile(
                row=row,
                column=column,
                name=value.name if value else str(short_name),
                short_name=short_name,
                shown=_tile_number(value.value) if value else "—",
                level=level,
                level_name=LEVELS[level],
                url=value.url if value else "",
            ),
        )
    return TileMap(
        element_id=element_id,
        title=title,
        sentence=sentence,
        source=source,
        tiles=tiles,
        legend=_legend(limits),
        table=DataTable(
            caption=title,
            headings=(_("استان"), measure),
            rows=[
                (DataCell(value.name, value.url, is_name=True), DataCell(shown_number(value.value)))
                for value in values
            ],
        ),
    )


def _tile_number(value: Number | None) -> str:
    """A number as it fits a tile on a phone; the table holds it to the last digit."""
    if value is None or value < 100_000:
        return shown_number(value)
    return _("%(count)s هزار") % {"count": grouped(round(value / 1000))}


def level_limits(values: Sequence[Number | None]) -> list[Number]:
    """Upper ends of the levels 1 to 4: quarters of the places that have a number, so that one large
    city does not make all others look empty.
    """
    known = sorted(value for value in values if value)
    if not known:
        return []
    ends = [known[math.ceil(len(known) * quarter / 4) - 1] for quarter in (1, 2, 3, 4)]
    return list(dict.fromkeys(ends))


def level_of(value: Number | None, limits: Sequence[Number]) -> int:
    """0 for nothing or unknown, else 1 to 4."""
    if not value:
        return 0
    shift = 4 - len(limits) if len(limits) > 1 else 0
    return next(
        (level + shift for level, end in enumerate(limits, start=1) if value <= end),
        4,
    )


def point_map(
    *,
    element_id: str,
    title: Text,
    sentence: Text,
    source: Text,
    places: Sequence[PlacePoint],
    heading: Text,
    measure: Text,
) -> PointMap:
    """Points and cells of one place, north up, larger numbers as larger circles."""
    table = DataTable(
        caption=title,
        headings=(heading, measure),
        rows=[
            (DataCell(place.name, place.url, is_name=True), DataCell(shown_number(place.value)))
            for place in places
        ],
    )
    frame = _Frame.around(places)
    if frame is None:
        return PointMap(
            element_id=element_id, title=title, sentence=sentence, source=source, table=table
        )
    largest = max((place.value or 0 for place in places), default=0)
    points = [_drawn_point(place, frame, largest) for place in places if not place.cell]
    limits = level_limits([place.value for place in places if place.cell])
    width, name = frame.scale()
    return PointMap(
        element_id=element_id,
        title=title,
        sentence=sentence,
        source=source,
        table=table,
        width=_length(_WIDTH),
        height=_length(frame.height),
        # Small circles are drawn last, over the large ones that would hide them.
        points=sorted(points, key=lambda point: -float(point.radius)),
        cells=[_drawn_cell(place, frame, limits) for place in places if place.cell],
        labels=_labels(points),
        scale_width=width,
        scale_y=_length(frame.height - 8),
        scale_name=name,
    )


@dataclass(frozen=True)
class _Frame:
    """A flat picture of a small part of the earth: degrees of longitude shrunk by the latitude."""

    west: float
    north: float
    shrink: float
    unit: float  # lengths of the drawing in a degree of latitude
    height: float

    @classmethod
    def around(cls, places: Sequence[PlacePoint]) -> _Frame | None:
        corners = [corner for place in places for corner in _corners(place)]
        if not corners:
            return None
        latitudes, longitudes = zip(*corners, strict=True)
        south, north = min(latitudes), max(latitudes)
        west, east = min(longitudes), max(longitudes)
        shrink = math.cos(math.radians((south + north) / 2))
        # A single point is drawn in the middle of ten kilometres.
        across = max((east - west) * shrink, 0.09)
        down = max(north - south, 0.05)
        unit = min((_WIDTH - 2 * _MARGIN) / across, 1.2 * _WIDTH / down)
        west -= ((_WIDTH - 2 * _MARGIN) / unit - (east - west) * shrink) / 2 / shrink
        return cls(west, north, shrink, unit, (north - south) * unit + 2 * _MARGIN)

    def place(self, latitude: float, longitude: float) -> tuple[float, float]:
        x = _MARGIN + (longitude - self.west) * self.shrink * self.unit
        return x, _MARGIN + (self.north - latitude) * self.unit

    def scale(self) -> tuple[str, str]:
        """A round length, at most a fifth of the drawing: how long it is drawn, and its name."""
        metres_per_length = 111_195 / self.unit
        wanted = _WIDTH / 5 * metres_per_length
        power: float = 10 ** math.floor(math.log10(wanted))
        metres = max(factor * power for factor in (1, 2, 5) if factor * power <= wanted)
        return _length(metres / metres_per_length), kilometres(metres)


def _corners(place: PlacePoint) -> Sequence[tuple[float, float]]:
    if place.cell:
        return list(h3.cell_to_boundary(place.cell))
    return [(place.latitude, place.longitude)]


def _drawn_point(place: PlacePoint, frame: _Frame, largest: Number) -> DrawnPoint:
    x, y = frame.place(place.latitude, place.longitude)
    # By area, not by radius: twice the number is twice the ink.
    share = math.sqrt((place.value or 0) / largest) if largest else 0
    return DrawnPoint(
        name=place.name,
        shown=shown_number(place.value),
        x=_length(x),
        y=_length(y),
        radius=_length(_RADIUS_MIN + (_RADIUS_MAX - _RADIUS_MIN) * share),
        is_hollow=not place.value,
    )


def _drawn_cell(place: PlacePoint, frame: _Frame, limits: Sequence[Number]) -> DrawnCell:
    corners = (frame.place(*corner) for corner in h3.cell_to_boundary(place.cell))
    return DrawnCell(
        name=place.name,
        shown=shown_number(place.value),
        points=" ".join(f"{_length(x)},{_length(y)}" for x, y in corners),
        level=level_of(place.value, limits),
    )


def _labels(points: Sequence[DrawnPoint]) -> list[DrawnPoint]:
    """Names of the largest, where they do not write over each other."""
    chosen: list[DrawnPoint] = []
    for point in sorted(points, key=lambda one: -float(one.radius)):
        y = float(point.y) - float(point.radius) - 3
        free = all(
            abs(float(other.x) - float(point.x)) > 56 or abs(float(other.y) - y) > 12
            for other in chosen
        )
        if free and len(chosen) < _LABELS_MAX:
            chosen.append(
                DrawnPoint(
                    name=point.name,
                    shown=point.shown,
                    x=_length(min(max(float(point.x), 40), _WIDTH - 40)),
                    y=_length(y),
                    radius=point.radius,
                    is_hollow=False,
                ),
            )
    return chosen


def _legend(limits: Sequence[Number]) -> list[LegendStep]:
    steps = [LegendStep(0, LEVELS[0], "")]
    below: Number = 0
    for end in limits:
        level = level_of(end, limits)
        span = _("تا %(end)s") if not below else _("بیش از %(below)s تا %(end)s")
        steps.append(
            LegendStep(
                level,
                LEVELS[level],
                span % {"below": grouped(below), "end": grouped(end)},
            ),
        )
        below = end
    return steps


def _length(value: float) -> str:
    return f"{value:.1f}"
