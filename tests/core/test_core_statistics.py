"""Small counts: nothing from one to four is shown, and nothing hidden can be worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salam.core.statistics import SMALL_COUNT, suppress_small

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


def test_zeros_are_shown_and_hidden_last() -> None:
    assert suppress_small({"a": 3, "b": 0, "c": 9}, total_is_published=True) == {
        "a": None,
        "b": 0,
        "c": None,
    }
    assert suppress_small({"a": 3, "b": 0}, total_is_published=True) == {"a": None, "b": None}
    assert suppress_small({"a": 0, "b": 0}, total_is_published=True) == {"a": 0, "b": 0}
    assert suppress_small({}, total_is_published=True) == {}
