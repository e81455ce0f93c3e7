"""The attribute word: what a post may ask of a person besides skills, as bits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from salam.core.dates import age_years
from salam.core.quantities import bits_of, numbers_of
from salam.matching.enums import AttributeBit
from salam.needs.enums import MinimumAge, RequiredGender
from salam.people.enums import Gender
from salam.people.queries import SkillEntry

_VETTING_WORDS = (0b000, 0b001, 0b011, 0b111)
_AGE_BITS = {
    MinimumAge.ADULT: AttributeBit.ADULT,
    MinimumAge.TWENTY_ONE: AttributeBit.AGE_21,
    MinimumAge.TWENTY_EIGHT: AttributeBit.AGE_28,
}
_GENDER_BITS = {Gender.FEMALE: AttributeBit.FEMALE, Gender.MALE: AttributeBit.MALE}
_REQUIRED_GENDER_BITS = {
    RequiredGender.FEMALE: AttributeBit.FEMALE,
    RequiredGender.MALE: AttributeBit.MALE,
}


class AttributeWords:
    """Builds words for one day and one catalogue of skills."""

    def __init__(self, *, skills: Sequence[SkillEntry], on: date) -> None:
        self._on = on
        languages = [skill.bit for skill in skills if skill.is_language]
        self._language_bit = {
            bit: AttributeBit.FIRST_LANGUAGE + rank for rank, bit in enumerate(languages)
        }
        self._languages = bits_of(languages)

    def of_volunteer(
        self,
        *,
        vetting_tier: int,
        gender: str,
        birth_date: date | None,
        skill_bits: int,
    ) -> int:
        """The bits a person has; without a birth date no bit of age."""
        word = _VETTING_WORDS[vetting_tier] | self._language_word(skill_bits)
        gender_bit = _GENDER_BITS.get(Gender(gender))
        if gender_bit is not None:
            word |= 1 << gender_bit
        age = 0 if birth_date is None else age_years(born_on=birth_date, on=self._on)
        return word | bits_of(bit for minimum, bit in _AGE_BITS.items() if age >= minimum)

    def of_line(
        self,
        *,
        vetting_tier_min: int,
        gender_required: str,
        age_min: int,
        language_bits: int,
    ) -> int:
        """The bits a post asks for."""
        word = _VETTING_WORDS[vetting_tier_min] | self._language_word(language_bits)
        gender_bit = _REQUIRED_GENDER_BITS.get(RequiredGender(gender_required))
        if gender_bit is not None:
            word |= 1 << gender_bit
        age_bit = _AGE_BITS.get(MinimumAge(age_min))
        return word if age_bit is None else word | 1 << age_bit

    def has_language(self, *, skill_bits: int) -> bool:
        """Whether a language is among these skills."""
        return bool(skill_bits & self._languages)

    def _language_word(self, skill_bits: int) -> int:
        return bits_of(self._language_bit[bit] for bit in numbers_of(skill_bits & self._languages))
