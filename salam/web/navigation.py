"""Where one can go: the one list of screens that stand in a menu, by who may use them.

Whoever adds a screen adds its entry here. An entry shows to somebody who holds its verb anywhere;
what the screen then lets them do is decided by its queries and actions, not by the menu.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from salam.access.permissions import GrantedActor
from salam.core.verbs import Verb

Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A screen in a menu. Without verbs it shows to everybody who sees the section's pages."""

    label: Text
    url_name: str
    icon: str
    verbs: frozenset[Verb] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Section:
    """Screens of one audience."""

    label: Text
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class ShownEntry:
    label: Text
    url: str
    icon: str
    is_current: bool


@dataclass(frozen=True)
class ShownSection:
    label: Text
    entries: Sequence[ShownEntry]


FACILITATOR: Final = Section(
    label=_("محله"),
    entries=(
        Entry(
            label=_("نیازها"),
            url_name="facilitator:needs",
            icon="list-check",
            verbs=frozenset({Verb.NEED_OPEN}),
        ),
        Entry(
            label=_("نیاز تازه"),
            url_name="facilitator:choose_place",
            icon="plus-circle",
            verbs=frozenset({Verb.NEED_OPEN}),
        ),
    ),
)
INTERMEDIARY: Final = Section(
    label=_("مؤسسهٔ واسط"),
    entries=(
        Entry(
            label=_("میز کار"),
            url_name="intermediary:desk",
            icon="house-door",
            verbs=frozenset({Verb.ASSIGNMENT_VIEW}),
        ),
        Entry(
            label=_("همکاری‌ها"),
            url_name="intermediary:assignments",
            icon="people",
            verbs=frozenset({Verb.ASSIGNMENT_VIEW}),
        ),
        Entry(
            label=_("ساعت‌ها"),
            url_name="intermediary:hours",
            icon="clock-history",
            verbs=frozenset({Verb.HOURS_CONFIRM}),
        ),
        Entry(
            label=_("پیشنهادهای بی‌پاسخ"),
            url_name="intermediary:offers",
            icon="hourglass-split",
            verbs=frozenset({Verb.ASSIGNMENT_VIEW}),
        ),
    ),
)
HEADQUARTERS: Final = Section(
    label=_("ستاد"),
    entries=(
        Entry(
            label=_("شمارش‌ها"),
            url_name="hq:dashboard",
            icon="geo-alt",
            verbs=frozenset({Verb.AGGREGATE_VIEW}),
        ),
        Entry(
            label=_("اجراهای تطبیق"),
            url_name="hq:runs",
            icon="list-check",
            verbs=frozenset({Verb.RUN_VIEW}),
        ),
        Entry(
            label=_("پیام‌ها"),
            url_name="hq:messages",
            icon="telephone",
            verbs=frozenset({Verb.MESSAGE_OPERATE}),
        ),
        Entry(
            label=_("کارهای سامانه"),
            url_name="hq:jobs",
            icon="arrow-clockwise",
            verbs=frozenset({Verb.JOB_RUN}),
        ),
    ),
)

STAFF_SECTIONS: Final = (FACILITATOR, INTERMEDIARY, HEADQUARTERS)


class Navigation:
    """The menus of one request, worked out only when a template asks for them."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def staff(self) -> list[ShownSection]:
        return self._shown(STAFF_SECTIONS)

    @property
    def desk_url(self) -> str:
        """The first staff screen of whoever is logged in; empty for those without a role."""
        return next((entry.url for section in self.staff for entry in section.entries), "")

    def _shown(self, sections: Sequence[Section]) -> list[ShownSection]:
        actor = getattr(self._request, "actor", None)
        return shown_sections(sections, actor=actor, path=self._request.path)


def shown_sections(
    sections: Sequence[Section],
    *,
    actor: object,
    path: str,
) -> list[ShownSection]:
    """What an actor sees of these sections, the screen of this path marked."""
    entries = [
        [(entry, reverse(entry.url_name)) for entry in section.entries if _sees(actor, entry)]
        for section in sections
    ]
    urls = [url for section in entries for _entry, url in section]
    current = max((url for url in urls if path.startswith(url)), key=len, default="")
    return [
        ShownSection(
            section.label,
            [ShownEntry(e.label, url, e.icon, is_current=url == current) for e, url in shown],
        )
        for section, shown in zip(sections, entries, strict=True)
        if shown
    ]


def _sees(actor: object, entry: Entry) -> bool:
    if not entry.verbs:
        return True
    return isinstance(actor, GrantedActor) and any(actor.carrying(verb=v) for v in entry.verbs)
