"""Tables that people hand in (CSV, XLSX) read row by row, and the refused rows given back to them.

What would spoil an import is refused before the first row is handed out wherever the file allows
it: encoding, headings, broken rows of a CSV, packed bombs. Row numbers are those that a spreadsheet
shows.
"""

from __future__ import annotations

import csv
import hashlib
import math
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from salam.core.errors import DomainError
from salam.core.language import listed
from salam.core.text import clean, fold_tight, shown_digits

FILE_BYTES_MAX: Final = 256 << 20  # 300,000 people in one CSV are about 50 MB
LINE_BYTES_MAX: Final = 1 << 20  # a longer line is not a row of a table
SHEET_ROWS_MAX: Final = 1 << 20  # as many as the format has
COLUMN_COUNT_MAX: Final = 200
CELL_LENGTH_MAX: Final = 10_000
UNPACKED_BYTES_MAX: Final = 768 << 20
# Repetitive sheets pack about thirty to one; bombs more than a thousand to one.
PACKING_RATIO_MAX: Final = 250
PACKING_RATIO_FROM_BYTES: Final = 8 << 20
# A spreadsheet keeps 15 digits of a number: a longer code loses its last digits unless it is text,
# so such a number is given as 2.1E+15, which no code check lets pass.
EXACT_NUMBER_MAX: Final = 10**15

_SEPARATORS: Final = ",;\t،"
_INVISIBLE: Final = str.maketrans("", "", "\u200e\u200f\ufeff")
_FORMULA_STARTS: Final = ("=", "+", "-", "@")

Row = tuple[int, list[str]]


class TableRefused(DomainError):
    """The file as a whole cannot be read as a table."""

    code = "table_refused"


