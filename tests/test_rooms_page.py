"""The page of rooms in the documentation."""

from __future__ import annotations

from docs import draw


def test_the_map_of_rooms_is_drawn_from_this_code() -> None:
    drawn = draw.PAGE.read_text(encoding="utf-8")

    assert drawn == draw.page(), "run `make docs`"
