"""The sheet of hours: what an officer typed and ticked, until it stands in the bank.

Nothing is kept between the list and the page that asks once more: what was typed travels with the
form, and is read and checked anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from salam.core.actors import Actor
from salam.core.dates import jalali, local_day
from salam.core.durations import duration_as_typed, duration_in_words, read_duration
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.language import listed
from salam.core.quantities import grouped
from salam.service.actions import Confirmation, confirm_hours
from salam.service.actions.sessions import check_duration
from salam.service.enums import SessionStatus
from salam.service.queries import list_sessions_for
from salam.web.intermediary.listings import TypedMinutes, full_name
from salam.web.listing import CHOSEN_MAX

_OPEN = (SessionStatus.PLANNED, SessionStatus.SERVED)


class HoursSheet:
    """The chosen sessions of one post, their minutes, and what is wrong with either."""

    def __init__(self, request: HttpRequest, *, actor: Actor, now: datetime) -> None:
        self._actor = actor
        self._now = now
        self._typed = request.POST
        self.is_posted = request.method == "POST"
        self.is_confirming = request.POST.get("action") == "confirm"
        self.notices: list[str] = []

    @cached_property
    def chosen(self) -> frozenset[str]:
        return frozenset(self._typed.getlist("chosen")[:CHOSEN_MAX])

    @cached_property
    def sessions(self) -> Sequence[Any]:
        """The chosen ones that are this officer's to confirm; others are passed over.

        On the last page also those that are confirmed by now: a second press, or a colleague.
        """
        statuses = (*_OPEN, SessionStatus.CONFIRMED) if self.is_confirming else _OPEN
        found = list_sessions_for(
            actor=self._actor,
            statuses=statuses,
            until=local_day(self._now),
        )
        keys = [key for key in map(_uuid, self.chosen) if key is not None]
        return list(found.filter(public_id__in=keys))

    @cached_property
    def minutes(self) -> dict[str, int]:
        """Minutes of the chosen sessions that can be read, by public id."""
        return {key: read for key, read in self._read.items() if isinstance(read, int)}

    def is_whole(self) -> bool:
        """Whether something is chosen and every chosen row can be posted as it stands."""
        missing = len(self.chosen) - len(self.sessions)
        if not self.chosen:
            self.notices.append(_("نوبت‌هایی را که تأیید می‌کنید انتخاب کنید."))
        elif missing:
            self.notices.append(
                _("{count} نوبت دیگر در این فهرست نیست؛ شاید همکارتان زودتر رسیده است.").format(
                    count=grouped(missing)
                ),
            )
        return bool(self.sessions) and not missing and len(self.minutes) == len(self.sessions)

    def box(self, session: Any) -> TypedMinutes:
        """What stands in a row's box: what was typed, else what the volunteer reported."""
        key = str(session.public_id)
        name = f"minutes_{key}"
        if name not in self._typed:
            reported = session.reported_minutes
            typed = duration_as_typed(minutes=reported) if reported else ""
            return TypedMinutes(name, typed)
        error = self._read.get(key, "") if key in self.chosen else ""
        return TypedMinutes(name, self._typed[name], error if isinstance(error, str) else "")

    @property
    def title(self) -> str:
        return _("ساعت‌های این {count} نوبت را تأیید می‌کنید").format(
            count=grouped(len(self.sessions))
        )

    @property
    def action(self) -> str:
        return _("ساعت‌های این {count} نوبت را تأیید می‌کنم").format(
            count=grouped(len(self.sessions))
        )

    @property
    def total(self) -> str:
        return duration_in_words(minutes=sum(self.minutes.values()))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Whose hours, for what, when and how long."""
        return [
            (
                full_name(one.assignment.person),
                listed(
                    (
                        one.assignment.offer.need_line.need.title,
                        jalali(one.happens_on),
                        duration_in_words(minutes=self.minutes[str(one.public_id)]),
                    ),
                ),
            )
            for one in self.sessions
        ]

    @property
    def hidden(self) -> Iterator[tuple[str, str]]:
        """What the last page carries along."""
        yield "action", "confirm"
        for one in self.sessions:
            yield "chosen", str(one.public_id)
            yield f"minutes_{one.public_id}", self._typed[f"minutes_{one.public_id}"]

    def confirm(self) -> int:
        """Post them, office by office, each whole or not at all; returns how many stand now.

        What an office's rows were refused for is kept in ``notices``. Raises PermissionRefused.
        """
        count = 0
        for _host, rows in groupby(
            sorted(self.sessions, key=lambda one: one.assignment.host_id),
            key=lambda one: one.assignment.host_id,
        ):
            confirmations = [
                Confirmation(
                    session_id=one.public_id,
                    duration_minutes=self.minutes[str(one.public_id)],
                )
                for one in rows
            ]
            try:
                count += len(
                    confirm_hours(actor=self._actor, confirmations=confirmations, now=self._now),
                )
            except PermissionRefused:
                raise
            except DomainError as refused:
                self.notices.append(refused.sentence)
        return count

    @cached_property
    def _read(self) -> dict[str, int | str]:
        """Minutes of each chosen session, or the sentence that says what is wrong with them."""
        return {
            str(one.public_id): _minutes(self._typed.get(f"minutes_{one.public_id}", ""))
            for one in self.sessions
        }


def _minutes(typed: str) -> int | str:
    try:
        minutes = read_duration(typed)
        check_duration(duration_minutes=minutes)
    except InvalidInput as refused:
        return refused.sentence
    return minutes


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