def read_table(
    path: Path,
    *,
    headings: Mapping[str, Sequence[str]],
    required: Sequence[str],
    row_limit: int,
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV (UTF-8) or XLSX file as (row number, cells by key).

    ``headings`` gives each key the headings it may have, the Persian one first: that one is named
    when the column is missing. Columns nobody asked for are passed over; a key whose column is
    not in the file is not in the dict; empty rows are skipped. Cells come cleaned (text.clean),
    whole numbers without a point, dates as 1981-08-14.

    The headings are read before this returns. Raises TableRefused; too many rows of an XLSX show
    only when they are reached.
    """
    rows = _open_rows(path, row_limit)
    first = next(rows, None)
    if first is None:
        raise TableRefused(_("این فایل خالی است."))
    columns = _find_columns(first[1], headings, required)
    return _keyed(rows, columns, row_limit)


def refusals_path(*, source: Path, folder: Path | None = None, dry_run: bool = False) -> Path:
    """Where the refused rows of a file are listed: beside it, or in the folder given.

    Two lists of one name from different folders do not share it, nor a trial with the real thing.
    """
    mark = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:8]
    kind = "dry-run-errors" if dry_run else "errors"
    return (folder or source.parent) / f"{source.stem}-{mark}-{kind}.csv"


def write_refusals(path: Path, rows: Iterable[tuple[int, str]]) -> int:
    """List refused rows (row number, reason) in a CSV that Excel opens; returns how many.

    With nothing refused the list of an earlier attempt is removed: nobody mends what is mended.
    """
    refused = sorted(rows)
    if not refused:
        path.unlink(missing_ok=True)
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_("شماره سطر"), _("دلیل")])
        writer.writerows((number, _without_formula(reason)) for number, reason in refused)
    return len(refused)


def _open_rows(path: Path, row_limit: int) -> Iterator[Row]:
    try:
        size_bytes = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError:
        raise TableRefused(_("این فایل پیدا نشد یا خوانده نمی‌شود.")) from None
    if size_bytes == 0:
        raise TableRefused(_("این فایل خالی است."))
    if size_bytes > FILE_BYTES_MAX:
        limit = shown_digits(FILE_BYTES_MAX >> 20)
        raise TableRefused(
            _("این فایل از {limit} مگابایت بزرگ‌تر است؛ آن را چند تکه کنید.").format(limit=limit)
        )
    if start.startswith(b"PK"):
        _check_package(path)
        return _xlsx_rows(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableRefused(
            _("این فایل اکسل قدیمی (xls) است؛ آن را با قالب xlsx یا CSV UTF-8 ذخیره کنید.")
        )
    _check_encoding(path)
    separator = _find_separator(path)
    _check_csv(path, separator, row_limit)
    return _csv_rows(path, separator)


def _check_encoding(path: Path) -> None:
    with path.open("rb") as file:
        while line := file.readline(LINE_BYTES_MAX + 1):
            if len(line) > LINE_BYTES_MAX or b"\x00" in line:
                raise TableRefused(_("این فایل جدول نیست؛ یک فایل CSV UTF-8 یا xlsx بدهید."))
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                raise TableRefused(
                    _(
                        "نوشته‌های این فایل UTF-8 نیست (شاید Windows-1256 باشد)؛ "
                        "آن را در اکسل با قالب «CSV UTF-8» ذخیره کنید."
                    ),
                ) from None


def _open_csv(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")


def _find_separator(path: Path) -> str:
    """Excel writes the list separator of its region: comma, semicolon or tab."""
    with _open_csv(path) as file:
        heading = next((line for line in file if line.strip()), "")
    return max(_SEPARATORS, key=heading.count)


def _check_csv(path: Path, separator: str, row_limit: int) -> None:
    """Read the whole CSV once: a row wider than the headings has lost its quotes and is shifted."""
    width = None
    count = 0
    for number, cells in _csv_rows(path, separator):
        while cells and not cells[-1].strip():
            cells.pop()
        if width is None:
            width = len(cells)
            continue
        count += 1
        if len(cells) > width:
            raise TableRefused(
                _(
                    "سطر {number} بیش از سرستون‌ها خانه دارد؛ "
                    'شاید در متنی ویرگول هست و متن میان دو گیومهٔ " نیست.'
                ).format(number=shown_digits(number)),
            )
        if count > row_limit:
            raise _too_many_rows(row_limit)


def _csv_rows(path: Path, separator: str) -> Iterator[Row]:
    with _open_csv(path) as file:
        try:
            for number, cells in enumerate(
                csv.reader(file, delimiter=separator, strict=True), start=1
            ):
                if any(cell.strip() for cell in cells):
                    yield number, cells
        except csv.Error:
            raise TableRefused(
                _("این فایل CSV درست نیست: گیومه‌ای باز مانده یا خانه‌ای بسیار بلند است."),
            ) from None


def _check_package(path: Path) -> None:
    """An XLSX is a zip: refuse what is no workbook and what would unpack into the whole memory."""
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise _broken_workbook() from None
    if not any(member.filename.startswith("xl/") for member in members):
        raise _broken_workbook()
    bombs = [
        member
        for member in members
        if member.file_size > PACKING_RATIO_FROM_BYTES
        and member.file_size > PACKING_RATIO_MAX * max(1, member.compress_size)
    ]
    if bombs or sum(member.file_size for member in members) > UNPACKED_BYTES_MAX:
        raise TableRefused(
            _("این فایل اکسل پس از بازشدن بیش از اندازه بزرگ است؛ آن را چند تکه کنید.")
        )


def _xlsx_rows(path: Path) -> Iterator[Row]:
    try:
        with closing(
            openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        ) as book:
            sheet = book.worksheets[0]
            # Some programs write a wrong size into the sheet; without it every row is read.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_col=COLUMN_COUNT_MAX, values_only=True)
            for number, values in enumerate(rows, start=1):
                if number > SHEET_ROWS_MAX:
                    # A row that claims a number beyond the format would yield empty ones till then.
                    raise _broken_workbook()
                # Up to a million rows may be padding: looked at as a whole, not cell by cell.
                if values.count(None) == len(values):
                    continue
                cells = [_cell_text(value) for value in values]
                if any(cells):
                    yield number, cells
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        DefusedXmlException,
        ParseError,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        EOFError,
        OSError,
        ArithmeticError,
        RuntimeError,
        struct.error,
        zlib.error,
    ):
        # openpyxl raises whatever the damaged part happens to break.
        raise _broken_workbook() from None


def _cell_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


def _number_text(value: float) -> str:
    if not math.isfinite(value) or abs(value) >= EXACT_NUMBER_MAX:
        return f"{value:E}"
    return str(int(value)) if value == int(value) else repr(value)


def _find_columns(
    cells: Sequence[str],
    headings: Mapping[str, Sequence[str]],
    required: Sequence[str],
) -> dict[int, str]:
    """Column index to key. Raises TableRefused for missing and doubled headings."""
    key_of = {fold_tight(name): key for key, names in headings.items() for name in (key, *names)}
    columns: dict[int, str] = {}
    for index, cell in enumerate(cells):
        key = key_of.get(fold_tight(cell.translate(_INVISIBLE)))
        if key is None:
            continue
        if key in columns.values():
            raise TableRefused(
                _("ستون «{heading}» دو بار آمده است؛ یکی را بردارید.").format(
                    heading=headings[key][0]
                )
            )
        columns[index] = key
    missing = [headings[key][0] for key in required if key not in columns.values()]
    if missing:
        names = listed(f"«{name}»" for name in missing)
        raise TableRefused(_("در سطر اول این ستون‌ها نیست: {names}.").format(names=names))
    return columns


def _keyed(
    rows: Iterator[Row],
    columns: Mapping[int, str],
    row_limit: int,
) -> Iterator[tuple[int, dict[str, str]]]:
    for count, (number, cells) in enumerate(rows, start=1):
        if count > row_limit:
            raise _too_many_rows(row_limit)
        yield (
            number,
            {
                key: clean(cells[index][:CELL_LENGTH_MAX]) if index < len(cells) else ""
                for index, key in columns.items()
            },
        )


def _too_many_rows(row_limit: int) -> TableRefused:
    return TableRefused(
        _("این فایل بیش از {row_limit} سطر دارد؛ آن را چند تکه کنید.").format(
            row_limit=shown_digits(row_limit)
        ),
    )


def _broken_workbook() -> TableRefused:
    return TableRefused(_("این فایل اکسل باز نمی‌شود؛ آن را دوباره با قالب xlsx ذخیره کنید."))


def _without_formula(text: str) -> str:
    """A spreadsheet would run a cell that starts like a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
