"""Reading what we hold on people. Nobody is looked up by name or national ID outside intake."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Count,
    Exists,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from salam.core.actors import Actor
from salam.core.dates import age_years, born_by, half_day_name
from salam.core.errors import PermissionRefused
from salam.core.personal_data import personal_data_handlers
from salam.core.quantities import numbers_of, to_unsigned
from salam.people.codes import code_of
from salam.people.enums import (
    ConsentPurpose,
    CredentialKind,
    PlaceOfService,
    VettingTier,
    VolunteerStatus,
)
from salam.people.models import (
    Area,
    Consent,
    Credential,
    Facilitator,
    Person,
    Skill,
    TrainingRecord,
    VolunteerProfile,
)
from salam.people.vault.enums import VaultKind
from salam.people.vault.queries import is_empty as vault_is_empty
from salam.people.vault.queries import kinds_held, sample_entry_opens
from salam.places.models import Place
from salam.places.queries import part_within

ADULT_AGE: Final = 18
VOLUNTEER_AGE_MIN: Final = 14
LANGUAGE_PREFIX: Final = "language_"


@dataclass(frozen=True)
class SkillEntry:
    """One active skill as screens and importers need it."""

    code: str
    bit: int
    name_fa: str
    name_en: str
    area_number: int

    @property
    def is_language(self) -> bool:
        """Languages are optional and never counted by place (mission, rule 5)."""
        return self.code.startswith(LANGUAGE_PREFIX)


def list_active_skills() -> list[SkillEntry]:
    """Active skills by bit; at most 64."""
    return [
        SkillEntry(skill.code, skill.bit, skill.name_fa, skill.name_en, skill.area.number)
        for skill in Skill.objects.filter(bit__isnull=False).select_related("area").order_by("bit")
        if skill.bit is not None
    ]


def list_areas() -> QuerySet[Area]:
    """The areas of cooperation in their order."""
    return Area.objects.order_by("number")


def requires_guardian(*, birth_date: date | None, on: date) -> bool:
    """Whether a person is a minor, who is matched only with a guardian's consent."""
    return birth_date is not None and age_years(born_on=birth_date, on=on) < ADULT_AGE


def is_consent_complete(
    *,
    birth_date: date | None,
    given: Collection[str],
    on: date,
) -> bool:
    """Whether consents and age allow matching on a day: without a birth date nobody can say."""
    if birth_date is None or ConsentPurpose.MATCHING not in given:
        return False
    return not requires_guardian(birth_date=birth_date, on=on) or ConsentPurpose.GUARDIAN in given


def last_word_by_purpose(*, person_ids: Collection[int]) -> Mapping[str, bool]:
    """By purpose, whether the last word over all these records was yes; unasked ones are missing.

    A withdrawal goes before a consent given at the same instant, except where the same record gave
    it anew: that is how an older text is replaced.
    """
    renewal = Consent.objects.filter(
        person=OuterRef("person"),
        purpose=OuterRef("purpose"),
        given_at=OuterRef("withdrawn_at"),
        pk__gt=OuterRef("pk"),
    )
    words = (
        Consent.objects.filter(person_id__in=person_ids)
        .order_by()
        .values("purpose")
        .annotate(
            last_given=Max("given_at"),
            last_ended=Max("withdrawn_at", filter=~Exists(renewal)),
        )
    )
    return {
        purpose: ended_at is None or ended_at < given_at
        for purpose, given_at, ended_at in words.values_list("purpose", "last_given", "last_ended")
    }


def lacks_guardian(*, person_id: int, on: date) -> bool:
    """Whether a person is a minor for whom no guardian consents, by any record of the person."""
    records = records_of_person(person_id=person_id)
    birth_dates = Person.objects.filter(pk__in=records).values_list("birth_date", flat=True)
    if not any(requires_guardian(birth_date=birth_date, on=on) for birth_date in birth_dates):
        return False
    return not last_word_by_purpose(person_ids=records).get(ConsentPurpose.GUARDIAN, False)


def canonical_person_id(*, person_id: int) -> int:
    """The record that a merged person lives on in; redirects are one step long."""
    merged_into = (
        Person.objects.filter(pk=person_id).values_list("merged_into_id", flat=True).first()
    )
    return merged_into or person_id


