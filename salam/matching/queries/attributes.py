"""The attribute word: what a post may ask of a person besides skills, as bits.

A volunteer's word without languages depends on the person and the day, and is worked out by
PostgreSQL; languages are skills, and are added to the words of a run as arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import add
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import BigIntegerField, Case, Expression, F, Func, Value, When

from salam.core.dates import born_by
from salam.matching.enums import AttributeBit
from salam.needs.enums import MinimumAge, RequiredGender
from salam.needs.queries import OpenLines
from salam.people.enums import Gender
from salam.people.queries import SkillEntry

UInt64 = npt.NDArray[np.uint64]

AGE_BITS: Final = {
    MinimumAge.ADULT: AttributeBit.ADULT,
    MinimumAge.TWENTY_ONE: AttributeBit.AGE_21,
    MinimumAge.TWENTY_EIGHT: AttributeBit.AGE_28,
}
_GENDER_BITS: Final = {Gender.FEMALE: AttributeBit.FEMALE, Gender.MALE: AttributeBit.MALE}
_REQUIRED_GENDER_BITS: Final = {
    RequiredGender.FEMALE: AttributeBit.FEMALE,
    RequiredGender.MALE: AttributeBit.MALE,
}


def volunteer_word(*, on: date) -> Expression:
    """The bits of a profile on a day, without languages, as one bigint.

    For profiles annotated with ``vetting_tier``, as ``matchable_volunteers`` does.
    """
    # Tiers are unary: tier 2 sets the two lowest bits. The parts share no bit, so that + means or.
    vetting = Func(
        F("vetting_tier"),
        template="((1::bigint << %(expressions)s) - 1)",
        output_field=BigIntegerField(),
    )
    gender = Case(
        *(When(person__gender=one, then=Value(1 << bit)) for one, bit in _GENDER_BITS.items()),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    ages = (
        Case(
            When(person__birth_date__lte=born_by(years=age, on=on), then=Value(1 << bit)),
            default=Value(0),
            output_field=BigIntegerField(),
        )
        for age, bit in AGE_BITS.items()
    )
    word: Expression = reduce(add, (vetting, gender, *ages))
    return word


class LanguageBits:
    """Where the languages of a catalogue stand in the word: after the others, by skill bit."""

    def __init__(self, *, skills: Sequence[SkillEntry]) -> None:
        self._skill_bits = [skill.bit for skill in skills if skill.is_language]

    def word(self, *, skill_words: UInt64) -> UInt64:
        """The bits of the languages among these skills, [N] uint64."""
        found = np.zeros(len(skill_words), np.uint64)
        for rank, bit in enumerate(self._skill_bits):
            has = (skill_words >> np.uint64(bit)) & np.uint64(1)
            found |= has << np.uint64(AttributeBit.FIRST_LANGUAGE + rank)
        return found


def line_words(*, lines: OpenLines, languages: LanguageBits) -> UInt64:
    """The bits that each line asks for, [L] uint64."""
    word = languages.word(skill_words=lines.language_bits.view(np.uint64))
    word |= (np.uint64(1) << lines.vetting_tier_min.astype(np.uint64)) - np.uint64(1)
    for gender, bit in _REQUIRED_GENDER_BITS.items():
        word |= _where(lines.gender_required == gender.value.encode("ascii"), bit)
    for age, age_bit in AGE_BITS.items():
        word |= _where(lines.age_min == age.value, age_bit)
    return word


def _where(holds: npt.NDArray[np.bool_], bit: int) -> UInt64:
    return holds.astype(np.uint64) << np.uint64(bit)
