"""A small tree with real codes, lists in files, and actors who hold one verb over one path."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from salam.core.actors import Scope
from salam.core.verbs import Verb
from salam.places.actions.points import Point
from salam.places.actions.rows import COLUMNS, PlaceRow, new_row
from salam.places.enums import PlaceKind, PointSource, PopulationSource
from salam.places.models import Place

ON = date(2026, 11, 22)
TEHRAN_POINT = Point(35.69439, 51.42151)
ARAK_POINT = Point(34.09493, 49.69809)

TEHRAN = "2301021576"
TEHRAN_ZONE = "2301022001"
REY = "2302011600"
ARAK = "0001011234"
VILLAGE = "2301010001000001"

HEADINGS = ("کد", "نام", "نوع", "کد بالادست", "عرض", "طول", "جمعیت", "از تاریخ")


@dataclass(frozen=True)
class HolderOf:
    """Somebody who holds verbs over everything at or below one path."""

    verbs: frozenset[Verb]
    path: str = "ir"
    person_id: int | None = 7

    def can(self, verb: Verb, scope: Scope) -> bool:
        asked = f"{scope.place_path or 'ir'}."
        return verb in self.verbs and asked.startswith(f"{self.path}.")


EDITOR = HolderOf(frozenset({Verb.PLACE_EDIT, Verb.PLACE_IMPORT, Verb.TARGET_LIST_EDIT}))


@pytest.fixture
def tree(db: None) -> dict[str, Place]:
    """ir ─ 23 ─ 2301 ─ (230101 ─ village; 230102 ─ Tehran ─ zone), 2302 ─ Rey; 00 ─ … ─ Arak."""
    return plant_tree()


def plant_tree() -> dict[str, Place]:
    planted: dict[str, Place] = {}
    for code, kind, name, parent, population in (
        ("ir", PlaceKind.COUNTRY, "ایران", "", None),
        ("23", PlaceKind.PROVINCE, "تهران", "ir", None),
        ("00", PlaceKind.PROVINCE, "مرکزی", "ir", None),
        ("2301", PlaceKind.COUNTY, "تهران", "23", None),
        ("2302", PlaceKind.COUNTY, "ری", "23", None),
        ("0001", PlaceKind.COUNTY, "اراک", "00", None),
        ("230101", PlaceKind.DISTRICT, "آفتاب", "2301", None),
        ("230102", PlaceKind.DISTRICT, "مرکزی", "2301", None),
        ("230201", PlaceKind.DISTRICT, "مرکزی", "2302", None),
        ("000101", PlaceKind.DISTRICT, "مرکزی", "0001", None),
        (TEHRAN, PlaceKind.CITY, "تهران", "230102", 7_000_000),
        (TEHRAN_ZONE, PlaceKind.CITY, "تهران 1", TEHRAN, 300_000),
        (REY, PlaceKind.CITY, "ری", "230201", 200_000),
        (ARAK, PlaceKind.CITY, "اراک", "000101", 500_000),
        ("2301010001", PlaceKind.RURAL_DISTRICT, "آفتاب", "230101", None),
        (VILLAGE, PlaceKind.VILLAGE, "مرتضی گرد", "2301010001", 15_000),
    ):
        above = planted.get(parent)
        has_own = population is not None
        has_own_point = has_own or len(code) == 2
        planted[code] = plant(
            new_row(
                code=code,
                kind=kind,
                parent=above,
                name=name,
                point=ARAK_POINT if code.startswith("00") else TEHRAN_POINT,
                point_source=PointSource.PUBLISHED if has_own_point else PointSource.PARENT,
                population=population,
                population_source=PopulationSource.PUBLISHED if has_own else PopulationSource.SUM,
                is_city_zone=code == TEHRAN_ZONE,
            ),
            above,
        )
    return planted


def plant(row: PlaceRow, parent: Place | None) -> Place:
    values = {name: getattr(row, name) for name in COLUMNS}
    return Place.objects.create(parent=parent, **values)


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write rows below the usual headings (or others) into a CSV and return its path."""

    def write(
        *rows: Sequence[object],
        headings: Sequence[str] = HEADINGS,
        encoding: str = "utf-8",
        name: str = "list.csv",
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([headings, *rows])
        return path

    return write


@pytest.fixture
def write_xlsx(tmp_path: Path) -> Callable[..., Path]:
    """The same as a workbook."""

    def write(*rows: Sequence[object], headings: Sequence[str] = HEADINGS) -> Path:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (headings, *rows):
            sheet.append(list(row))
        path = tmp_path / "list.xlsx"
        book.save(path)
        return path

    return write
