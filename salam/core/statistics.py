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
    total of the group is published too, the smallest other counts are hidden with them until no
    hidden count can be worked out, not even by somebody who knows this rule. Equal counts are
    hidden together, those above zero first. Where that leaves nothing to show, the total tells as
    little as its own size: under five it is the caller's to hide.

    Source: Hundepool et al., *Statistical Disclosure Control* (2012), chapter 4.
    """
    hidden = {key for key, count in counts.items() if 0 < count < SMALL_COUNT}
    if hidden and total_is_published:
        hidden |= _complementary(counts, hidden)
    return {key: None if key in hidden else count for key, count in counts.items()}


def _complementary(counts: Mapping[Key, int], small: set[Key]) -> set[Key]:
    held = [counts[key] for key in small]
    chosen: set[Key] = set()
    shown = sorted(
        (key for key in counts if key not in small),
        key=lambda key: (counts[key] == 0, counts[key], str(key)),
    )
    while shown and not _is_ambiguous(held, counts[shown[0]]):
        next_count = counts[shown[0]]
        together = [key for key in shown if counts[key] == next_count] if next_count else shown[:1]
        chosen.update(together)
        held += [next_count] * len(together)
        shown = shown[len(together) :]
    return chosen


def _is_ambiguous(held: Sequence[int], smallest_shown: int) -> bool:
    """Whether the sum of the hidden counts leaves each of them more than one value.

    Everybody can tell that a hidden count is at least one (zeros are hidden last) and, unless
    small, below all that is shown. At either end of what the sum could be, all would be known.
    """
    total = sum(held)
    positive = sum(1 for count in held if count)
    highest = max(SMALL_COUNT - 1, smallest_shown - 1)
    return (
        len(held) > 1
        and total >= SMALL_COUNT
        and total > positive
        and (smallest_shown == 0 or total < positive * highest)
    )
