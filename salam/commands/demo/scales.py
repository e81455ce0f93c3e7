"""How large a demo is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Tehran, Kermanshah and South Khorasan: a metropolis, a middle province and a sparse one.
_THREE_PROVINCES: Final = ("05", "23", "29")
# The official codes of the 31 provinces are 00 to 30.
_ALL_PROVINCES: Final = tuple(f"{number:02d}" for number in range(31))


@dataclass(frozen=True)
class Scale:
    """Counts, provinces, the seed, and the first of the made-up identifiers (scales must not share
    any).
    """

    volunteer_count: int
    need_count: int
    province_codes: tuple[str, ...]
    first_serial: int
    seed: int = 1_405_09
    # Where the three weeks of the story play: their run is released and its people serve.
    story_code: str = "ir"


SCALES: Final[Mapping[str, Scale]] = {
    "small": Scale(5_000, 1_000, _THREE_PROVINCES, first_serial=1),
    "province": Scale(30_000, 6_000, ("05",), first_serial=100_000),
    # Asking a hundred thousand people who never answer would show nothing more: the story plays in
    # one province, and the plan of the whole country waits for a decision.
    "national": Scale(300_000, 60_000, _ALL_PROVINCES, first_serial=200_000, story_code="05"),
}
