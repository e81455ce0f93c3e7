"""The one way to list: a declared Listing and what a request asked of it.

A screen declares once what its list shows (columns, filters, default order, actions), hands in a
QuerySet or a sequence of dataclasses, and gets a page, or an export of exactly what is seen. What
is chosen stays in the address. Whatever stands in the address wrongly is passed over: a list never
fails because of what somebody typed there. A page costs two queries (count, rows), and those of its
filters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from salam.core.dates import local_day
from salam.core.quantities import grouped
from salam.core.text import shown_digits
from salam.web.exporting import EXPORT_ROWS_MAX, FORMATS, ExportTooLarge, export
from salam.web.filtering import Control, Filter

PAGE_SIZE: Final = 50
# What one post of chosen rows can hold: a page of them, and then some for the pages before.
CHOSEN_MAX: Final = 200

Text = str | Promise
Rows = QuerySet[Any] | Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: how its value is read, ordered, shown and exported.

    ``value`` is an attribute path (``place.name``) or a function of the row. ``shown`` turns the
    value into words; numbers get Persian digits by themselves. ``order_by`` names the fields that
    sort it (``place__sort_key``); without them the heading is no link. ``template`` draws the cell
    from ``value`` and ``record``. ``export_value`` says what a spreadsheet gets, the value itself
    otherwise.
    """

    key: str
    label: Text
    value: str | Callable[[Any], object]
    shown: Callable[[Any], Text] | None = None
    order_by: tuple[str, ...] = ()
    is_numeric: bool = False
    is_code: bool = False
    url: Callable[[Any], str] | None = None
    template: str = ""
    export_value: Callable[[Any], object] | None = None
    is_exported: bool = True

    def read(self, record: object) -> Any:
        return self.value(record) if callable(self.value) else attrgetter(self.value)(record)

    def text(self, value: object) -> Text:
        """A value in words: nothing as a dash, numbers with Persian digits."""
        if self.shown is not None:
            return self.shown(value)
        if value is None or value == "":
            return "—"
        if isinstance(value, bool):
            return _("بله") if value else _("نه")
        if isinstance(value, int | float):
            return grouped(value)
        return str(value) if self.is_code else shown_digits(value)


