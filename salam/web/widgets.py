"""What fields look like: each works by keyboard, without scripts and at 360 px."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from salam.core.dates import (
    DAY_PARTS,
    MONTHS,
    WEEKDAYS,
    day_part_name,
    half_day_name,
    weekday_name,
)
from salam.core.text import ascii_digits, shown_digits

Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Option:
    """Something that can be picked."""

    value: str
    label: Text
    hint: Text = ""


@dataclass(frozen=True, kw_only=True)
class OptionGroup:
    """Options under one heading, such as the skills of one area."""

    label: Text
    options: Sequence[Option]


class CodeInput(forms.TextInput):
    """Digits and Latin letters that are typed: left to right, with the keyboard of numbers."""

    def __init__(self, *, length: int | None = None, attrs: dict[str, Any] | None = None) -> None:
        sized = {"size": str(length + 2)} if length else {}
        super().__init__(
            {"dir": "ltr", "inputmode": "numeric", "autocomplete": "off"} | sized | (attrs or {})
        )

    def format_value(self, value: Any) -> str | None:
        """Typed codes are shown with Latin digits, whatever keyboard they came from."""
        shown = super().format_value(value)
        return None if shown is None else ascii_digits(shown)


class CountInput(forms.TextInput):
    """A number that is read as one and not copied from a card: how many, a day, a year.

    Shown in the digits of the page's language; what is typed may be in any (the fields read all).
    """

    def __init__(self, *, length: int, attrs: dict[str, Any] | None = None) -> None:
        sized = {"inputmode": "numeric", "autocomplete": "off", "size": str(length + 2)}
        super().__init__(sized | (attrs or {}))

    def format_value(self, value: Any) -> str | None:
        shown = super().format_value(value)
        return None if shown is None else shown_digits(ascii_digits(shown))


class CountedTextarea(forms.Textarea):
    """A longer text with a counter of what is left; the limit is also said in words."""

    template_name = "widgets/counted_textarea.html"

    def __init__(self, *, length_max: int, rows: int = 5) -> None:
        # No maxlength: a browser would cut what is pasted without a word.
        super().__init__({"rows": str(rows), "data-counter": str(length_max)})
        self.length_max = length_max

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return {**context, "length_max": self.length_max}


class JalaliDateInput(forms.MultiWidget):
    """Day, month by name, year: as people say a date."""

    template_name = "widgets/jalali_date.html"
    use_fieldset = True

    def __init__(self, *, autocomplete: str = "") -> None:
        birthday = {
            part: {"autocomplete": f"bday-{part}"} if autocomplete == "bday" else {}
            for part in ("day", "month", "year")
        }
        months = [("", "—"), *((str(n), name) for n, name in enumerate(MONTHS, start=1))]
        super().__init__(
            {
                "day": CountInput(length=2, attrs={"title": _("روز"), **birthday["day"]}),
                "month": forms.Select({"title": _("ماه"), **birthday["month"]}, months),
                "year": CountInput(length=4, attrs={"title": _("سال"), **birthday["year"]}),
            },
        )

    def decompress(self, value: Any) -> list[Any]:
        # Kept as (day, month, year) by the field that knows the calendar.
        return list(value) if value else [None, None, None]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class HalfDaysGrid(forms.CheckboxSelectMultiple):
    """Saturday to Friday, morning and afternoon: fourteen boxes in a table."""

    template_name = "widgets/half_days.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = {str(one) for one in value or ()}
        days = [
            {
                "name": weekday_name(index),
                "boxes": [
                    {
                        "value": str(number := 2 * index + part),
                        "id": f"{context['widget']['attrs'].get('id', name)}_{number}",
                        "label": half_day_name(number),
                        "is_checked": str(number) in chosen,
                    }
                    for part in range(len(DAY_PARTS))
                ],
            }
            for index in range(len(WEEKDAYS))
        ]
        parts = [day_part_name(part) for part in range(len(DAY_PARTS))]
        return {**context, "days": days, "parts": parts}


class GroupedPicker(forms.CheckboxSelectMultiple):
    """Many options in folded groups, such as 60 skills in 13 areas; searched where scripts run."""

    template_name = "widgets/grouped_picker.html"

    def __init__(self, *, groups: Sequence[OptionGroup] = ()) -> None:
        super().__init__()
        self.groups = groups

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = {str(one) for one in value or ()}
        base = context["widget"]["attrs"].get("id", name)
        groups: list[dict[str, object]] = []
        number = 0
        for group in self.groups:
            boxes = [
                {
                    "option": option,
                    "id": f"{base}_{number + index}",
                    "is_checked": option.value in chosen,
                }
                for index, option in enumerate(group.options)
            ]
            number += len(boxes)
            count = sum(option.value in chosen for option in group.options)
            groups.append({"label": group.label, "boxes": boxes, "count": count})
        return {**context, "groups": groups, "base": base}


class PlacePicker(forms.Widget):
    """A place found by typing its name: words, a search, then one of what was found.

    Without scripts the button sends the whole form, which comes back with the places and with
    everything that was typed (web.forms.KitForm.is_searching). ``search`` takes the words and gives
    options; ``name_of`` says what a code that was chosen before is called.
    """

    template_name = "widgets/place_picker.html"
    use_fieldset = True

    def __init__(
        self,
        *,
        search: Callable[[str], Sequence[Option]],
        name_of: Callable[[str], Text | None],
        search_url: str | Promise = "",
    ) -> None:
        super().__init__()
        self.search = search
        self.name_of = name_of
        self.search_url = search_url

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, str]:
        """The code that was chosen and the words that were typed."""
        del files
        return data.get(name, "")[:32], data.get(f"{name}_words", "").replace("\x00", "").strip()[
            :80
        ]

    def is_searching(self, data: Any, name: str) -> bool:
        """Whether the search button was pressed for words whose places were not shown yet.

        The enter key presses the first button of a form from any of its fields: for words that
        were searched already that means to go on.
        """
        words = self.value_from_datadict(data, None, name)[1]
        return f"{name}_search" in data and words not in {"", data.get(f"{name}_found")}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        del files
        return name not in data and f"{name}_words" not in data

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_words" if id_ else id_

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        code, words = value if isinstance(value, tuple) else (str(value or ""), "")
        chosen_name = self.name_of(code) if code else None
        options = list(self.search(words)) if words else []
        if chosen_name is not None and code not in {option.value for option in options}:
            options.insert(0, Option(value=code, label=chosen_name))
        return {
            **context,
            "options": options,
            "chosen": code if chosen_name is not None else "",
            "words": words,
            "is_empty_search": bool(words) and not options,
            "search_url": self.search_url,
            "is_wrong": "aria-invalid" in context["widget"]["attrs"],
        }


class ConsentInput(forms.CheckboxInput):
    """A box for one purpose; components/consent.html says beside it what it means."""
