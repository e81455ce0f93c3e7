"""What somebody has typed so far while registering: kept in the sealed session, step by step."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth import logout
from django.http import HttpRequest

from salam.access.sealing import Purpose, digest
from salam.web.accounts.sessions import proven_phone

_KEY: Final = "salam_join"
_DONE: Final = "salam_joined"


class Draft:
    """Answers by step. They belong to the phone that was proved: another phone starts anew."""

    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session
        self._owner = digest(Purpose.LIMIT, f"join:{proven_phone(request)}")
        kept = self._session.get(_KEY, {})
        is_own = hmac.compare_digest(kept.get("owner", ""), self._owner)
        self._answers: dict[str, dict[str, Any]] = kept["answers"] if is_own else {}

    @property
    def answers(self) -> Mapping[str, Mapping[str, Any]]:
        return self._answers

    def answer(self, step: str) -> dict[str, Any]:
        """What was answered at a step; empty where nothing was."""
        return self._answers.get(step, {})

    def keep(self, step: str, answer: Mapping[str, Any]) -> None:
        """Plain values that JSON can hold."""
        self._answers[step] = dict(answer)
        self._session[_KEY] = {"owner": self._owner, "answers": self._answers}


def leave_keeping_draft(request: HttpRequest) -> None:
    """Log out a phone whose proof has grown old; what was typed waits for the next proof."""
    kept = request.session.get(_KEY)
    logout(request)
    if kept is not None:
        request.session[_KEY] = kept


def remember_done(request: HttpRequest, told: Mapping[str, Any]) -> None:
    """What the last page says, the same for somebody new and somebody known."""
    request.session[_DONE] = dict(told)


def what_was_done(request: HttpRequest) -> dict[str, Any]:
    """What :func:`remember_done` kept; empty before anybody registered here."""
    told: dict[str, Any] = request.session.get(_DONE, {})
    return told
