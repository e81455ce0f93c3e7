from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from salam.core.tables import TableRefused, read_table, refusals_path, write_refusals

HEADINGS = {"name": ("نام", "name"), "count": ("تعداد",), "day": ("روز",)}


def rows_of(path: Path, *, row_limit: int = 100) -> list[tuple[int, dict[str, str]]]:
    return list(read_table(path, headings=HEADINGS, required=["name"], row_limit=row_limit))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_rows_carry_the_number_a_spreadsheet_shows(
    write_csv: Callable[..., Path],
    encoding: str,
) -> None:
    path = write_csv(
        ["علي  آباد", "۱۲"],
        ["", ""],
        ["كرمان", "3"],
        headings=["نام", "تعداد"],
        encoding=encoding,
    )

    assert rows_of(path) == [
        (2, {"name": "علی آباد", "count": "۱۲"}),
        (4, {"name": "کرمان", "count": "3"}),
    ]


@pytest.mark.parametrize("separator", [";", "\t", "،"])
def test_csv_with_the_separator_of_its_region_is_read(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"نام{separator}تعداد\nقم{separator}1\n", encoding="utf-8")

    assert rows_of(path) == [(2, {"name": "قم", "count": "1"})]


def test_english_heading_and_unknown_column_are_accepted(write_csv: Callable[..., Path]) -> None:
    path = write_csv(["x", "قم"], headings=["یادداشت", "Name"])

    assert rows_of(path) == [(2, {"name": "قم"})]


def test_workbook_cells_become_text(write_xlsx: Callable[..., Path]) -> None:
    path = write_xlsx(
        ["قم", 12, datetime(2026, 11, 22)],  # noqa: DTZ001 - a workbook knows no zones
        ["ساوه", 1.5, None],
        ["رشت", 2102020003821098, True],
        headings=["نام", "تعداد", "روز"],
    )

    assert rows_of(path) == [
        (2, {"name": "قم", "count": "12", "day": "2026-11-22"}),
        (3, {"name": "ساوه", "count": "1.5", "day": ""}),
        (4, {"name": "رشت", "count": "2.102020E+15", "day": "1"}),
    ]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "خالی"),
        (b"\n \n", "خالی"),
        ("نام,تعداد\nقم,1\n".encode("cp1256", "replace"), "UTF-8"),
        ("نام\nقم\n".encode("utf-16"), "UTF-8"),
        (b"a\x00b\n", "جدول نیست"),
        ("تعداد\n1\n".encode(), "«نام»"),
        ("نام,name\nقم,قم\n".encode(), "دو بار"),
        ("نام,تعداد\nقم,1,2\n".encode(), "سطر ۲"),
        ('نام\n"قم\n'.encode(), "گیومه"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"PK\x03\x04 broken", "باز نمی‌شود"),
        (b"x" * (2 << 20), "جدول نیست"),
    ],
)
def test_file_that_is_no_table_is_refused_in_words(
    tmp_path: Path,
    content: bytes,
    part: str,
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)

    with pytest.raises(TableRefused) as refusal:
        rows_of(path)

    assert part in refusal.value.sentence


def test_missing_file_and_missing_columns_are_refused_before_iteration(tmp_path: Path) -> None:
    with pytest.raises(TableRefused):
        read_table(tmp_path / "none.csv", headings=HEADINGS, required=[], row_limit=1)
    path = tmp_path / "list.csv"
    path.write_text("روز\n1\n", encoding="utf-8")

    with pytest.raises(TableRefused, match="«نام»، «تعداد»"):
        read_table(path, headings=HEADINGS, required=["name", "count"], row_limit=1)


def test_too_many_rows_are_refused(
    write_csv: Callable[..., Path],
    write_xlsx: Callable[..., Path],
) -> None:
    rows = [["قم"], ["ری"]]

    for path in (write_csv(*rows, headings=["نام"]), write_xlsx(*rows, headings=["نام"])):
        with pytest.raises(TableRefused, match="بیش از ۱ سطر"):
            rows_of(path, row_limit=1)


def test_packed_bomb_and_foreign_zip_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b" " * (20 << 20))
    foreign = tmp_path / "other.xlsx"
    with zipfile.ZipFile(foreign, "w") as package:
        package.writestr("readme.txt", b"hello")

    with pytest.raises(TableRefused, match="بیش از اندازه بزرگ"):
        rows_of(bomb)
    with pytest.raises(TableRefused, match="باز نمی‌شود"):
        rows_of(foreign)


def test_workbook_with_entities_is_refused(
    tmp_path: Path,
    write_xlsx: Callable[..., Path],
) -> None:
    path = tmp_path / "entities.xlsx"
    with zipfile.ZipFile(write_xlsx(["قم"], headings=["نام"])) as good:
        members = {name: good.read(name) for name in good.namelist()}
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'
    with zipfile.ZipFile(path, "w") as package:
        for name, content in members.items():
            package.writestr(name, bomb if "sheet1" in name else content)

    with pytest.raises(TableRefused, match="باز نمی‌شود"):
        rows_of(path)


def test_refusals_open_in_excel_and_vanish_when_nothing_is_refused(tmp_path: Path) -> None:
    path = refusals_path(source=tmp_path / "list.csv", folder=tmp_path / "errors")

    assert write_refusals(path, [(5, "=cmd()"), (2, "نام خالی است.")]) == 2
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["\ufeffشماره سطر", "دلیل"],
            ["2", "نام خالی است."],
            ["5", "'=cmd()"],
        ]
    assert write_refusals(path, []) == 0
    assert not path.exists()


def test_lists_of_one_name_do_not_share_their_refusals(tmp_path: Path) -> None:
    folder = tmp_path / "errors"
    one, other = tmp_path / "a" / "list.csv", tmp_path / "b" / "list.csv"

    paths = {
        refusals_path(source=one, folder=folder),
        refusals_path(source=other, folder=folder),
        refusals_path(source=one, folder=folder, dry_run=True),
    }

    assert len(paths) == 3


@pytest.mark.parametrize(
    "row",
    ['<row r="2000000000"><c t="n"><v>1</v></c></row>', f"<row><c><v>{'9' * 400}</v></c></row>"],
)
def test_workbook_with_impossible_numbers_is_refused_at_once(tmp_path: Path, row: str) -> None:
    path = tmp_path / "list.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["نام"])
    book.save(path)
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(
        b"</sheetData>", row.encode() + b"</sheetData>"
    )
    with zipfile.ZipFile(path, "w") as package:
        for name, content in members.items():
            package.writestr(name, content)

    with pytest.raises(TableRefused):
        rows_of(path)
