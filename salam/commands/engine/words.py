"""What engine commands share: options, and refusals in Persian."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from salam.commands.terminal import Refused, console
from salam.engine import ProblemError, Rule
from salam.engine.compiled import is_compiled
from salam.engine.instance import InstanceError

file_argument: Final = click.Path(path_type=Path, dir_okay=False)
as_json_option: Final = click.option(
    "--json", "as_json", is_flag=True, help="Print the outcome as JSON."
)

RULES: Final = MappingProxyType(
    {
        Rule.SLOT: "داوطلب در آن نیم‌روز آزاد نیست",
        Rule.SKILL: "داوطلب هیچ‌یک از مهارت‌های خواسته‌شده را ندارد",
        Rule.ATTRIBUTES: "داوطلب یکی از شرط‌های آن ردیف را ندارد",
        Rule.DISTANCE: "ردیف {excess} متر بیرون از شعاع داوطلب است",
        Rule.FORBIDDEN: "این زوج ممنوع است",
        Rule.UNKNOWN_INDEX: "چنین داوطلب یا ردیفی در نمونه نیست",
        Rule.DUPLICATE: "این زوج بیش از یک بار آمده است",
        Rule.SLOT_TWICE: "داوطلب در یک نیم‌روز در بیش از یک جا است",
        Rule.WEEKLY_CAP: "{excess} نیم‌روز بیش از سقف هفتگی داوطلب است",
        Rule.UNITS: "{excess} نفر بیش از آن است که ردیف خواسته است",
        Rule.GROUP_CAP: "{excess} نفر بیش از جاهای گروه است",
        Rule.WEEKLY_HOURS: "{excess} ساعت بیش از ساعت‌های هفتگی داوطلب است",
        Rule.GROUP_PEOPLE: "{excess} نفر بیش از شمار افرادی است که گروه می‌پذیرد",
        Rule.CONFIRMED_MISSING: "این جای‌دهیِ پذیرفته در طرح نیست",
        Rule.VALUE: "ارزشی که طرح می‌گوید با ارزش جای‌دهی‌هایش {excess} واحد فرق دارد",
    },
)

_FILES: Final = MappingProxyType(
    {
        "missing": "فایل {path} پیدا نشد.",
        "unreadable": "فایل {path} خوانده نمی‌شود.",
        "not_npz": "فایل {path} فایل npz سالمی نیست.",
        "pickled": "آرایهٔ {array} در {path} شیء پایتون دارد؛ فقط آرایهٔ عددی خوانده می‌شود.",
        "absent": "آرایهٔ {array} در {path} نیست.",
        "unknown": (
            "آرایهٔ {array} در {path} ناشناخته است؛ نام آرایه‌های خودتان را با x_ آغاز کنید."
        ),
        "unwritable": "در {path} نمی‌شود نوشت.",
    },
)


def refusal(error: InstanceError | ProblemError) -> str:
    """One sentence for a file or an array that is not as it should be."""
    if isinstance(error, InstanceError):
        return _FILES[error.code].format(path=error.path, array=error.array)
    return f"این نمونه پذیرفتنی نیست: {error}"


@contextmanager
def refusing() -> Iterator[None]:
    """Turn errors of files and arrays, and too little memory, into one sentence."""
    try:
        yield
    except (InstanceError, ProblemError) as error:
        raise Refused(refusal(error)) from None
    except MemoryError:
        raise Refused("حافظهٔ این رایانه برای این نمونه کافی نیست.") from None


def tell_first_time() -> None:
    """Say why the first solve on a machine takes longer: the engine is compiled for it."""
    if not is_compiled():
        console.print(
            "[dim]بار نخست است: موتور برای این رایانه آماده می‌شود؛ حدود یک دقیقه بیشتر طول می‌کشد …"
        )
