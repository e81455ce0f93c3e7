"""Statistics of published numbers: nothing here knows a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

SMALL_COUNT: Final = 5  # counts under five could point at a person (mission, rule 8)

Key = TypeVar("Key")


def suppress_small(
    counts: Mapping[Key, int],
    *,
    total_is_published: bool,
) -> dict[Key, int | None]:
    """Counts that may be published; ``None`` stands for a count that may not.

    Primary: every count from 1 to 4 is hidden (a zero tells of nobody). Complementary: where the
    total of the group is published too, the smallest other counts are hidden with them until the
    sum of the small ones cannot be worked out, not even by somebody who knows this rule and which
    of the hidden places are the small ones. Equal counts are hidden together, those above zero
    first. Where that leaves nothing to show, the total tells as little as its own size: under five
    it is the caller's to hide.

    Source: Hundepool et al., *Statistical Disclosure Control* (2012), chapter 4.
    """
    hidden = {key for key, count in counts.items() if 0 < count < SMALL_COUNT}
    if hidden and total_is_published:
        hidden |= _complementary(counts, hidden)
    return {key: None if key in hidden else count for key, count in counts.items()}


def suppress_together(
    tables: Sequence[Mapping[Key, int]],
    *,
    total_is_published: bool,
) -> list[dict[Key, int | None]]:
    """Several counts of the same places that bound each other, such as needs and people asked for.

    What one table hides of a place the others would tell roughly, so they hide it too.
    """
    published = [suppress_small(table, total_is_published=total_is_published) for table in tables]
    hidden = {key for table in published for key, count in table.items() if count is None}
    return [
        {key: None if key in hidden else count for key, count in table.items()}
        for table in published
    ]


def _complementary(counts: Mapping[Key, int], small: set[Key]) -> set[Key]:
    small_sum = sum(counts[key] for key in small)
    chosen: set[Key] = set()
    shown = sorted(
        (key for key in counts if key not in small),
        key=lambda key: (counts[key] == 0, counts[key], str(key)),
    )
    while shown and not _is_ambiguous(
        small_count=len(small),
        others=[counts[key] for key in chosen],
        hidden_sum=small_sum + sum(counts[key] for key in chosen),
        smallest_shown=counts[shown[0]],
    ):
        next_count = counts[shown[0]]
        together = [key for key in shown if counts[key] == next_count]
        chosen.update(together)
        shown = shown[len(together) :]
    return chosen


def _is_ambiguous(
    *,
    small_count: int,
    others: Sequence[int],
    hidden_sum: int,
    smallest_shown: int,
) -> bool:
    """Whether more than one sum of the small counts fits what is shown.

    The reader knows the sum of all that is hidden, that each small count is 1 to 4, and that each
    of the others is at least five and, since the smallest were hidden first, below all shown. A
    hidden zero could be anything: then only the sum itself bounds the small ones.
    """
    if not others:
        return False
    lowest, highest = small_count, min(hidden_sum, (SMALL_COUNT - 1) * small_count)
    if 0 not in others:
        highest = min(highest, hidden_sum - SMALL_COUNT * len(others))
        if smallest_shown:
            lowest = max(lowest, hidden_sum - (smallest_shown - 1) * len(others))
    return highest > lowest
