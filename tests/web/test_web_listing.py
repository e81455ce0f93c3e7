"""Lists: what the address asks for, what is shown, what may be taken along."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import RequestFactory
from openpyxl import load_workbook

from salam.core.errors import DomainError
from salam.places.models import Place
from salam.web import exporting
from salam.web.exporting import safe_cell
from salam.web.filtering import ChoiceFilter, DateFilter, PlaceFilter, TextFilter
from salam.web.listing import (
    BulkAction,
    Column,
    Listing,
    ListPage,
    list_page,
    listing_response,
    read_chosen,
)
from tests.matching.worlds import World

pytestmark = pytest.mark.django_db  # an answer that is closed closes connections as well


@dataclass(frozen=True)
class Thing:
    pk: int
    name: str
    kind: str = "a"
    amount: int | None = 0
    opened_at: datetime = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


THINGS = Listing(
    name="things",
    caption="چیزها",
    columns=(
        Column(key="name", label="نام", value="name", order_by=("name",)),
        Column(key="amount", label="شمار", value="amount", order_by=("amount",), is_numeric=True),
        Column(key="code", label="کد", value="pk", is_exported=False),
    ),
    filters=(
        TextFilter(key="words", label="نام", lookups=("name",)),
        ChoiceFilter(key="kind", label="نوع", lookup="kind", choices=[("a", "الف"), ("b", "ب")]),
        DateFilter(key="opened", label="تاریخ", lookup="opened_at", is_instant=True),
    ),
    default_sort="name",
    bulk_actions=(BulkAction(key="close", label="می‌بندم"),),
    holds_people=False,
)
PLACES = Listing(
    name="places",
    caption="جاها",
    columns=(
        Column(key="name", label="نام", value="name", order_by=("sort_key",)),
        Column(key="people", label="جمعیت", value="population", order_by=("population",)),
    ),
    filters=(
        TextFilter(key="words", label="نام", lookups=("name_folded",), is_tight=True),
        PlaceFilter(key="place", label="جا", lookup="path"),
    ),
    default_sort="name",
    holds_people=False,
)


def things(count: int) -> list[Thing]:
    return [Thing(pk=n, name=f"n{n:03d}", amount=n % 7) for n in range(1, count + 1)]


def page_of(rows, listing: Listing = THINGS, **asked: str) -> ListPage:
    return list_page(RequestFactory().get("/list/", asked), listing, rows)


def names(page: ListPage) -> list[str]:
    return [row.record.name for row in page.rows]


def file_of(rows, listing: Listing = THINGS, **asked: str) -> bytes:
    response = listing_response(
        RequestFactory().get("/list/", asked), listing, rows, template="kit/lists.html"
    )
    content = b"".join(response)
    response.close()
    return content


def test_rows_stand_in_the_default_order_fifty_to_a_page() -> None:
    page = page_of(reversed_things(120))

    assert names(page) == [f"n{n:03d}" for n in range(1, 51)]
    assert page.paging.page_count == 3
    assert page.told == "۱۲۰ ردیف، صفحهٔ ۱ از ۳"


def reversed_things(count: int) -> list[Thing]:
    return things(count)[::-1]


@pytest.mark.parametrize(
    ("asked", "first"),
    [("2", 51), ("۳", 101), ("999", 101), ("-4", 101), ("x", 1), ("", 1), ("9" * 5000, 1)],
)
def test_a_page_that_is_not_there_is_the_nearest_one(asked, first) -> None:
    assert names(page_of(things(120), page=asked))[0] == f"n{first:03d}"


def test_headings_sort_both_ways_and_keep_the_filters() -> None:
    page = page_of(things(9), sort="amount", kind="a", page="1")

    amounts = [row.record.amount for row in page.rows]
    heading = page.headings[1]
    assert amounts == sorted(amounts)
    assert (heading.aria_sort, heading.url) == ("ascending", "/list/?kind=a&sort=-amount")
    assert page.headings[2].url == ""


def test_what_has_no_value_stands_last_in_both_directions() -> None:
    rows = [Thing(1, "x", amount=None), Thing(2, "y", amount=5), Thing(3, "z", amount=1)]

    assert names(page_of(rows, sort="amount")) == ["z", "y", "x"]
    assert names(page_of(rows, sort="-amount")) == ["y", "z", "x"]


@pytest.mark.parametrize("sort", ["nothing", "-", "code", "password", "name__kind", "\x00"])
def test_an_unknown_order_is_the_default_one(sort) -> None:
    page = page_of(things(3), sort=sort)

    assert names(page) == ["n001", "n002", "n003"]
    assert page.sort_value == ""


def test_filters_leave_what_fits_and_stay_in_the_address() -> None:
    rows = [Thing(1, "كتاب", kind="a"), Thing(2, "کتاب‌خوانی", kind="b"), Thing(3, "ورزش", kind="b")]

    page = page_of(rows, words="کتاب", kind="b")

    assert names(page) == ["کتاب‌خوانی"]
    assert page.is_filtered
    assert "kind=b" in page.exports[0].url
    assert page.clear_url == "/list/"


@pytest.mark.parametrize("kind", ["c", "", "<script>", "a\x00"])
def test_an_unknown_choice_leaves_the_list_as_it_is(kind) -> None:
    page = page_of(things(3), kind=kind)

    assert page.count == 3
    assert not page.is_filtered


def test_days_are_days_in_iran_and_both_ends_count() -> None:
    late = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)  # 00:30 of the next day in Tehran
    rows = [Thing(1, "a"), Thing(2, "b", opened_at=late)]

    assert names(page_of(rows, opened_from="۱۴۰۵/۰۹/۰۲")) == ["b"]
    assert names(page_of(rows, opened_to="1405/9/1")) == ["a"]
    assert names(page_of(rows, opened_from="1405/9/1", opened_to="1405/9/2")) == ["a", "b"]


@pytest.mark.parametrize("typed", ["1405/13/01", "دیروز", "9999-12-31", "0001-01-01", "1405/12/31"])
def test_a_day_that_is_none_is_told_beside_the_field(typed) -> None:
    page = page_of(things(2), opened_from=typed)

    control = page.filters[2]
    assert page.count == 2
    assert control.error_from
    assert control.value_from == typed
    assert control.in_address == {"opened_from": "", "opened_to": ""}


def test_an_empty_list_says_so_and_offers_no_file() -> None:
    page = page_of([])

    assert page.told == "چیزی در فهرست نیست."
    assert page.exports == []


def test_the_csv_holds_all_that_is_seen_in_its_order() -> None:
    taken = file_of(things(60), export="csv", sort="-name", kind="a").decode("utf-8")

    lines = list(csv.reader(io.StringIO(taken.removeprefix("\ufeff"))))
    assert taken.startswith("\ufeff")
    assert lines[0] == ["نام", "شمار"]
    assert [line[0] for line in lines[1:]] == [f"n{n:03d}" for n in range(60, 0, -1)]


def test_the_spreadsheet_holds_numbers_as_numbers() -> None:
    book = load_workbook(io.BytesIO(file_of(things(3), export="xlsx")))

    sheet = book.worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["نام", "شمار"],
        ["n001", 1],
        ["n002", 2],
        ["n003", 3],
    ]
    assert sheet.sheet_view.rightToLeft


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_people_are_never_taken_along(kind) -> None:
    people = replace(THINGS, holds_people=True)

    page = page_of(things(3), people)
    answer = listing_response(
        RequestFactory().get("/list/", {"export": kind}),
        people,
        things(3),
        template="components/listing.html",
    )

    assert page.exports == []
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_list_holds_people_unless_it_says_otherwise() -> None:
    assert Listing(name="x", caption="x", columns=()).holds_people


def test_a_list_that_is_too_long_says_how_to_make_it_shorter(monkeypatch) -> None:
    monkeypatch.setattr(exporting, "EXPORT_ROWS_MAX", 2)
    monkeypatch.setattr("salam.web.listing.EXPORT_ROWS_MAX", 2)

    page = page_of(things(3))

    assert page.exports == []
    assert "بیش از ۲ ردیف" in page.export_refusal
    with pytest.raises(DomainError, match="بیش از ۲ ردیف"):
        file_of(things(3), export="csv")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+98", "'+98"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("ساده", "ساده"),
        (-2, -2),
        (None, None),
        (True, 1),
        (date(2026, 11, 22), "1405/09/01"),
        (datetime(2026, 11, 22, 7, 54, tzinfo=UTC), "1405/09/01 11:24"),
    ],
)
def test_no_cell_is_a_formula(value, written) -> None:
    assert safe_cell(value) == written


def test_chosen_rows_are_read_once_and_only_for_a_known_action() -> None:
    post: Callable[..., object] = RequestFactory().post

    chosen = read_chosen(post("/", {"action": "close", "chosen": ["3", "1", "3"]}), THINGS)

    assert chosen is not None
    assert (chosen.action, chosen.keys) == ("close", ("3", "1"))
    assert read_chosen(post("/", {"action": "drop", "chosen": ["3"]}), THINGS) is None
    assert read_chosen(post("/", {"action": "close"}), THINGS) is None


@pytest.mark.parametrize("asked", [{}, {"sort": "-people"}, {"words": "تهران"}])
def test_a_page_of_rows_costs_the_same_for_one_and_for_three(
    django_assert_num_queries, asked
) -> None:
    World()
    everything = Place.objects.all()
    one = everything.filter(code="23")

    with django_assert_num_queries(4):
        page_of(one, PLACES, **asked)
    with django_assert_num_queries(4):
        page_of(everything, PLACES, **asked)


def test_a_place_leaves_what_lies_below_it_and_an_unknown_one_everything() -> None:
    World()
    everything = Place.objects.all()
    below = everything.filter(path__within="ir.23").count()

    assert page_of(everything, PLACES, place="23").count == below
    for unknown in ("9999", "ir'; --", "\x00", "9" * 5000):
        assert page_of(everything, PLACES, place=unknown).count == everything.count()


def test_pages_in_between_are_left_out_of_the_links() -> None:
    page = page_of(things(50 * 9), page="5")

    shown = ["…" if link.is_gap else link.number for link in page.paging.links]
    assert shown == [1, "…", 4, 5, 6, "…", 9]
    assert page.paging.next_url == "/list/?page=6"


def test_dates_are_shown_as_their_column_says() -> None:
    listing = replace(
        THINGS,
        columns=(
            Column(key="when", label="x", value=lambda row: row.opened_at.date() + timedelta(1)),
        ),
        default_sort="",
    )

    assert page_of(things(1), listing).rows[0].cells[0].text == "۲۰۲۶-۱۱-۲۳"
