"""`salam logins`: as whom a demo can be entered, with the codes of this moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click
import django

from salam.commands.runtime import answer, instant
from salam.core.errors import DomainError

if TYPE_CHECKING:
    from salam.commands.demo.logins import DemoLogin


class NoDemoHere(DomainError):
    code = "no_demo_here"

    def __init__(self) -> None:
        super().__init__("اینجا نمایشی ساخته نشده است؛ نخست «salam demo» را اجرا کنید.")


@click.command()
def logins() -> None:
    """Say the demo's log-ins again: the second factor's code changes every half minute."""
    django.setup()
    from salam.commands.demo.logins import kept_logins

    kept = kept_logins()
    if not kept:
        raise NoDemoHere
    tell_logins(kept, now=instant())


def tell_logins(known: Sequence[DemoLogin], *, now: datetime) -> None:
    """One line each: role, phone, the page to begin with, the second factor's code."""
    answer("ورود به http://localhost:8000/login/ با هر یک از این آدم‌های ساختگی:")
    for login in known:
        code = login.code(at=now)
        second = f"  کد دوم {code}" if code else ""
        answer(f"  {login.title}: {login.phone.replace('+98', '0')}  {login.address}{second}")
    answer(
        "کد پیامک را همان صفحه نشان می‌دهد. کد دوم هر نیم دقیقه عوض می‌شود: "
        "«salam logins» کد تازه را می‌گوید.",
    )
