"""The official tree of places, read from the data files of the package django-iranian-cities.

The package is read as files; its Django application is not installed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from salam.core.errors import DomainError
from salam.core.text import ascii_digits, clean, fold_tight
from salam.places.actions.ranks import CODE_LENGTH, COUNTRY_CODE
from salam.places.enums import PlaceKind

COUNTRY_NAME: Final = "ایران"
_CITY_ZONE: Final = "2"
_DIGITS: Final = re.compile(r"\d+")
_JOINED_AND: Final = re.compile(r" و(?=بویر|بلوچ|بختیار)")
# Columns that hold the ids (not codes) of what lies above, nearest last.
_PARENT_COLUMN: Final[Mapping[PlaceKind, tuple[str, PlaceKind]]] = {
    PlaceKind.COUNTY: ("province", PlaceKind.PROVINCE),
    PlaceKind.DISTRICT: ("county", PlaceKind.COUNTY),
    PlaceKind.CITY: ("district", PlaceKind.DISTRICT),
    PlaceKind.RURAL_DISTRICT: ("district", PlaceKind.DISTRICT),
    PlaceKind.VILLAGE: ("rural_district", PlaceKind.RURAL_DISTRICT),
}


class SourceMissing(DomainError):
    """A package that the tree is read from is not installed or holds something else."""

    code = "source_missing"


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """One row of the official list, its code padded, its name cleaned and folded."""

    code: str
    kind: PlaceKind
    name: str
    name_folded: str
    parent_code: str | None
    is_city_zone: bool = False

    @property
    def city_name_folded(self) -> str:
        """The name to compare; that of the city for its numbered zones ("اسلام شهر1")."""
        return _DIGITS.sub("", self.name_folded) if self.is_city_zone else self.name_folded

    @property
    def province_code(self) -> str:
        return self.code[:2]

    @property
    def county_code(self) -> str:
        return self.code[:4]

    @property
    def district_code(self) -> str:
        return self.code[:6]


def package_data(*, package: str) -> Path:
    """The data folder of an installed package, found without importing it. Raises SourceMissing."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SourceMissing(f"بستهٔ {package} نصب نیست؛ make setup را اجرا کنید.")
    return Path(spec.origin).parent / "data"


def official_list_files() -> list[Path]:
    """The files of the official list, in the order of their kinds. Raises SourceMissing."""
    folder = package_data(package="iranian_cities")
    return [folder / f"{kind}.csv" for kind in CODE_LENGTH]


def read_official_list(*, folder: Path | None = None) -> list[ListedPlace]:
    """All places of the official list, each after its parent. Raises SourceMissing."""
    folder = folder or package_data(package="iranian_cities")
    listed = [_country()]
    code_of_id: dict[PlaceKind, dict[str, str]] = {}
    try:
        for kind in CODE_LENGTH:
            rows = _read_csv(folder / f"{kind}.csv")
            code_of_id[kind] = {row["id"]: _code_of(row, kind) for row in rows}
            listed.extend(_in_tree_order(_listed(row, kind, code_of_id) for row in rows))
    except (OSError, KeyError, ValueError):
        raise SourceMissing(
            "فهرست رسمی جاها در بستهٔ django-iranian-cities خوانده نمی‌شود؛ "
            "نسخهٔ نوشته‌شده در requirements را نصب کنید.",
        ) from None
    return listed


def _country() -> ListedPlace:
    return ListedPlace(
        COUNTRY_CODE,
        PlaceKind.COUNTRY,
        COUNTRY_NAME,
        fold_tight(COUNTRY_NAME),
        None,
    )


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _code_of(row: Mapping[str, str], kind: PlaceKind) -> str:
    """The files were once numbers: leading zeros are lost ("Markazi" is 0, not 00)."""
    return row["code"].zfill(CODE_LENGTH[kind])


def _listed(
    row: Mapping[str, str],
    kind: PlaceKind,
    code_of_id: Mapping[PlaceKind, Mapping[str, str]],
) -> ListedPlace:
    name = clean(ascii_digits(row["name"]))
    if kind is PlaceKind.PROVINCE:
        name, parent_code = _JOINED_AND.sub(" و ", name), COUNTRY_CODE
    else:
        column, parent_kind = _PARENT_COLUMN[kind]
        parent_code = code_of_id[parent_kind][row[column]]
    return ListedPlace(
        _code_of(row, kind),
        kind,
        name,
        fold_tight(name),
        parent_code,
        is_city_zone=kind is PlaceKind.CITY and row["city_type"] == _CITY_ZONE,
    )


def _in_tree_order(places: Iterator[ListedPlace]) -> Sequence[ListedPlace]:
    """By code, zones after the cities, below the city of their county that bears their name."""
    ordered = sorted(places, key=lambda place: (place.is_city_zone, place.code))
    city_of = {
        (place.county_code, place.city_name_folded): place.code
        for place in ordered
        if place.kind is PlaceKind.CITY and not place.is_city_zone
    }
    return [
        replace(
            place,
            parent_code=city_of.get(
                (place.county_code, place.city_name_folded),
                place.parent_code,
            ),
        )
        if place.is_city_zone
        else place
        for place in ordered
    ]