@dataclass(frozen=True, kw_only=True)
class RowAction:
    """A link at the end of a row: a page where something is done with it."""

    label: Text
    url: str
    icon: str = ""


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """What can be done with the chosen rows; posts ``action`` and ``chosen`` to ``bulk_url``."""

    key: str
    label: Text
    icon: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list, declared once beside its view.

    ``holds_people`` is True unless said otherwise, and then nothing can be exported: nobody exports
    persons in bulk (mission, rule 3). ``default_sort`` is a column's key, with "-" before it for
    the last first. ``row_key`` reads what a chosen row is known by.
    """

    name: str
    caption: Text
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    default_sort: str = ""
    tie_breaker: str = "pk"
    row_key: str = "pk"
    row_actions: Callable[[Any], Sequence[RowAction]] | None = None
    bulk_actions: tuple[BulkAction, ...] = ()
    page_size: int = PAGE_SIZE
    holds_people: bool = True
    empty_title: Text = ""
    empty_text: Text = ""
    empty_action: Text = ""

    @property
    def element_id(self) -> str:
        return f"list-{self.name}"

    def column(self, key: str) -> Column | None:
        return next((one for one in self.columns if one.key == key), None)


@dataclass(frozen=True)
class Cell:
    label: Text
    value: object
    text: Text
    url: str
    is_numeric: bool
    is_code: bool
    template: str


@dataclass(frozen=True)
class Row:
    key: str
    name: Text
    record: object
    cells: Sequence[Cell]
    actions: Sequence[RowAction]
    is_chosen: bool = False


@dataclass(frozen=True)
class Heading:
    key: str
    label: Text
    is_numeric: bool
    url: str
    aria_sort: str


@dataclass(frozen=True)
class PageLink:
    number: int = 0
    url: str = ""
    is_current: bool = False
    is_gap: bool = False


@dataclass(frozen=True)
class Paging:
    number: int
    page_count: int
    links: Sequence[PageLink]
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class ExportLink:
    label: Text
    url: str


@dataclass(frozen=True)
class ListPage:
    """What components/listing.html draws."""

    listing: Listing
    path: str
    rows: Sequence[Row]
    count: int
    headings: Sequence[Heading]
    filters: Sequence[Control]
    is_filtered: bool
    sort_value: str
    paging: Paging
    exports: Sequence[ExportLink]
    export_refusal: str
    bulk_url: str
    empty_url: str
    clear_url: str
    bulk_actions: Sequence[BulkAction] = field(default=())

    @property
    def element_id(self) -> str:
        return self.listing.element_id

    @property
    def has_row_actions(self) -> bool:
        return self.listing.row_actions is not None

    @property
    def told(self) -> str:
        """How much there is, in a sentence that is also read out after a change."""
        if not self.count:
            return _("چیزی در فهرست نیست.")
        if self.paging.page_count == 1:
            return _("%(count)s ردیف") % {"count": grouped(self.count)}
        return _("%(count)s ردیف، صفحهٔ %(page)s از %(pages)s") % {
            "count": grouped(self.count),
            "page": grouped(self.paging.number),
            "pages": grouped(self.paging.page_count),
        }


@dataclass(frozen=True)
class Chosen:
    """Rows that somebody ticked, and what is to be done with them."""

    action: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class _Asked:
    """The address of a request, read once: known words only."""

    path: str
    known: Mapping[str, str]

    def url(self, **changes: str) -> str:
        query = QueryDict(mutable=True)
        for name, value in {**self.known, **changes}.items():
            if value:
                query[name] = value
        return f"{self.path}?{query.urlencode()}" if query else self.path


def listing_response(
    request: HttpRequest,
    listing: Listing,
    rows: Rows,
    *,
    template: str,
    context: Mapping[str, object] | None = None,
    bulk_url: str = "",
    empty_url: str = "",
) -> HttpResponseBase:
    """The list as a page (``page`` in the template), or as a file where the address asks for one.

    Raises ExportTooLarge.
    """
    wanted = FORMATS.get(request.GET.get("export", ""))
    if wanted is not None and not listing.holds_people:
        found, _sort = _seen(request, listing, rows)
        columns = [column for column in listing.columns if column.is_exported]
        return export(
            wanted,
            name=listing.name,
            headings=[str(column.label) for column in columns],
            rows=found,
            read=partial(_exported, columns),
        )
    page = list_page(request, listing, rows, bulk_url=bulk_url, empty_url=empty_url)
    response: HttpResponse = render(request, template, {**(context or {}), "page": page})
    return response


def list_page(
    request: HttpRequest,
    listing: Listing,
    rows: Rows,
    *,
    bulk_url: str = "",
    empty_url: str = "",
    chosen: Collection[str] = (),
) -> ListPage:
    """One page of a list, as the address asks for it; rows of the keys ``chosen`` are ticked."""
    controls = _controls(request, listing)
    found, sort = _sorted(listing, _filtered(listing, controls, rows), request.GET.get("sort", ""))
    paginator = Paginator(found, listing.page_size)
    shown = paginator.get_page(request.GET.get("page"))
    known = {name: value for control in controls for name, value in control.in_address.items()}
    asked = _Asked(request.path, {**known, "sort": "" if sort == listing.default_sort else sort})
    count = paginator.count
    is_exportable = not listing.holds_people and count > 0
    return ListPage(
        listing=listing,
        path=request.path,
        rows=[_row(listing, record, chosen) for record in shown.object_list],
        count=count,
        headings=[_heading(column, asked=asked, sort=sort) for column in listing.columns],
        filters=controls,
        is_filtered=any(control.is_set for control in controls),
        sort_value=asked.known["sort"],
        paging=_paging(asked, number=shown.number, page_count=paginator.num_pages),
        exports=(
            [ExportLink(one.label, asked.url(export=key)) for key, one in FORMATS.items()]
            if is_exportable and count <= EXPORT_ROWS_MAX
            else []
        ),
        export_refusal=(
            ExportTooLarge().sentence if is_exportable and count > EXPORT_ROWS_MAX else ""
        ),
        bulk_url=bulk_url,
        empty_url=empty_url,
        clear_url=_Asked(request.path, {"sort": asked.known["sort"]}).url(),
        bulk_actions=listing.bulk_actions,
    )


def read_chosen(request: HttpRequest, listing: Listing) -> Chosen | None:
    """The rows that were ticked and the action for them; None when either is missing or made up.

    The keys are text as they came: the caller's query decides which of them exist and may be seen.
    """
    action = request.POST.get("action", "")
    keys = tuple(dict.fromkeys(key[:64] for key in request.POST.getlist("chosen")))
    if action not in {one.key for one in listing.bulk_actions} or not keys:
        return None
    return Chosen(action, keys[:CHOSEN_MAX])


def _controls(request: HttpRequest, listing: Listing) -> list[Control]:
    today = local_day(timezone.now())
    return [one.control(request.GET, on=today) for one in listing.filters]


def _seen(request: HttpRequest, listing: Listing, rows: Rows) -> tuple[Rows, str]:
    controls = _controls(request, listing)
    return _sorted(listing, _filtered(listing, controls, rows), request.GET.get("sort", ""))


def _filtered(listing: Listing, controls: Iterable[Control], rows: Rows) -> Rows:
    for one, control in zip(listing.filters, controls, strict=True):
        if control.is_set:
            rows = one.apply(rows, control)
    return rows


def _sorted(listing: Listing, rows: Rows, wanted: str) -> tuple[Rows, str]:
    """The rows in the order asked for, or in the default one; ties by what is unique."""
    column = listing.column(wanted.removeprefix("-"))
    if column is None or not column.order_by:
        wanted = listing.default_sort
        column = listing.column(wanted.removeprefix("-"))
    fields = column.order_by if column is not None else ()
    is_descending = wanted.startswith("-")
    if isinstance(rows, QuerySet):
        if column is None:
            return rows if rows.ordered else rows.order_by(listing.tie_breaker), ""
        order = [
            F(name).desc(nulls_last=True) if is_descending else F(name).asc(nulls_last=True)
            for name in fields
        ]
        return rows.order_by(*order, listing.tie_breaker), wanted
    if column is None:
        return rows, ""
    return _sorted_records(rows, fields, is_descending=is_descending), wanted


def _sorted_records(
    rows: Sequence[Any],
    fields: Sequence[str],
    *,
    is_descending: bool,
) -> Sequence[Any]:
    """What has no value stands last in both directions, as it does in the database."""

    def value(record: object, name: str) -> Any:
        return attrgetter(name.replace("__", "."))(record)

    found = list(rows)
    for name in reversed(fields):
        read = partial(value, name=name)
        known = [record for record in found if read(record) is not None]
        unknown = [record for record in found if read(record) is None]
        found = [*sorted(known, key=read, reverse=is_descending), *unknown]
    return found


def _row(listing: Listing, record: object, chosen: Collection[str]) -> Row:
    cells = [_cell(column, record) for column in listing.columns]
    key = str(attrgetter(listing.row_key)(record)) if listing.bulk_actions else ""
    return Row(
        key=key,
        name=cells[0].text,
        record=record,
        cells=cells,
        actions=listing.row_actions(record) if listing.row_actions is not None else (),
        is_chosen=key in chosen,
    )


def _cell(column: Column, record: object) -> Cell:
    value = column.read(record)
    return Cell(
        label=column.label,
        value=value,
        text=column.text(value),
        url=column.url(record) if column.url is not None else "",
        is_numeric=column.is_numeric,
        is_code=column.is_code,
        template=column.template,
    )


def _heading(column: Column, *, asked: _Asked, sort: str) -> Heading:
    is_sorted = bool(column.order_by) and sort.removeprefix("-") == column.key
    is_descending = is_sorted and sort.startswith("-")
    turned = f"-{column.key}" if is_sorted and not is_descending else column.key
    direction = "descending" if is_descending else "ascending"
    return Heading(
        key=column.key,
        label=column.label,
        is_numeric=column.is_numeric,
        url=asked.url(sort=turned) if column.order_by else "",
        aria_sort=direction if is_sorted else "",
    )


def _paging(asked: _Asked, *, number: int, page_count: int) -> Paging:
    """The first, the last and those around the current page."""

    def url(page: int) -> str:
        return asked.url(page=str(page) if page > 1 else "")

    links: list[PageLink] = []
    for page in range(1, page_count + 1):
        if page in {1, page_count} or abs(page - number) <= 1:
            links.append(PageLink(page, url(page), is_current=page == number))
        elif not links[-1].is_gap:
            links.append(PageLink(is_gap=True))
    return Paging(
        number=number,
        page_count=page_count,
        links=links,
        previous_url=url(number - 1) if number > 1 else "",
        next_url=url(number + 1) if number < page_count else "",
    )


def _exported(columns: Sequence[Column], record: object) -> list[object]:
    """One line of a file: the values themselves, or what the column says instead."""
    return [
        column.export_value(record) if column.export_value else column.read(record)
        for column in columns
    ]
