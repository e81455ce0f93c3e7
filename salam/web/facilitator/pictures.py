"""A need's lines in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from salam.core.language import any_of, is_persian, listed
from salam.core.quantities import numbers_of, to_unsigned
from salam.needs.enums import MinimumAge, RequiredGender
from salam.needs.timing import half_days_of, in_words
from salam.people.enums import VettingTier
from salam.people.queries import list_active_skills


@dataclass(frozen=True)
class LineInWords:
    times: str
    skills: str
    headcount: int
    conditions: str


def shown_lines(need: Any) -> list[LineInWords]:
    """The lines in the order of the week. One query besides the lines."""
    names = {s.bit: s.name_fa if is_persian() else s.name_en for s in list_active_skills()}
    lines = sorted(need.lines.all(), key=lambda line: (half_days_of(line), line.pk))
    return [
        LineInWords(
            times=in_words(line),
            skills=any_of(
                names[bit] for bit in numbers_of(to_unsigned(line.skill_bits)) if bit in names
            ),
            headcount=line.headcount,
            conditions=listed(_conditions(line)),
        )
        for line in lines
    ]


def _conditions(line: Any) -> list[str]:
    told = [_("از {age} به بالا").format(age=MinimumAge(line.age_min).label)]
    if line.vetting_tier_min:
        tier = VettingTier(line.vetting_tier_min).label
        told.append(_("تأیید صلاحیت: {tier}").format(tier=tier))
    if line.gender_required != RequiredGender.ANY:
        told.append(f"{RequiredGender(line.gender_required).label} ({line.gender_basis})")
    return told
