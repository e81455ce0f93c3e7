"""Names and stories for generated people and needs, from the shipped lists."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Story:
    """A need as a facilitator might tell it."""

    title: str
    what: str
    why: str
    skill_codes: Sequence[str]
    vetting_tier_min: int
    people_served: int


@cache
def names() -> Mapping[str, Sequence[str]]:
    """Values by kind: given_female, given_male, family, neighbourhood, institution."""
    by_kind: dict[str, list[str]] = {}
    for row in _rows("demo_names.csv"):
        by_kind.setdefault(row["kind"], []).append(row["value"])
    return by_kind


@cache
def stories() -> Sequence[Story]:
    return [
        Story(
            title=row["title_fa"],
            what=row["what_fa"],
            why=row["why_fa"],
            skill_codes=row["skill_codes"].split("|"),
            vetting_tier_min=int(row["min_vetting"]),
            people_served=int(row["people_served"]),
        )
        for row in _rows("demo_stories.csv")
    ]


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("salam.commands") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
