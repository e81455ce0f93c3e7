"""What the public page is told, and above all what it is not told."""

from __future__ import annotations

import pytest

from salam.core.errors import PermissionRefused
from salam.matching.actions import run_matching
from salam.programmes.actions import load_figures
from salam.reporting.queries import PlaceRow, figure_groups, national_overview, province_overview
from tests.cast import NOW
from tests.matching.worlds import OPERATOR, World

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def run() -> None:
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)


def row(overview, code) -> PlaceRow:
    return next(row for row in overview.rows if row.code == code)


def test_national_overview_counts_by_province() -> None:
    world = World()
    for _ in range(7):
        world.volunteer()
    for _ in range(6):
        world.need()
    run()

    overview = national_overview(on=TODAY)

    province = row(overview, world.cast.places.province.code)
    assert (province.volunteers, province.needs, province.asked, province.proposed) == (7, 6, 6, 6)
    assert overview.total.volunteers == 7
    assert overview.empty_names == ["کرمان"]
    assert overview.run is not None
    assert overview.run.gap_ppm == 0


def test_small_counts_are_hidden_and_cannot_be_computed_back() -> None:
    world = World()
    for _ in range(7):
        world.volunteer()
    for _ in range(3):
        world.volunteer(
            home_place_id=world.cast.places.elsewhere.pk,
            home_province_code=world.cast.places.elsewhere.province_code,
        )

    overview = national_overview(on=TODAY)

    assert overview.total.volunteers == 10
    # Three would be 10 - 7: the larger one is hidden with it.
    assert [province.volunteers for province in overview.rows] == [None, None]


def test_counties_of_a_hidden_province_are_hidden_too() -> None:
    world = World()
    for _ in range(7):
        world.volunteer()
    for _ in range(3):
        world.volunteer(
            home_place_id=world.cast.places.elsewhere.pk,
            home_province_code=world.cast.places.elsewhere.province_code,
        )

    overview = province_overview(code=world.cast.places.province.code, on=TODAY)

    assert overview.total.volunteers is None
    assert {county.volunteers for county in overview.rows} == {None}


def test_overview_before_anything_is_entered() -> None:
    World()

    overview = national_overview(on=TODAY)

    assert overview.run is None
    assert overview.filled_rows == []
    assert overview.total.volunteers == 0
    assert not overview.has_generated_people


def test_overview_is_of_provinces_only() -> None:
    world = World()

    for code in ("ir", world.cast.places.county.code, "9999"):
        with pytest.raises(PermissionRefused):
            province_overview(code=code, on=TODAY)


def test_overview_says_when_people_are_made_up() -> None:
    world = World()
    world.volunteer()
    assert not national_overview(on=TODAY).has_generated_people

    from salam.people.models import Person

    Person.objects.update(is_generated=True)

    assert national_overview(on=TODAY).has_generated_people


def test_queries_do_not_grow_with_rows(django_assert_num_queries) -> None:
    world = World()
    world.volunteer()
    world.need()
    run()
    with django_assert_num_queries(13):
        national_overview(on=TODAY)
    for _ in range(3):
        world.volunteer()
        world.need()

    with django_assert_num_queries(13):
        national_overview(on=TODAY)


def test_figure_groups_hold_all_figures_each_with_its_source() -> None:
    load_figures(actor=OPERATOR)

    groups = figure_groups()

    figures = [figure for group in groups for figure in group.figures]
    assert len(figures) == 75
    assert all(figure.source_fa for figure in figures)
    assert groups[0].agency == "سازمان بهزیستی کشور"
