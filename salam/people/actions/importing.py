"""Bulk intake from existing files: Persian headings, every refused row by number with its reason.

People in older lists gave their data for another purpose. They come in as *invited, not matchable*
unless the file itself says that they consented, and lately.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.dates import DAY_PARTS, TEHRAN, WEEKDAYS, local_day, parse_date
from salam.core.errors import InvalidInput
from salam.core.identifiers import normalise_mobile, normalise_national_id
from salam.core.language import all_of, any_of, in_persian
from salam.core.quantities import bits_of
from salam.core.tables import TableRefused, read_table, refusals_path, write_refusals
from salam.core.text import ascii_digits, fold_tight, shown_digits
from salam.core.verbs import Verb
from salam.people.actions.intake import VolunteerIntake, check_intake
from salam.people.actions.recognition import KnownPeople
from salam.people.actions.registration import (
    IntakeOutcome,
    Registration,
    register_volunteers,
)
from salam.people.enums import ConsentPurpose, Gender, PlaceOfService, RegistrationChannel
from salam.people.queries import SkillEntry, list_active_skills
from salam.places.queries import HomePlace, HomePlaces, home_places

ROW_LIMIT: Final = 1_000_000
CHUNK_ROWS: Final = 5_000
# Consent written down longer ago than this was given for another purpose than today's.
CONSENT_FRESH_DAYS: Final = 365

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "given_name": ("نام", "given name"),
    "family_name": ("نام خانوادگی", "نام‌خانوادگی", "family name"),
    "national_id": ("کد ملی", "شماره ملی", "national id"),
    "phone": ("تلفن همراه", "شماره همراه", "موبایل", "تلفن", "phone"),
    "birth_date": ("تاریخ تولد", "birth date"),
    "gender": ("جنسیت", "gender"),
    "province": ("استان", "province"),
    "county": ("شهرستان", "county"),
    "home_place": ("محل سکونت", "شهر", "شهر یا روستا", "home place"),
    "place_code": ("کد محل", "place code"),
    "skills": ("مهارت‌ها", "مهارت", "skills"),
    "half_days": ("نیم‌روزها", "روزهای آزاد", "half-days"),
    "weekly_half_days": ("سقف هفتگی", "weekly half-days"),
    "radius_km": ("شعاع (کیلومتر)", "شعاع", "radius km"),
    "place_of_service": ("محل خدمت", "place of service"),
    "consent": ("رضایت", "consent"),
    "consent_date": ("تاریخ رضایت", "consent date"),
    "guardian_consent": ("رضایت سرپرست", "guardian consent"),
}
REQUIRED: Final = ("given_name", "family_name", "phone")
HOME_COLUMNS: Final = ("home_place", "place_code")
_HOME_CELLS: Final = ("place_code", "province", "county", "home_place")

_YES: Final = frozenset({"بله", "بلی", "اری", "دارد", "موافق", "yes", "1", "true"})
_GENDERS: Final[Mapping[str, Gender]] = {
    "": Gender.UNSTATED,
    "زن": Gender.FEMALE,
    "خانم": Gender.FEMALE,
    "مونث": Gender.FEMALE,
    "female": Gender.FEMALE,
    "مرد": Gender.MALE,
    "اقا": Gender.MALE,
    "مذکر": Gender.MALE,
    "male": Gender.MALE,
    "نگفته": Gender.UNSTATED,
}
_PLACES_OF_SERVICE: Final[Mapping[str, PlaceOfService]] = {
    "": PlaceOfService.EITHER,
    **{fold_tight(in_persian(choice.label)): choice for choice in PlaceOfService},
    **{fold_tight(choice.value): choice for choice in PlaceOfService},
}
# For cells of a closed list, the same few words in every row.
_folded = lru_cache(maxsize=4096)(fold_tight)

_LIST_MARKS: Final = str.maketrans(dict.fromkeys("،,;؛/\n", "|"))


@dataclass
class ImportReport:
    """Counts of one run; ``errors_path`` lists refused rows by number and reason, without names."""

    rows: int = 0
    created: int = 0
    matchable: int = 0
    known: int = 0
    differing: int = 0
    refused: int = 0
    is_dry_run: bool = False
    errors_path: Path | None = None
    refusals: list[tuple[int, str]] = field(default_factory=list, repr=False)


def import_volunteers(
    *,
    actor: Actor,
    path: Path,
    errors_folder: Path,
    now: datetime,
    dry_run: bool = False,
    report: Callable[[int], None] = lambda _rows: None,
    chunk_rows: int = CHUNK_ROWS,
) -> ImportReport:
    """Read a CSV or XLSX file and register its people in chunks, each in a transaction of its own.

    Broken off in the middle, the same file continues where it stopped: those already in are known
    and left alone. ``report`` hears the number of rows done. Raises TableRefused before any write
    when the file is not a table or lacks a column, PermissionRefused, VaultKeyMissing.
    """
    require(actor, Verb.VOLUNTEER_IMPORT, Scope())
    rows = read_table(path, headings=HEADINGS, required=REQUIRED, row_limit=ROW_LIMIT)
    reader = _RowReader(places=home_places(), skills=list_active_skills(), on=local_day(now))
    result = ImportReport(is_dry_run=dry_run)
    # What a dry run does not write it must remember: somebody may stand in two chunks of the file.
    register = KnownPeople() if dry_run else None
    while chunk := list(islice(rows, chunk_rows)):
        _require_home_column(chunk[0][1])
        numbers, intakes = reader.read_chunk(chunk, result)
        outcomes = register_volunteers(
            actor=actor,
            intakes=intakes,
            channel=RegistrationChannel.FILE,
            now=now,
            dry_run=dry_run,
            register=register,
        )
        _count(numbers, outcomes, result)
        report(result.rows)
    errors_path = refusals_path(source=path, folder=errors_folder, dry_run=dry_run)
    if write_refusals(errors_path, result.refusals):
        result.errors_path = errors_path
    return result


def _require_home_column(row: Mapping[str, str]) -> None:
    if not any(column in row for column in HOME_COLUMNS):
        names = any_of(f"«{HEADINGS[column][0]}»" for column in HOME_COLUMNS)
        raise TableRefused(
            _("در سطر اول ستون {names} نیست؛ یکی از این دو لازم است.").format(names=names)
        )


def _count(
    numbers: Sequence[int],
    outcomes: Sequence[IntakeOutcome],
    result: ImportReport,
) -> None:
    for number, outcome in zip(numbers, outcomes, strict=True):
        if outcome.registration is Registration.CREATED:
            result.created += 1
            result.matchable += outcome.is_matchable
            continue
        result.known += 1
        if outcome.registration is Registration.KNOWN_DIFFERS:
            result.differing += 1
            differing = all_of(outcome.differing)
            result.refusals.append(
                (
                    number,
                    _(
                        "این فرد پیش‌تر ثبت شده و {differing} او با این ردیف فرق دارد؛ دست نخورد."
                    ).format(differing=differing),
                ),
            )


class _RowReader:
    """Turns rows of text into intakes, or into refusals with a reason.

    A reason never repeats what a cell says: where columns have slipped, it may be anybody's name or
    number.
    """

    def __init__(self, *, places: HomePlaces, skills: list[SkillEntry], on: date) -> None:
        self._places = places
        self._homes: dict[tuple[str, ...], HomePlace] = {}
        self._on = on
        self._skill_by_name = {
            fold_tight(name): skill
            for skill in skills
            for name in (skill.name_fa, skill.name_en, skill.code)
        }
        self._half_day_by_name = dict(_half_day_names())

    def read_chunk(
        self,
        chunk: list[tuple[int, dict[str, str]]],
        result: ImportReport,
    ) -> tuple[list[int], list[VolunteerIntake]]:
        numbers: list[int] = []
        intakes: list[VolunteerIntake] = []
        for number, row in chunk:
            result.rows += 1
            try:
                intakes.append(check_intake(intake=self._read(row), on=self._on))
                numbers.append(number)
            except InvalidInput as refusal:
                result.refused += 1
                result.refusals.append((number, _without_cells(refusal.sentence, row)))
        return numbers, intakes

    def _read(self, row: Mapping[str, str]) -> VolunteerIntake:
        birth_text = row.get("birth_date", "")
        national_id = row.get("national_id", "")
        home = self._home(row)
        skills = self._skills(row.get("skills", ""))
        consents, consented_at = self._consents(row)
        return VolunteerIntake(
            given_name=row["given_name"],
            family_name=row["family_name"],
            phone=normalise_mobile(row["phone"]),
            national_id=normalise_national_id(national_id) if national_id else "",
            birth_date=parse_date(birth_text) if birth_text else None,
            gender=_gender(row.get("gender", "")),
            home_place_id=home.id,
            home_province_code=home.province_code,
            skill_bits=bits_of(skill.bit for skill in skills),
            area_bits=bits_of({skill.area_number for skill in skills}),
            half_day_bits=self._half_days(row.get("half_days", "")),
            weekly_half_days=_whole(
                row.get("weekly_half_days", ""), label=_("سقف هفتگی"), default=1
            ),
            radius_m=_whole(row.get("radius_km", ""), label=_("شعاع"), default=5) * 1000,
            place_of_service=_place_of_service(row.get("place_of_service", "")),
            consents=consents,
            consented_at=consented_at,
        )

    def _home(self, row: Mapping[str, str]) -> HomePlace:
        """The home place; lists name the same few over and over."""
        key = tuple(row.get(column, "") for column in _HOME_CELLS)
        if key not in self._homes:
            code, province, county, name = key
            self._homes[key] = self._places.find(
                code=ascii_digits(code),
                province=province,
                county=county,
                name=name,
            )
        return self._homes[key]

    def _skills(self, text: str) -> list[SkillEntry]:
        found = []
        for position, part in enumerate(_parts(text), start=1):
            skill = self._skill_by_name.get(_folded(part))
            if skill is None:
                raise InvalidInput(
                    _("مهارت {position} این ردیف در فهرست مهارت‌ها نیست.").format(
                        position=shown_digits(position)
                    ),
                )
            found.append(skill)
        return found

    def _half_days(self, text: str) -> int:
        word = 0
        for position, part in enumerate(_parts(text), start=1):
            bits = self._half_day_by_name.get(_folded(part))
            if bits is None:
                raise InvalidInput(
                    _("نیم‌روز {position} این ردیف خوانده نشد؛ مثلاً «شنبه صبح» بنویسید.").format(
                        position=shown_digits(position)
                    ),
                )
            word |= bits
        return word

    def _consents(
        self,
        row: Mapping[str, str],
    ) -> tuple[frozenset[ConsentPurpose], datetime | None]:
        """What the file says was agreed to, and when; nothing where it was long ago."""
        if _folded(row.get("consent", "")) not in _YES or not row.get("consent_date"):
            return frozenset(), None
        given_on = parse_date(row["consent_date"])
        if given_on > self._on:
            raise InvalidInput(_("تاریخ رضایت در آینده است."))
        if (self._on - given_on).days > CONSENT_FRESH_DAYS:
            return frozenset(), None
        consents = {ConsentPurpose.MATCHING, ConsentPurpose.MESSAGES, ConsentPurpose.CONTACT}
        if _folded(row.get("guardian_consent", "")) in _YES:
            consents.add(ConsentPurpose.GUARDIAN)
        return frozenset(consents), datetime.combine(given_on, time.min, TEHRAN)


def _without_cells(sentence: str, row: Mapping[str, str]) -> str:
    """The sentence without what it quotes from the row, such as a province nobody knows."""
    for cell in row.values():
        sentence = sentence.replace(f" «{cell[:40]}»", "")
    return sentence


def _gender(text: str) -> Gender:
    gender = _GENDERS.get(_folded(text))
    if gender is None:
        raise InvalidInput(_("جنسیت خوانده نشد؛ «زن» یا «مرد» بنویسید یا خالی بگذارید."))
    return gender


def _place_of_service(text: str) -> PlaceOfService:
    place = _PLACES_OF_SERVICE.get(_folded(text))
    if place is None:
        labels = any_of(f"«{choice.label}»" for choice in PlaceOfService)
        raise InvalidInput(_("محل خدمت خوانده نشد؛ {labels} بنویسید.").format(labels=labels))
    return place


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.translate(_LIST_MARKS).split("|") if part.strip()]


def _half_day_names() -> Iterator[tuple[str, int]]:
    for day, name in enumerate(WEEKDAYS):
        yield fold_tight(name), 0b11 << (2 * day)
        for part, part_name in enumerate(DAY_PARTS):
            yield fold_tight(name + part_name), 1 << (2 * day + part)
        yield fold_tight(name + "بعدازظهر"), 2 << (2 * day)


def _whole(text: str, *, label: str, default: int) -> int:
    if not text:
        return default
    digits = ascii_digits(text).removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 6:
        raise InvalidInput(_("{label} باید یک عدد باشد.").format(label=label))
    return int(digits)
