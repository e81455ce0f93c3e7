"""Rows of a newer official list, read from a file and checked one by one, without the database."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from salam.core.dates import parse_date
from salam.core.errors import InvalidInput
from salam.core.language import in_persian, listed
from salam.core.tables import read_table
from salam.core.text import ascii_digits, fold_tight, shown_digits
from salam.places.actions.names import checked_name
from salam.places.actions.points import Point, is_in_iran
from salam.places.actions.ranks import CODE_LENGTH, COUNTRY_CODE, PARENT_KINDS
from salam.places.enums import PlaceKind

HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    "code": ("کد", "کد محل", "کد آمارگیری"),
    "name": ("نام", "نام محل"),
    "kind": ("نوع",),
    "parent_code": ("کد بالادست", "بالادست", "parent"),
    "latitude": ("عرض", "عرض جغرافیایی", "lat"),
    "longitude": ("طول", "طول جغرافیایی", "lon", "lng"),
    "population": ("جمعیت",),
    "valid_from": ("از تاریخ", "تاریخ"),
}
REQUIRED: Final = ("code", "name", "kind", "parent_code")
ROW_LIMIT: Final = 250_000  # the whole country has 104,000
POPULATION_MAX: Final = 100_000_000
# Markazi's codes begin with 00 and its first county's with 0001: three zeros can be lost at most.
LOST_ZEROS_MAX: Final = 3

_KINDS: Final = {
    key: kind
    for kind in PlaceKind
    for key in (fold_tight(in_persian(kind.label)), fold_tight(kind.value))
}
_NEIGHBOURHOOD_CODE: Final = re.compile(r"(\d{10}|\d{16})n\d{3,5}")
_NUMBER_MARKS: Final = str.maketrans({"٫": ".", "٬": None, ",": None, " ": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """One readable row; what the file leaves empty is None and changes nothing."""

    number: int
    code: str
    kind: PlaceKind
    name: str
    parent_code: str
    point: Point | None
    population: int | None
    valid_from: date | None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    number: int
    reason: str


def read_listed_rows(*, path: Path) -> Iterator[ListedRow | RefusedRow]:
    """Every row of the file, read or refused. Raises TableRefused for the file as a whole."""
    seen: dict[str, int] = {}
    for number, cells in read_table(
        path, headings=HEADINGS, required=REQUIRED, row_limit=ROW_LIMIT
    ):
        try:
            row = _listed_row(number, cells)
            if row.code in seen:
                first = shown_digits(seen[row.code])
                raise InvalidInput(_("این کد در سطر {first} هم آمده است.").format(first=first))  # noqa: TRY301
        except InvalidInput as refusal:
            yield RefusedRow(number, refusal.sentence)
        else:
            seen[row.code] = number
            yield row


def _listed_row(number: int, cells: Mapping[str, str]) -> ListedRow:
    kind = _kind(cells["kind"])
    return ListedRow(
        number=number,
        code=_code(cells["code"], kind),
        kind=kind,
        name=checked_name(text=cells["name"], label=_("نام")),
        parent_code=_parent_code(cells["parent_code"], kind),
        point=_point(cells.get("latitude", ""), cells.get("longitude", "")),
        population=_population(cells.get("population", "")),
        valid_from=parse_date(cells["valid_from"]) if cells.get("valid_from") else None,
    )


def _kind(text: str) -> PlaceKind:
    kind = _KINDS.get(fold_tight(text))
    if kind is None or kind is PlaceKind.COUNTRY:
        names = listed(kind.label for kind in PlaceKind if kind is not PlaceKind.COUNTRY)
        raise InvalidInput(_("نوع باید یکی از این‌ها باشد: {names}.").format(names=names))
    return kind


def _code(text: str, kind: PlaceKind) -> str:
    code = ascii_digits(text).strip().lower()
    if kind is PlaceKind.NEIGHBOURHOOD:
        if not _NEIGHBOURHOOD_CODE.fullmatch(code):
            raise InvalidInput(_("کد محله باید کد شهر یا روستا، حرف n و شمارهٔ محله باشد."))
        return code
    return _padded(code, CODE_LENGTH[kind], _("کد {kind}").format(kind=kind.label))


def _parent_code(text: str, kind: PlaceKind) -> str:
    code = ascii_digits(text).strip().lower()
    if kind is PlaceKind.PROVINCE:
        if code not in {"", COUNTRY_CODE}:
            raise InvalidInput(
                _("بالادست استان کشور است؛ کد بالادست را ir بنویسید یا خالی بگذارید.")
            )
        return COUNTRY_CODE
    lengths = sorted({CODE_LENGTH[parent] for parent in PARENT_KINDS[kind]})
    fitting = next((length for length in lengths if len(code) <= length), lengths[-1])
    return _padded(code, fitting, _("کد بالادست"))


def _padded(code: str, length: int, label: str) -> str:
    if not code:
        raise InvalidInput(_("{label} خالی است.").format(label=label))
    if not (code.isascii() and code.isdecimal()):
        raise InvalidInput(
            _("{label} باید فقط رقم باشد؛ ستون کد را در اکسل به شکل متن ذخیره کنید.").format(
                label=label
            ),
        )
    if not length - LOST_ZEROS_MAX <= len(code) <= length:
        raise InvalidInput(
            _("{label} باید {length} رقم باشد، نه {found} رقم.").format(
                label=label, length=shown_digits(length), found=shown_digits(len(code))
            ),
        )
    return code.zfill(length)


def _point(latitude_text: str, longitude_text: str) -> Point | None:
    if not latitude_text and not longitude_text:
        return None
    if not latitude_text or not longitude_text:
        raise InvalidInput(_("عرض و طول را با هم بنویسید یا هر دو را خالی بگذارید."))
    point = Point(_degrees(latitude_text), _degrees(longitude_text))
    if not is_in_iran(point=point):
        raise InvalidInput(_("عرض و طول بیرون از ایران است؛ شاید جای آن دو عوض شده باشد."))
    return point


def _degrees(text: str) -> float:
    try:
        degrees = float(ascii_digits(text).replace("/", ".").translate(_NUMBER_MARKS))
    except ValueError:
        degrees = math.nan
    if not math.isfinite(degrees):
        raise InvalidInput(_("عرض و طول را با عدد اعشاری بنویسید، مانند ۳۵٫۷۰."))
    return degrees


def _population(text: str) -> int | None:
    if not text:
        return None
    digits = ascii_digits(text).translate(_NUMBER_MARKS)
    if not (digits.isascii() and digits.isdecimal()) or int(digits[:12]) > POPULATION_MAX:
        raise InvalidInput(_("جمعیت باید یک عدد درست باشد."))
    return int(digits)