def records_of_person(*, person_id: int) -> list[int]:
    """All records of one person: the canonical one and the duplicates merged into it."""
    canonical = canonical_person_id(person_id=person_id)
    records = Person.objects.filter(Q(pk=canonical) | Q(merged_into_id=canonical))
    return list(records.order_by("pk").values_list("pk", flat=True))


def records_of_people(*, person_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """As :func:`records_of_person`, by each of these ids, for many at once. Two queries."""
    canonical = {
        key: merged_into or key
        for key, merged_into in Person.objects.filter(pk__in=person_ids).values_list(
            "pk", "merged_into_id"
        )
    }
    records = {key: {key} for key in canonical.values()}
    duplicates = Person.objects.filter(merged_into_id__in=records)
    for key, merged_into in duplicates.values_list("pk", "merged_into_id"):
        records[merged_into].add(key)
    return {key: frozenset(records[canonical[key]]) for key in canonical}


def consenting_to_messages(*, person_ids: Collection[int]) -> list[int]:
    """Those of these people who agreed to get messages, ascending; one query.

    The others find what there is to say on their own page.
    """
    agreed = Consent.objects.filter(
        person_id__in=person_ids,
        purpose=ConsentPurpose.MESSAGES,
        withdrawn_at__isnull=True,
    )
    return sorted(set(agreed.values_list("person_id", flat=True)))


def matchable_volunteers(*, on: date) -> QuerySet[VolunteerProfile]:
    """Profiles that may be proposed: active, consenting, with a home, skills and time.

    Minors only with a guardian's consent. Annotated with ``vetting_tier`` (0 when nothing is valid
    on that day). Three subqueries, all by index.
    """
    adult_born_by = born_by(years=ADULT_AGE, on=on)
    vetting = (
        Credential.objects.filter(
            person=OuterRef("person"),
            kind=CredentialKind.VETTING,
            issued_on__lte=on,
            expires_on__gt=on,
        )
        .order_by()
        .values("person")
        .annotate(tier=Max("tier"))
        .values("tier")
    )
    return (
        VolunteerProfile.objects.filter(
            Exists(_live_consent(ConsentPurpose.MATCHING)),
            # Without a birth date nobody can say that the person is of age.
            Q(person__birth_date__lte=adult_born_by)
            | Exists(_live_consent(ConsentPurpose.GUARDIAN)),
            status=VolunteerStatus.ACTIVE,
            weekly_half_days__gt=0,
            person__merged_into__isnull=True,
            person__forgotten_at__isnull=True,
            person__birth_date__isnull=False,
            person__home_place__isnull=False,
        )
        .exclude(skill_bits=0)
        .exclude(half_day_bits=0)
        .annotate(vetting_tier=Coalesce(Subquery(vetting), VettingTier.NONE.value))
    )


class MatchableObstacle(Enum):
    """The first thing that keeps a person out of matching altogether."""

    UNKNOWN = _("چنین داوطلبی پیدا نشد.")
    NOT_ACTIVE = _("هنوز پیشنهاد نمی‌گیرد: دعوت‌شده است، در استراحت است یا انصراف داده.")
    NO_CONSENT = _("برای پیشنهاد گرفتن رضایت نداده است.")
    NO_BIRTH_DATE = _("تاریخ تولدش ثبت نشده و معلوم نیست به سن لازم رسیده باشد.")
    NO_GUARDIAN = _("زیر ۱۸ سال است و رضایت سرپرستش ثبت نشده.")
    NO_HOME = _("محل زندگی‌اش ثبت نشده است.")
    NO_SKILL = _("هنوز مهارتی ثبت نکرده است.")
    NO_TIME = _("هنوز نیم‌روز آزادی ثبت نکرده یا سقف هفتگی‌اش صفر است.")

    @property
    def label(self) -> str:
        return str(self.value)


def matchable_obstacle(*, person_id: int, on: date) -> MatchableObstacle | None:
    """Why a person is not among :func:`matchable_volunteers` on a day; None when the person is."""
    profile = (
        VolunteerProfile.objects.select_related("person")
        .filter(person_id=person_id, person__merged_into__isnull=True)
        .filter(person__forgotten_at__isnull=True)
        .first()
    )
    if profile is None:
        return MatchableObstacle.UNKNOWN
    consents = set(
        Consent.objects.filter(person_id=person_id, withdrawn_at__isnull=True).values_list(
            "purpose",
            flat=True,
        ),
    )
    born_on = profile.person.birth_date
    is_minor = requires_guardian(birth_date=born_on, on=on)
    # In the order in which a person would be told: each is the first that fails.
    obstacles = (
        (MatchableObstacle.NOT_ACTIVE, profile.status != VolunteerStatus.ACTIVE),
        (MatchableObstacle.NO_CONSENT, ConsentPurpose.MATCHING not in consents),
        (MatchableObstacle.NO_BIRTH_DATE, born_on is None),
        (MatchableObstacle.NO_GUARDIAN, is_minor and ConsentPurpose.GUARDIAN not in consents),
        (MatchableObstacle.NO_HOME, profile.person.home_place_id is None),
        (MatchableObstacle.NO_SKILL, profile.skill_bits == 0),
        (MatchableObstacle.NO_TIME, 0 in (profile.half_day_bits, profile.weekly_half_days)),
    )
    return next((obstacle for obstacle, holds in obstacles if holds), None)


def volunteer_counts_by_place(*, province_code: str | None = None) -> Mapping[str, int]:
    """Registered volunteers by province code, or by home place's code within one province.

    Who has no home place stands nowhere.
    """
    profiles = (
        VolunteerProfile.objects.exclude(status=VolunteerStatus.WITHDRAWN)
        .filter(person__home_place__isnull=False)
        .order_by()
    )
    if province_code is None:
        rows = profiles.values_list("province_code").annotate(count=Count("id"))
    else:
        rows = (
            profiles.filter(province_code=province_code)
            .values_list("person__home_place__code")
            .annotate(count=Count("id"))
        )
    return dict(rows)


def volunteer_counts_within(*, path: str) -> Mapping[str, int]:
    """Registered volunteers of a place by the path of its parts, as ``part_within`` says them."""
    profiles = VolunteerProfile.objects.exclude(status=VolunteerStatus.WITHDRAWN).filter(
        person__home_place__path__within=path,
    )
    parts = profiles.order_by().annotate(
        part=part_within(lookup="person__home_place__path", path=path)
    )
    return dict(parts.values_list("part").annotate(count=Count("id")))


def generated_people_exist() -> bool:
    """Whether there are people made up for a demo: wherever they are counted, the page says so."""
    return Person.objects.filter(is_generated=True).exists()


def held_on_person(*, person_id: int) -> Mapping[str, object]:
    """Everything the room holds on a person and the duplicates merged into it, in plain values.

    Of contact data only which kinds there are.
    """
    records = records_of_person(person_id=person_id)
    profiles = VolunteerProfile.objects.filter(person_id__in=records).order_by("person_id")
    return {
        "person": list(
            Person.objects.filter(pk__in=records)
            .order_by("pk")
            .values(
                "given_name",
                "family_name",
                "birth_date",
                "gender",
                "home_place__name",
                "created_at",
                "forgotten_at",
            ),
        ),
        "volunteer": [_volunteer_held(profile) for profile in profiles],
        "consents": list(
            Consent.objects.filter(person_id__in=records)
            .order_by("given_at", "pk")
            .values("purpose", "text_version", "channel", "given_at", "withdrawn_at"),
        ),
        "credentials": list(
            Credential.objects.filter(person_id__in=records)
            .order_by("issued_on", "pk")
            .values("kind", "tier", "issued_on", "expires_on"),
        ),
        "facilitator": list(
            Facilitator.objects.filter(person_id__in=records)
            .annotate(
                served=ArrayAgg(
                    "places__place__name",
                    filter=Q(places__isnull=False),
                    order_by="places__place__sort_key",
                ),
            )
            .order_by("person_id")
            .values("readiness", "certificate_expires_on", "served"),
        ),
        "training": list(
            TrainingRecord.objects.filter(person_id__in=records)
            .order_by("completed_on", "pk")
            .values("course_code", "duration_minutes", "completed_on"),
        ),
        "contact_kinds": kinds_held(person_ids=records),
    }


def _volunteer_held(profile: VolunteerProfile) -> dict[str, object]:
    """A profile with its words of bits said in words."""
    skills = set(numbers_of(to_unsigned(profile.skill_bits)))
    areas = set(numbers_of(profile.area_bits))
    return {
        "status": profile.status,
        "channel": profile.channel,
        "campaign_code": profile.campaign_code,
        "registered_at": profile.registered_at,
        "skills": [skill.name_fa for skill in list_active_skills() if skill.bit in skills],
        "areas": [area.name_fa for area in list_areas() if area.number in areas],
        "half_days": [half_day_name(number) for number in numbers_of(profile.half_day_bits)],
        "weekly_half_days": profile.weekly_half_days,
        "radius_m": profile.radius_m,
        "place_of_service": profile.place_of_service,
    }


@dataclass(frozen=True, kw_only=True)
class OwnConsent:
    """What a person's own page says of one purpose."""

    purpose: ConsentPurpose
    given_at: datetime | None
    """None where it was never given or was taken back."""


@dataclass(frozen=True, kw_only=True)
class OwnProfile:
    """A person as the own page shows it; of contact data only which kinds there are."""

    person_id: int
    code: str
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    home_place: Place | None
    status: VolunteerStatus | None
    """None for somebody of staff who is no volunteer."""
    obstacle: MatchableObstacle | None
    """Why nothing is offered now; None where nothing keeps offers away."""
    has_birth_date: bool
    is_minor: bool
    skill_bits: int
    area_bits: int
    half_day_bits: int
    weekly_half_days: int
    radius_m: int
    place_of_service: PlaceOfService
    consents: Sequence[OwnConsent]
    contact_kinds: Sequence[str]
    """Names of the contact data that the vault holds; none of it is opened."""

    @property
    def is_paused(self) -> bool:
        return self.status is VolunteerStatus.PAUSED

    def agrees_to(self, purpose: ConsentPurpose) -> bool:
        return any(one.given_at is not None for one in self.consents if one.purpose == purpose)


def own_profile(*, actor: Actor, on: date) -> OwnProfile:
    """What the room shows a person on the own page. Raises PermissionRefused for nobody."""
    if actor.person_id is None:
        raise PermissionRefused
    person = (
        Person.objects.select_related("home_place", "volunteer")
        .filter(pk=canonical_person_id(person_id=actor.person_id), forgotten_at__isnull=True)
        .first()
    )
    if person is None:
        raise PermissionRefused
    given = dict(
        Consent.objects.filter(person=person, withdrawn_at__isnull=True).values_list(
            "purpose",
            "given_at",
        ),
    )
    profile = getattr(person, "volunteer", None)
    shown = profile or VolunteerProfile()
    return OwnProfile(
        person_id=person.pk,
        code=code_of(public_id=person.public_id),
        given_name=person.given_name,
        family_name=person.family_name,
        home_place=person.home_place,
        status=VolunteerStatus(profile.status) if profile else None,
        obstacle=matchable_obstacle(person_id=person.pk, on=on),
        has_birth_date=person.birth_date is not None,
        is_minor=requires_guardian(birth_date=person.birth_date, on=on),
        skill_bits=to_unsigned(shown.skill_bits),
        area_bits=shown.area_bits,
        half_day_bits=shown.half_day_bits,
        weekly_half_days=shown.weekly_half_days,
        radius_m=shown.radius_m,
        place_of_service=PlaceOfService(shown.place_of_service),
        consents=[
            OwnConsent(purpose=purpose, given_at=given.get(purpose)) for purpose in ConsentPurpose
        ],
        contact_kinds=[
            str(VaultKind(kind).label)
            for kind in kinds_held(person_ids=records_of_person(person_id=person.pk))
        ],
    )


def own_data(*, actor: Actor) -> Mapping[str, Mapping[str, object]]:
    """Everything that every room holds on the actor, by room. Raises PermissionRefused."""
    if actor.person_id is None:
        raise PermissionRefused
    person_id = canonical_person_id(person_id=actor.person_id)
    return {handler.room: handler.export_for(person_id) for handler in personal_data_handlers()}


def vault_opens() -> bool:
    """Whether this installation's keys open what the vault holds.

    Raises the vault's DomainErrors.
    """
    return sample_entry_opens()


def vault_holds_nothing() -> bool:
    """Whether no contact data have been sealed yet."""
    return vault_is_empty()


def _live_consent(purpose: ConsentPurpose) -> QuerySet[Consent]:
    return Consent.objects.filter(
        person=OuterRef("person"),
        purpose=purpose,
        withdrawn_at__isnull=True,
    )
