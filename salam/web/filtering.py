"""Filters of a list: what the address may say, how it is shown, what it leaves of the rows.

Each works on a QuerySet and on a sequence of dataclasses alike; ``lookup`` names the field or the
attribute. A value that makes no sense leaves the list as it is, with a sentence beside the field.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from salam.core.dates import TEHRAN, jalali, local_day, parse_date
from salam.core.errors import InvalidInput
from salam.core.fields import FoldedTight
from salam.core.text import clean, fold, fold_tight
from salam.places.queries import PlaceNotFound, ancestors_of, children_of, get_place

Text = str | Promise
Rows = QuerySet[Any] | Sequence[Any]

_COUNTRY: Final = "ir"
_TEXT_LENGTH_MAX: Final = 80
# Far enough from the ends of both calendars that the day after can be reckoned with.
_FIRST_DAY: Final = date(1800, 1, 1)
_LAST_DAY: Final = date(2500, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Control:
    """One filter as it stands in the row above a list."""

    kind: str
    name: str
    label: Text
    value: str = ""
    value_from: str = ""
    value_to: str = ""
    all_label: Text = ""
    options: Sequence[tuple[str, Text]] = ()
    error_from: str = ""
    error_to: str = ""
    wanted: Any = None
    in_address: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"filter-{self.name}"

    @property
    def error(self) -> str:
        return self.error_from or self.error_to

    @property
    def is_set(self) -> bool:
        """Whether it leaves rows out."""
        return self.wanted is not None


@dataclass(frozen=True, kw_only=True)
class Filter(ABC):
    """What all filters share: the word in the address and the label."""

    key: str
    label: Text

    @abstractmethod
    def control(self, asked: Mapping[str, str], *, on: date) -> Control:
        """What the address says, as it is shown above the list."""

    @abstractmethod
    def apply(self, rows: Rows, control: Control) -> Rows:
        """The rows that a control which is set leaves."""


@dataclass(frozen=True, kw_only=True)
class TextFilter(Filter):
    """Words in one or more columns of folded text (trigram index), or in attributes."""

    lookups: tuple[str, ...]
    is_tight: bool = False

    def control(self, asked: Mapping[str, str], *, on: date) -> Control:
        del on
        typed = clean(asked.get(self.key, "").replace("\x00", ""))[:_TEXT_LENGTH_MAX]
        needle = fold_tight(typed) if self.is_tight else fold(typed)
        return Control(
            kind="text",
            name=self.key,
            label=self.label,
            value=typed,
            wanted=needle or None,
            in_address={self.key: typed},
        )

    def apply(self, rows: Rows, control: Control) -> Rows:
        needle = control.wanted
        if isinstance(rows, QuerySet):
            matching = Q()
            for lookup in self.lookups:
                matching |= Q(**{f"{lookup}__contains_folded": needle})
            return rows.filter(matching)
        fold_one = fold_tight if self.is_tight else fold
        return [
            row
            for row in rows
            if any(needle in fold_one(str(_read(row, lookup) or "")) for lookup in self.lookups)
        ]


@dataclass(frozen=True, kw_only=True)
class UnfoldedTextFilter(TextFilter):
    """Words in columns that keep no folded twin: read row by row, for lists that are short."""

    is_tight: bool = True

    def apply(self, rows: Rows, control: Control) -> Rows:
        if not isinstance(rows, QuerySet):
            return super().apply(rows, control)
        names = {f"folded_{number}": column for number, column in enumerate(self.lookups)}
        matching = Q()
        for name in names:
            matching |= Q(**{f"{name}__contains_folded": control.wanted})
        folded = {name: FoldedTight(column) for name, column in names.items()}
        found: QuerySet[Any] = rows.alias(**folded).filter(matching)
        return found


@dataclass(frozen=True, kw_only=True)
class ChoiceFilter(Filter):
    """One of a few values. ``choices`` may be a function, asked when the list is drawn."""

    lookup: str
    choices: Iterable[tuple[Any, Text]] | Callable[[], Iterable[tuple[Any, Text]]]
    all_label: Text = ""

    def control(self, asked: Mapping[str, str], *, on: date) -> Control:
        del on
        choices = list(self.choices() if callable(self.choices) else self.choices)
        values = {str(value): value for value, _label in choices}
        chosen = asked.get(self.key, "")
        chosen = chosen if chosen in values else ""
        return Control(
            kind="choice",
            name=self.key,
            label=self.label,
            value=chosen,
            all_label=self.all_label or _("همه"),
            options=[(str(value), label) for value, label in choices],
            wanted=values.get(chosen),
            in_address={self.key: chosen},
        )

    def apply(self, rows: Rows, control: Control) -> Rows:
        if isinstance(rows, QuerySet):
            return rows.filter(**{self.lookup: control.wanted})
        return [row for row in rows if _read(row, self.lookup) == control.wanted]


@dataclass(frozen=True, kw_only=True)
class DateFilter(Filter):
    """From a day until a day, both included, typed as Jalali dates.

    ``is_instant`` for columns that hold instants: a day is then the day in Iran.
    """

    lookup: str
    is_instant: bool = False

    def control(self, asked: Mapping[str, str], *, on: date) -> Control:
        del on
        first, text_from, error_from = _typed_day(asked.get(f"{self.key}_from", ""))
        last, text_to, error_to = _typed_day(asked.get(f"{self.key}_to", ""))
        return Control(
            kind="dates",
            name=self.key,
            label=self.label,
            value_from=text_from,
            value_to=text_to,
            error_from=error_from,
            error_to=error_to,
            wanted=(first, last) if first or last else None,
            in_address={
                f"{self.key}_from": text_from if first else "",
                f"{self.key}_to": text_to if last else "",
            },
        )

    def apply(self, rows: Rows, control: Control) -> Rows:
        first, last = control.wanted
        if isinstance(rows, QuerySet):
            limits = {}
            if first is not None:
                limits[f"{self.lookup}__gte"] = self._start(first)
            if last is not None:
                limits[f"{self.lookup}__lt"] = self._start(last + timedelta(days=1))
            return rows.filter(**limits)
        return [row for row in rows if self._is_within(_read(row, self.lookup), first, last)]

    def _start(self, day: date) -> date | datetime:
        return datetime.combine(day, time(), TEHRAN) if self.is_instant else day

    def _is_within(self, value: Any, first: date | None, last: date | None) -> bool:
        if value is None:
            return False
        day = local_day(value) if isinstance(value, datetime) else value
        return (first is None or first <= day) and (last is None or day <= last)


@dataclass(frozen=True, kw_only=True)
class PlaceFilter(Filter):
    """A place and all below it, found by going down: the country, a province, its counties …

    ``lookup`` names the path. Costs three queries. A code that is unknown leaves the whole list.
    """

    lookup: str

    def control(self, asked: Mapping[str, str], *, on: date) -> Control:
        place = _place_or_country(asked.get(self.key, ""))
        if place is None:
            return Control(kind="choice", name=self.key, label=self.label, all_label=_("همهٔ کشور"))
        above = [one for one in ancestors_of(place=place) if one.code != _COUNTRY]
        is_set = place.code != _COUNTRY
        trail = [*above, place] if is_set else []
        options = [
            (one.code, " ‹ ".join(p.name for p in trail[: n + 1])) for n, one in enumerate(trail)
        ]
        options += [(one.code, one.name) for one in children_of(place=place, on=on)]
        return Control(
            kind="choice",
            name=self.key,
            label=self.label,
            value=place.code if is_set else "",
            all_label=_("همهٔ کشور"),
            options=options,
            wanted=place.path if is_set else None,
            in_address={self.key: place.code if is_set else ""},
        )

    def apply(self, rows: Rows, control: Control) -> Rows:
        path = control.wanted
        if isinstance(rows, QuerySet):
            return rows.filter(**{f"{self.lookup}__within": path})
        return [row for row in rows if f"{_read(row, self.lookup)}.".startswith(f"{path}.")]


def _place_or_country(code: str) -> Any:
    for wanted in (code, _COUNTRY):
        # A code is short ASCII; what is longer or odd is not worth a query.
        if wanted and len(wanted) <= 32 and wanted.isprintable():
            try:
                return get_place(code=wanted)
            except PlaceNotFound:
                continue
    return None


def _typed_day(text: str) -> tuple[date | None, str, str]:
    """A typed day, how it is shown again, and what is wrong with it."""
    typed = clean(text.replace("\x00", ""))[:20]
    if not typed:
        return None, "", ""
    try:
        day = parse_date(typed)
    except InvalidInput as refused:
        return None, typed, refused.sentence
    if not _FIRST_DAY <= day <= _LAST_DAY:
        return None, typed, _("چنین روزی در فهرست‌ها نیست؛ سال را دوباره ببینید.")
    return day, jalali(day), ""


def _read(row: object, lookup: str) -> Any:
    return attrgetter(lookup.replace("__", "."))(row)
