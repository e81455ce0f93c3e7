"""Writing down needs, one from the street or many from a file: the very same checks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.bulk import copy_rows, reserve_ids
from salam.core.dates import TEHRAN
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.events import NewEvent, record_events
from salam.core.quantities import grouped, to_signed, to_unsigned
from salam.core.text import shown_digits
from salam.core.verbs import Verb
from salam.core.wording import checked_text
from salam.needs.actions.timing import check_timing
from salam.needs.enums import MinimumAge, NeedStatus, RequiredGender, Timing, Urgency
from salam.needs.models import Need, NeedLine
from salam.needs.permissions import NEED_PLACE_KINDS
from salam.organizations.models import Intermediary
from salam.organizations.queries import is_usable_intermediary
from salam.people.enums import VettingTier
from salam.people.queries import list_active_skills
from salam.places.models import Place

TITLE_LENGTH_MAX: Final = 120
STORY_LENGTH_MAX: Final = 2000
GENDER_BASIS_LENGTH_MAX: Final = 80
LINE_COUNT_MAX: Final = 14
HEADCOUNT_MAX: Final = 50
# More than any one neighbourhood holds: a typing mistake.
PEOPLE_SERVED_MAX: Final = 1_000_000
# So many new rows make the planner's picture of the tables wrong, and a matching run may follow at
# once: reading 20,000 lines took 70 s instead of 0.4 s until autovacuum came by.
ANALYZE_FROM: Final = 1000

# An enum builds its values anew at every look; a national file asks a million times.
_URGENCIES: Final = frozenset(Urgency.values)
_VETTING_TIERS: Final = frozenset(VettingTier.values)
_AGES: Final = frozenset(MinimumAge.values)
_GENDERS: Final = frozenset(RequiredGender.values)

# A need's address is made from who sent which form; the number only has to differ from others'.
_NAMESPACE: Final = uuid.UUID("0d5c6f52-6f0e-5b6b-9d77-4b8f2a3f1c04")

_NEED_COLUMNS: Final = (
    "id",
    "public_id",
    "title",
    "what",
    "why",
    "place_id",
    "province_code",
    "urgency",
    "people_served",
    "intermediary_id",
    "status",
    "listed_by_id",
    "created_at",
    "is_generated",
)
_LINE_COLUMNS: Final = (
    "need_id",
    "timing",
    "half_day",
    "half_day_bits",
    "half_days_weekly",
    "starts_on",
    "ends_on",
    "skill_bits",
    "language_bits",
    "headcount",
    "vetting_tier_min",
    "gender_required",
    "gender_basis",
    "age_min",
)


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """So many people with any of these skills at these times; words may be signed or unsigned.

    A fixed line takes ``half_day``. A flexible one takes ``half_day_bits``, those of the week that
    would do, and ``half_days_weekly``, how many of them are wanted; a window its two days besides.
    """

    skill_bits: int
    half_day: int | None = None
    timing: Timing = Timing.FIXED
    half_day_bits: int = 0
    half_days_weekly: int = 1
    starts_on: date | None = None
    ends_on: date | None = None
    headcount: int = 1
    language_bits: int = 0
    vetting_tier_min: VettingTier = VettingTier.NONE
    gender_required: RequiredGender = RequiredGender.ANY
    gender_basis: str = ""
    age_min: MinimumAge = MinimumAge.ADULT


@dataclass(frozen=True, kw_only=True)
class NewNeed:
    """One need as it was told."""

    title: str
    what: str
    place_id: int
    urgency: Urgency
    people_served: int
    intermediary_id: int
    lines: Sequence[NewLine] = field(default_factory=tuple)
    why: str = ""


class NeedsRefused(InvalidInput):
    """Rows of a list that cannot be used; nothing of the list was written."""

    code = "needs_refused"

    def __init__(self, refusals: Mapping[int, InvalidInput]) -> None:
        first = min(refusals)
        super().__init__(
            _("{count} ردیف پذیرفته نشد. ردیف {number}: {sentence}").format(
                count=grouped(len(refusals)),
                number=grouped(first + 1),
                sentence=refusals[first].sentence,
            ),
        )
        self.refusals = refusals
        """Index of the row, from 0 -> what is wrong with it."""


class NeedListed(DomainError):
    """A form was sent once, changed, and sent again."""

    code = "need_listed"

    def __init__(self) -> None:
        super().__init__(
            _("این فرم یک بار فرستاده شده و نیازش ثبت است؛ برای نیازی دیگر، فرم تازه‌ای باز کنید."),
        )


@dataclass(frozen=True)
class _Ground:
    """What rows are checked against, loaded once for all of them."""

    places: Mapping[int, Place]
    intermediaries: Mapping[int, Intermediary]
    skill_bits: int
    language_bits: int
    today: date


def open_need(
    *,
    actor: Actor,
    title: str,
    what: str,
    place_id: int,
    urgency: Urgency,
    people_served: int,
    intermediary_id: int,
    lines: Sequence[NewLine],
    now: datetime,
    why: str = "",
    is_generated: bool = False,
    key: uuid.UUID | None = None,
) -> Need:
    """Write down one need with its lines; writes an Event.

    With a ``key`` the same need sent twice is one need. Raises InvalidInput, NeedListed,
    PermissionRefused.
    """
    new = NewNeed(
        title=title,
        what=what,
        why=why,
        place_id=place_id,
        urgency=urgency,
        people_served=people_served,
        intermediary_id=intermediary_id,
        lines=lines,
    )
    with transaction.atomic():
        ground = _ground_for(actor, [new], now)
        need, need_lines = _checked(new, ground)
        need.listed_by_id = actor.person_id
        if key is not None:
            # The intermediary is locked by now, so that of two presses one waits here.
            need.public_id = uuid.uuid5(_NAMESPACE, f"{actor.person_id}:{key}")
            standing = Need.objects.filter(public_id=need.public_id).first()
            if standing is not None:
                return _same(standing, need)
        need.created_at = now
        need.is_generated = is_generated
        need.save(force_insert=True)
        for line in need_lines:
            line.need = need
        NeedLine.objects.bulk_create(need_lines)
        record_events(
            events=[_opened_event(need.pk, need, len(need_lines))], actor_id=actor.person_id
        )
    return need


def open_needs(
    *,
    actor: Actor,
    needs: Sequence[NewNeed],
    now: datetime,
    is_generated: bool = False,
) -> list[int]:
    """Write down many needs by COPY, one Event each; returns their keys in the order of the rows.

    All or none: raises NeedsRefused with every row that is wrong, PermissionRefused when one place
    is out of reach.
    """
    with transaction.atomic():
        ground = _ground_for(actor, needs, now)
        checked = _checked_all(needs, ground)
        keys = reserve_ids(model=Need, count=len(checked))
        for need, _lines in checked:
            need.listed_by_id = actor.person_id
            need.created_at = now
            need.is_generated = is_generated
        copy_rows(model=Need, columns=_NEED_COLUMNS, rows=_need_rows(keys, checked))
        copy_rows(model=NeedLine, columns=_LINE_COLUMNS, rows=_line_rows(keys, checked))
        record_events(
            events=(
                _opened_event(key, need, len(lines))
                for key, (need, lines) in zip(keys, checked, strict=True)
            ),
            actor_id=actor.person_id,
        )
        if len(keys) >= ANALYZE_FROM:
            _renew_statistics()
    return keys


def _same(standing: Need, sent: Need) -> Need:
    """The need that stands already, when what was sent again is the same."""
    told = ("title", "what", "why", "place_id", "urgency", "people_served", "intermediary_id")
    if any(getattr(standing, name) != getattr(sent, name) for name in told):
        raise NeedListed
    return standing


def _ground_for(actor: Actor, needs: Iterable[NewNeed], now: datetime) -> _Ground:
    """Authorise every place, and lock the intermediaries so that none is suspended meanwhile."""
    place_ids = {need.place_id for need in needs}
    places = Place.objects.in_bulk(place_ids)
    if len(places) != len(place_ids):
        raise PermissionRefused
    for place in places.values():
        require(actor, Verb.NEED_OPEN, Scope(place_path=place.path))
    intermediaries = (
        Intermediary.objects.select_for_update(of=("organization",), no_key=True)
        .select_related("organization")
        .filter(pk__in={need.intermediary_id for need in needs})
        .order_by("organization_id")
    )
    skills = list_active_skills()
    return _Ground(
        places=places,
        intermediaries={intermediary.pk: intermediary for intermediary in intermediaries},
        skill_bits=sum(1 << skill.bit for skill in skills),
        language_bits=sum(1 << skill.bit for skill in skills if skill.is_language),
        today=now.astimezone(TEHRAN).date(),
    )


def _checked_all(
    needs: Sequence[NewNeed],
    ground: _Ground,
) -> list[tuple[Need, list[NeedLine]]]:
    checked = []
    refusals: dict[int, InvalidInput] = {}
    for index, new in enumerate(needs):
        try:
            checked.append(_checked(new, ground))
        except InvalidInput as refusal:
            refusals[index] = refusal
    if refusals:
        raise NeedsRefused(refusals)
    return checked


def _checked(new: NewNeed, ground: _Ground) -> tuple[Need, list[NeedLine]]:
    """The rows to write, without keys. Raises InvalidInput."""
    place = ground.places[new.place_id]
    _check_place(place, ground.today)
    _check_intermediary(ground.intermediaries.get(new.intermediary_id))
    if new.urgency not in _URGENCIES:
        raise InvalidInput(_("فوریت را از یک تا پنج انتخاب کنید."))
    if not 1 <= new.people_served <= PEOPLE_SERVED_MAX:
        raise InvalidInput(
            _("شمار بهره‌مندان باید از یک تا {people_max} نفر باشد.").format(
                people_max=grouped(PEOPLE_SERVED_MAX)
            ),
        )
    need = Need(
        title=checked_text(new.title, label=_("عنوان"), length_max=TITLE_LENGTH_MAX),
        what=checked_text(new.what, label=_("شرح نیاز"), length_max=STORY_LENGTH_MAX),
        why=(
            checked_text(new.why, label=_("دلیل نیاز"), length_max=STORY_LENGTH_MAX)
            if new.why.strip()
            else ""
        ),
        place=place,
        province_code=place.province_code,
        urgency=new.urgency,
        people_served=new.people_served,
        intermediary_id=new.intermediary_id,
        status=NeedStatus.OPEN,
    )
    return need, _checked_lines(new.lines, ground)


def _check_place(place: Place, today: date) -> None:
    if place.kind not in NEED_PLACE_KINDS:
        raise InvalidInput(_("جای نیاز باید محله، روستا، شهر یا منطقهٔ شهری باشد."))
    if place.valid_to is not None and place.valid_to <= today:
        raise InvalidInput(_("این جا دیگر در تقسیمات نیست؛ جای امروزی آن را انتخاب کنید."))


def _check_intermediary(intermediary: Intermediary | None) -> None:
    if intermediary is None or not is_usable_intermediary(organization=intermediary.organization):
        raise InvalidInput(_("این مؤسسه اکنون واسط فعال نیست؛ مؤسسهٔ دیگری انتخاب کنید."))


def _checked_lines(lines: Sequence[NewLine], ground: _Ground) -> list[NeedLine]:
    if not 1 <= len(lines) <= LINE_COUNT_MAX:
        raise InvalidInput(
            _("برای هر نیاز یک تا {line_count_max} نوبت بنویسید.").format(
                line_count_max=shown_digits(LINE_COUNT_MAX)
            )
        )
    checked = [_checked_line(line, ground) for line in lines]
    if len({_times_and_skills(line) for line in checked}) < len(checked):
        raise InvalidInput(
            _("یک نوبت با همان مهارت‌ها دو بار آمده است؛ شمار نفرها را یک‌جا بنویسید.")
        )
    return checked


def _times_and_skills(line: NeedLine) -> tuple[object, ...]:
    return line.half_day, line.half_day_bits, line.starts_on, line.ends_on, line.skill_bits


def _checked_line(line: NewLine, ground: _Ground) -> NeedLine:
    check_timing(line=line, today=ground.today)
    if not 1 <= line.headcount <= HEADCOUNT_MAX:
        raise InvalidInput(
            _("شمار نفرهای هر نوبت باید از ۱ تا {headcount_max} باشد.").format(
                headcount_max=grouped(HEADCOUNT_MAX)
            )
        )
    if line.vetting_tier_min not in _VETTING_TIERS or line.age_min not in _AGES:
        raise InvalidInput(_("کمینهٔ سن و تأیید صلاحیت را از گزینه‌ها انتخاب کنید."))
    if not _is_subset(line.skill_bits, ground.skill_bits) or line.skill_bits == 0:
        raise InvalidInput(_("برای هر نوبت دست‌کم یک مهارت از فهرست انتخاب کنید."))
    if not _is_subset(line.language_bits, ground.language_bits):
        raise InvalidInput(_("زبان را از فهرست زبان‌ها انتخاب کنید."))
    return NeedLine(
        timing=line.timing,
        half_day=line.half_day,
        half_day_bits=line.half_day_bits,
        half_days_weekly=line.half_days_weekly,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        skill_bits=to_signed(to_unsigned(line.skill_bits)),
        language_bits=to_signed(to_unsigned(line.language_bits)),
        headcount=line.headcount,
        vetting_tier_min=line.vetting_tier_min,
        gender_required=line.gender_required,
        gender_basis=_checked_gender_basis(line),
        age_min=line.age_min,
    )


def _checked_gender_basis(line: NewLine) -> str:
    if line.gender_required not in _GENDERS:
        raise InvalidInput(_("زن، مرد یا «فرقی ندارد» را انتخاب کنید."))
    if line.gender_required == RequiredGender.ANY:
        return ""
    if not line.gender_basis.strip():
        raise InvalidInput(_("بنویسید کدام قانون این نوبت را ویژهٔ زنان یا مردان کرده است."))
    return checked_text(
        line.gender_basis,
        label=_("مبنای قانونی"),
        length_max=GENDER_BASIS_LENGTH_MAX,
    )


def _is_subset(word: int, allowed: int) -> bool:
    return -(1 << 63) <= word < 1 << 64 and to_unsigned(word) & ~allowed == 0


def _need_rows(
    keys: Sequence[int],
    checked: Sequence[tuple[Need, list[NeedLine]]],
) -> Iterator[tuple[object, ...]]:
    for key, (need, _lines) in zip(keys, checked, strict=True):
        yield (
            key,
            uuid.uuid4(),
            need.title,
            need.what,
            need.why,
            need.place_id,
            need.province_code,
            int(need.urgency),
            need.people_served,
            need.intermediary_id,
            str(need.status),
            need.listed_by_id,
            need.created_at,
            need.is_generated,
        )


def _line_rows(
    keys: Sequence[int],
    checked: Sequence[tuple[Need, list[NeedLine]]],
) -> Iterator[tuple[object, ...]]:
    for key, (_need, lines) in zip(keys, checked, strict=True):
        for line in lines:
            yield (
                key,
                str(line.timing),
                line.half_day,
                line.half_day_bits,
                line.half_days_weekly,
                line.starts_on,
                line.ends_on,
                line.skill_bits,
                line.language_bits,
                line.headcount,
                int(line.vetting_tier_min),
                str(line.gender_required),
                line.gender_basis,
                int(line.age_min),
            )


def _renew_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE needs_need, needs_needline")


def _opened_event(need_id: int, need: Need, line_count: int) -> NewEvent:
    return NewEvent(
        "needs.need_opened",
        "needs.Need",
        need_id,
        {
            "place_id": need.place_id,
            "intermediary_id": need.intermediary_id,
            "urgency": int(need.urgency),
            "line_count": line_count,
        },
    )
