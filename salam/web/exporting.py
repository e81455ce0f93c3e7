"""Export of what a list shows, as CSV or XLSX, row by row.

A spreadsheet runs a cell that begins with a sign of a formula, so text that does gets an apostrophe
before it. Files have a limit of rows: more is a report, not a list.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from salam.core.dates import TEHRAN, jalali, local_day
from salam.core.errors import DomainError
from salam.core.quantities import grouped
from salam.core.text import ascii_digits

EXPORT_ROWS_MAX: Final = 20_000
_CHUNK: Final = 1_000
# Signs that a spreadsheet takes for the beginning of a formula, their wide forms too.
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_XLSX_REFUSED: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))

Read = Callable[[Any], list[object]]


class ExportTooLarge(DomainError):
    """More rows than one file may hold."""

    code = "export_too_large"

    def __init__(self) -> None:
        super().__init__(
            _(
                "این فهرست بیش از {limit} ردیف دارد؛ "
                "با پالایه‌ها کوچک‌ترش کنید تا بتوانید آن را بگیرید."
            ).format(limit=grouped(EXPORT_ROWS_MAX)),
        )


@dataclass(frozen=True)
class Format:
    """A kind of file."""

    extension: str
    content_type: str
    label: str | Promise


FORMATS: Final = {
    "csv": Format("csv", "text/csv; charset=utf-8", gettext_lazy("پروندهٔ CSV")),
    "xlsx": Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        gettext_lazy("پروندهٔ اکسل"),
    ),
}


def export(
    wanted: Format,
    *,
    name: str,
    headings: Sequence[str],
    rows: QuerySet[Any] | Sequence[Any],
    read: Read,
) -> HttpResponseBase:
    """The rows as a file. Raises ExportTooLarge."""
    count = rows.count() if isinstance(rows, QuerySet) else len(rows)
    if count > EXPORT_ROWS_MAX:
        raise ExportTooLarge
    filename = f"salam-{name}.{wanted.extension}"
    records = rows.iterator(chunk_size=_CHUNK) if isinstance(rows, QuerySet) else iter(rows)
    if wanted.extension == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            _csv_lines(headings, records, read),
            content_type=wanted.content_type,
        )
        response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response
    return _xlsx(headings, records, read=read, filename=filename, content_type=wanted.content_type)


def safe_cell(value: object) -> str | int | float | Decimal | None:
    """A value as a file may hold it: dates Jalali, formulas disarmed, numbers as they are."""
    if value is None or isinstance(value, int | float | Decimal):
        return None if value is None else int(value) if isinstance(value, bool) else value
    if isinstance(value, datetime):
        return ascii_digits(f"{jalali(local_day(value))} {value.astimezone(TEHRAN):%H:%M}")
    if isinstance(value, date):
        return ascii_digits(jalali(value))
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0\u200c").startswith(_FORMULA_SIGNS) else text


class _Echo:
    """What the csv module writes to: hands the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(headings: Sequence[str], records: Iterable[Any], read: Read) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark tells Excel that this is UTF-8.
    yield "\ufeff" + writer.writerow([safe_cell(heading) for heading in headings])
    for record in records:
        yield writer.writerow([safe_cell(value) for value in read(record)])


def _xlsx(
    headings: Sequence[str],
    records: Iterable[Any],
    *,
    read: Read,
    filename: str,
    content_type: str,
) -> FileResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.sheet_view.rightToLeft = get_language_bidi()
    sheet.freeze_panes = "A2"
    cells = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, value=safe_cell(heading))
        cell.font = Font(bold=True)
        cells.append(cell)
    sheet.append(cells)
    for record in records:
        sheet.append([_xlsx_value(safe_cell(value)) for value in read(record)])
    # Closed, and so deleted, by the response.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=content_type)


def _xlsx_value(value: str | float | Decimal | None) -> str | float | Decimal | None:
    return value.translate(_XLSX_REFUSED) if isinstance(value, str) else value
