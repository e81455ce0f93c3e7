"""Small counts: nothing from one to four is shown, and nothing hidden can be worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salam.core.statistics import SMALL_COUNT, suppress_small, suppress_together

count = st.one_of(st.integers(0, 12), st.integers(0, 100_000))
groups = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), count, max_size=31)

View = tuple[tuple[int | None, ...], int]


@given(groups, st.booleans())
def test_no_small_count_is_ever_shown(
    counts: Mapping[str, int],
    total_is_published: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    published = suppress_small(counts, total_is_published=total_is_published)

    assert published.keys() == counts.keys()
    shown = {key: value for key, value in published.items() if value is not None}
    assert shown.items() <= counts.items()
    assert not any(0 < value < SMALL_COUNT for value in shown.values())


@given(groups)
def test_what_is_hidden_together_is_no_small_count(counts: Mapping[str, int]) -> None:
    published = suppress_small(counts, total_is_published=True)

    hidden = [counts[key] for key, value in published.items() if value is None]
    if hidden and len(hidden) < len(counts):
        assert len(hidden) >= 2
        assert sum(hidden) >= SMALL_COUNT


@given(groups)
def test_without_a_total_only_small_counts_are_hidden(counts: Mapping[str, int]) -> None:
    published = suppress_small(counts, total_is_published=False)

    assert {key for key, value in published.items() if value is None} == {
        key for key, value in counts.items() if 0 < value < SMALL_COUNT
    }


@given(groups)
def test_where_nothing_is_small_everything_is_shown(counts: Mapping[str, int]) -> None:
    large = {key: value for key, value in counts.items() if not 0 < value < SMALL_COUNT}

    assert suppress_small(large, total_is_published=True) == large


@pytest.mark.parametrize(("cells", "highest"), [(2, 14), (3, 12), (4, 9)])
def test_not_even_the_rule_itself_gives_a_hidden_count_away(cells: int, highest: int) -> None:
    """Everything a reader has is the page, the total and this very rule: all groups are tried."""
    candidates: dict[View, list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(highest + 1), repeat=cells):
        published = suppress_small(dict(enumerate(counts)), total_is_published=True)
        candidates[tuple(published.values()), sum(counts)].append(counts)

    given_away = [
        view
        for view, groups_alike in candidates.items()
        for position, shown in enumerate(view[0])
        if shown is None and len({counts[position] for counts in groups_alike}) == 1
    ]

    assert given_away == []


@pytest.mark.parametrize(("cells", "highest"), [(2, 16), (3, 14), (4, 11)])
def test_knowing_which_places_are_small_does_not_give_their_sum_away(
    cells: int,
    highest: int,
) -> None:
    """The larger county is not the small one, everybody knows: that must not be enough."""
    sums: dict[tuple[View, tuple[bool, ...]], set[int]] = defaultdict(set)
    for counts in product(range(highest + 1), repeat=cells):
        published = suppress_small(dict(enumerate(counts)), total_is_published=True)
        is_small = tuple(0 < count < SMALL_COUNT for count in counts)
        view = tuple(published.values()), sum(counts)
        small_sum = sum(count for count in counts if 0 < count < SMALL_COUNT)
        sums[view, is_small].add(small_sum)

    given_away = [
        view
        for (view, is_small), possible in sums.items()
        if any(is_small)
        and len(possible) == 1
        and any(shown is not None for shown in view[0])
        # A count at the edge of what is tried here has no larger twin to be taken for.
        and max((shown for shown in view[0] if shown is not None), default=0) < highest
        and 0 not in [shown for shown in view[0] if shown is not None]
    ]

    assert given_away == []


def test_tables_that_bound_each_other_hide_the_same_places() -> None:
    needs = {"a": 5, "b": 3, "c": 4, "d": 60}
    asked = {"a": 6, "b": 4, "c": 7, "d": 90}

    hidden_needs, hidden_asked = suppress_together([needs, asked], total_is_published=True)

    hidden = {key for key, count in hidden_needs.items() if count is None}
    assert hidden == {key for key, count in hidden_asked.items() if count is None}
    assert {"b", "c"} <= hidden


def test_zeros_are_shown_and_hidden_last() -> None:
    assert suppress_small({"a": 3, "b": 0, "c": 9}, total_is_published=True) == {
        "a": None,
        "b": 0,
        "c": None,
    }
    assert suppress_small({"a": 3, "b": 0}, total_is_published=True) == {"a": None, "b": None}
    assert suppress_small({"a": 0, "b": 0}, total_is_published=True) == {"a": 0, "b": 0}
    assert suppress_small({}, total_is_published=True) == {}
