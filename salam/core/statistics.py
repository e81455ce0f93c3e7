"""Statistics of published numbers: nothing here knows a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

SMALL_COUNT: Final = 5  # counts under five could point at a person (mission, rule 8)

Key = TypeVar("Key")


def suppress_small(counts: Mapping[Key, int], *, total_is_published: bool) -> dict[Key, int | None]:
    """Counts that may be published; ``None`` stands for a count that may not.

    Primary: every count from 1 to 4 is hidden (a zero tells of nobody). Complementary: where the total of the
    group is published too, one hidden cell could be computed back, so the smallest other counts are hidden until at
    least two cells are hidden and what they hold together is no small count either.

    Source: Hundepool et al., *Statistical Disclosure Control* (2012), chapter 4.
    """
    hidden = {key for key, count in counts.items() if 0 < count < SMALL_COUNT}
    if hidden and total_is_published:
        # Non-zero cells first: a zero that is hidden protects less, but is better than nothing.
        others = sorted(
            (key for key in counts if key not in hidden),
            key=lambda key: (counts[key] == 0, counts[key], str(key)),
        )
        for key in others:
            if len(hidden) >= 2 and sum(counts[cell] for cell in hidden) >= SMALL_COUNT:
                break
            hidden.add(key)
    return {key: None if key in hidden else count for key, count in counts.items()}
