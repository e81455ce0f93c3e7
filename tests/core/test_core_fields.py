"""Label paths are compared by labels, not by letters."""

from __future__ import annotations

import pytest

from salam.places.models import Place
from tests.cast import Tree, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return make_tree()


def codes_where(**lookup: str) -> set[str]:
    return set(Place.objects.filter(**lookup).values_list("code", flat=True))


def test_within_is_the_place_and_all_below(tree: Tree) -> None:
    assert codes_where(path__within=tree.city.path) == {"231001", "231001n1", "231001n10"}
    assert codes_where(path__within=tree.here.path) == {"231001n1"}
    # "ir.2" begins like "ir.23" and is not above it.
    assert codes_where(path__within=tree.other_province.path) == {"2", "021001", "021001n1"}


def test_above_is_the_place_and_what_it_lies_in(tree: Tree) -> None:
    assert codes_where(path__above=tree.here.path) == {"ir", "23", "2301", "231001", "231001n1"}
    assert codes_where(path__above=tree.country.path) == {"ir"}


def test_a_path_is_compared_with_the_path_of_another_row(tree: Tree) -> None:
    below = Place.objects.filter(path__within=Place.objects.filter(code="23").values("path"))

    assert below.count() == 5


def test_a_search_takes_its_signs_literally(tree: Tree) -> None:
    Place.objects.filter(pk=tree.here.pk).update(name_folded="صد% _ \\ کوچه")

    assert codes_where(name_folded__contains_folded="جوانمرد") == set()
    assert codes_where(name_folded__contains_folded="% _ \\") == {tree.here.code}
    assert codes_where(name_folded__contains_folded="ص_د") == set()
    assert codes_where(name_folded__contains_folded="یروزا") == {tree.next_door.code}
