"""A need while it is being written: one form and up to fourteen lines, on one page, unsaved.

Everything typed travels with the page, so that adding a line, looking at the whole and going back
lose nothing and need no script and no session.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from salam.core.quantities import bits_of
from salam.needs.actions import NewLine
from salam.needs.actions.opening import LINE_COUNT_MAX
from salam.needs.enums import MinimumAge, RequiredGender, Urgency
from salam.needs.timing import in_words
from salam.organizations.queries import NearIntermediary
from salam.people.enums import VettingTier
from salam.people.queries import list_active_skills
from salam.web.facilitator.forms import LineForm, NeedForm, skill_groups, times_of

# Lines keep the number they were added with, so taking one away renames none of the others.
_NUMBER_MAX: Final = 99


class Step(StrEnum):
    """Which button was pressed."""

    WRITE = "write"
    PREVIEW = "preview"
    SEND = "send"


@dataclass(frozen=True)
class ShownLine:
    """A line as the preview reads it back."""

    times: str
    skills: Sequence[str]
    headcount: int
    conditions: Sequence[str]


class NeedDraft:
    """The forms of one page, and what its buttons do to them."""

    def __init__(
        self,
        request: HttpRequest,
        *,
        brokers: Sequence[NearIntermediary],
        today: date,
    ) -> None:
        data = request.POST if request.method == "POST" else None
        self._data = data
        self._brokers = brokers
        self.step = _step(data)
        self.form = NeedForm(data, brokers=brokers)
        self._groups = skill_groups()
        numbers = _line_numbers(data) if data is not None else [0]
        self.added = numbers[-1] if data is not None and "add_line" in data else None
        self.lines = [
            LineForm(
                None if number == self.added else data,
                number=number,
                groups=self._groups,
                today=today,
            )
            for number in numbers
        ]
        for form in (self.form, *self.lines):
            form.is_draft = self.step is Step.WRITE
        for line in self.lines:
            if line.number == self.added:
                line.fields["half_day"].widget.attrs["autofocus"] = True

    def is_valid(self) -> bool:
        """Whether it can be sent; each sentence then stands beside its field."""
        is_whole = all([self.form.is_valid(), *(line.is_valid() for line in self.lines)])
        if is_whole and self._repeats_a_line():
            self.refuse(_("یک ردیف با همان وقت و مهارت‌ها دو بار آمده است؛ نفرها را یک‌جا بنویسید."))
        return is_whole and not self.form.errors

    def refuse(self, sentence: str) -> None:
        """A sentence about the whole, above the form."""
        self.form.add_error(None, sentence)

    # What components/error_summary.html asks of a form, over all of them.
    @property
    def errors(self) -> bool:
        return any(form.is_bound and form.errors for form in (self.form, *self.lines))

    def non_field_errors(self) -> Any:
        return self.form.non_field_errors()

    def visible_fields(self) -> list[forms.BoundField]:
        return [field for form in (self.form, *self.lines) for field in form.visible_fields()]

    def hidden_fields(self) -> list[forms.BoundField]:
        return self.form.hidden_fields()

    @property
    def has_brokers(self) -> bool:
        return bool(self._brokers)

    @property
    def can_add(self) -> bool:
        return len(self.lines) < LINE_COUNT_MAX

    @property
    def can_remove(self) -> bool:
        return len(self.lines) > 1

    @property
    def carried(self) -> Iterator[tuple[str, str]]:
        """All that was typed, to stand hidden in the preview."""
        for name, values in (self._data or QueryDict()).lists():
            if name not in {"csrfmiddlewaretoken", *(step.value for step in Step)}:
                for value in values:
                    yield name, str(value)

    def values(self) -> dict[str, Any]:
        """What `needs.actions.open_need` takes; after is_valid."""
        told = self.form.cleaned_data
        return {
            "title": told["title"],
            "what": told["what"],
            "why": told["why"],
            "urgency": Urgency(told["urgency"]),
            "people_served": told["people_served"],
            "intermediary_id": told["intermediary"],
            "lines": [self._new_line(line.cleaned_data) for line in self.lines],
            "key": told["key"],
        }

    @property
    def broker_name(self) -> str:
        chosen = self.form.cleaned_data["intermediary"]
        return next(one.name for one in self._brokers if one.id == chosen)

    @property
    def urgency_name(self) -> str:
        return str(Urgency(self.form.cleaned_data["urgency"]).label)

    @property
    def shown_lines(self) -> list[ShownLine]:
        return [self._shown(line.cleaned_data) for line in self.lines]

    @cached_property
    def _bits(self) -> dict[str, int]:
        return {skill.code: skill.bit for skill in list_active_skills()}

    def _new_line(self, told: dict[str, Any]) -> NewLine:
        return NewLine(
            **times_of(told),
            skill_bits=bits_of(self._bits[code] for code in told["skills"]),
            headcount=told["headcount"],
            vetting_tier_min=VettingTier(told["vetting_tier_min"]),
            gender_required=RequiredGender(told["gender_required"]),
            gender_basis=told["gender_basis"],
            age_min=MinimumAge(told["age_min"]),
        )

    def _shown(self, told: dict[str, Any]) -> ShownLine:
        names = {one.value: str(one.label) for group in self._groups for one in group.options}
        conditions = [_("از {age} به بالا").format(age=MinimumAge(told["age_min"]).label)]
        if told["vetting_tier_min"]:
            tier = VettingTier(told["vetting_tier_min"]).label
            conditions.append(_("تأیید صلاحیت: {tier}").format(tier=tier))
        if told["gender_basis"]:
            gender = RequiredGender(told["gender_required"]).label
            conditions.append(f"{gender} ({told['gender_basis']})")
        return ShownLine(
            times=in_words(self._new_line(told)),
            skills=[names[code] for code in told["skills"]],
            headcount=told["headcount"],
            conditions=conditions,
        )

    def _repeats_a_line(self) -> bool:
        told = [line.cleaned_data for line in self.lines]
        times = [times_of(one) | {"half_days_weekly": 1} for one in told]
        kinds = {
            (*when.values(), *sorted(one["skills"])) for one, when in zip(told, times, strict=True)
        }
        return len(kinds) < len(told)


def _step(data: QueryDict | None) -> Step:
    if data is None or {"add_line", "remove_line", Step.WRITE.value} & data.keys():
        return Step.WRITE
    return Step.SEND if Step.SEND.value in data else Step.PREVIEW


def _line_numbers(data: QueryDict) -> list[int]:
    """Numbers of the lines that the page shall have now, ascending; always one at least."""
    found = [n for n in range(_NUMBER_MAX + 1) if f"line{n}-headcount" in data]
    removed = data.get("remove_line", "")
    kept = [n for n in found if str(n) != removed] or found[:1] or [0]
    if "add_line" in data and len(kept) < LINE_COUNT_MAX and kept[-1] < _NUMBER_MAX:
        kept.append(kept[-1] + 1)
    return kept[:LINE_COUNT_MAX]
