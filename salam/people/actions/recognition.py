"""Who is known already: by national ID, else by phone, name and birth date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from salam.core.text import fold_tight
from salam.people.models import Person
from salam.people.vault.enums import VaultKind
from salam.people.vault.queries import current_cipher, lookups_of, owners_of


@dataclass(frozen=True, slots=True)
class IntakeKeys:
    """By what one intake is recognised: keyed hashes and the folded name."""

    name: str = field(repr=False)
    phone: bytes = field(repr=False)
    national_id: bytes | None = field(repr=False)
    other_id: bytes | None = field(default=None, repr=False)

    @property
    def identifiers(self) -> list[bytes]:
        return [one for one in (self.national_id, self.other_id) if one is not None]

    @property
    def lookups(self) -> list[bytes]:
        return [self.phone, *self.identifiers]


@dataclass(slots=True, eq=False)
class KnownPerson:
    """One record as far as recognising goes; ``person_id`` is where a merged record lives on."""

    person_id: int
    name: str = field(repr=False)
    birth_date: date | None = field(repr=False)
    national_ids: set[bytes] = field(default_factory=set, repr=False)
    other_ids: set[bytes] = field(default_factory=set, repr=False)
    phones: set[bytes] = field(default_factory=set, repr=False)

    def differing(self, keys: IntakeKeys, *, birth_date: date | None) -> tuple[str, ...]:
        """What new data say otherwise, or first: the record is not touched, so somebody must."""
        differs = []
        if self.name != keys.name:
            differs.append(_("نام"))
        if birth_date is not None and birth_date != self.birth_date:
            differs.append(_("تاریخ تولد"))
        if keys.phone not in self.phones:
            differs.append(_("شمارهٔ تلفن"))
        if keys.national_id is not None and keys.national_id not in self.national_ids:
            differs.append(_("کد ملی"))
        if keys.other_id is not None and keys.other_id not in self.other_ids:
            differs.append(_("شناسهٔ دیگر"))
        return tuple(differs)


class KnownPeople:
    """The people of the vault and of the intakes seen so far, as far as they were asked for.

    Somebody is known by national ID or by an identifier of another kind. Without one on either
    side, the same phone, name and (where both tell it) birth date make the same person; a phone
    alone is shared by families. Two different national IDs are two people, whatever else they
    share.
    """

    def __init__(self) -> None:
        self._cipher = current_cipher()
        self._records: dict[int, KnownPerson] = {}
        self._by_phone: dict[bytes, list[KnownPerson]] = {}
        # National IDs and others: a keyed hash tells the kinds apart.
        self._by_identifier: dict[bytes, KnownPerson] = {}

    def keys_of(
        self,
        *,
        name: str,
        phone: str,
        national_id: str,
        other_id: str = "",
    ) -> IntakeKeys:
        return IntakeKeys(
            name=fold_tight(name),
            phone=self._cipher.lookup(kind=VaultKind.PHONE, value=phone),
            national_id=self._cipher.lookup(kind=VaultKind.NATIONAL_ID, value=national_id)
            if national_id
            else None,
            other_id=self._cipher.lookup(kind=VaultKind.OTHER_ID, value=other_id)
            if other_id
            else None,
        )

    def look_up(self, keys: Iterable[IntakeKeys]) -> None:
        """Load whoever has one of these phones or national IDs. One query where nobody has."""
        found = owners_of(lookups={lookup for key in keys for lookup in key.lookups})
        wanted = found - self._records.keys()
        if not wanted:
            return
        phones: dict[int, set[bytes]] = {}
        national_ids: dict[int, set[bytes]] = {}
        other_ids: dict[int, set[bytes]] = {}
        loaded: dict[int, KnownPerson] = {}
        rows = Person.objects.filter(pk__in=wanted).order_by("pk")
        for record_id, merged_into_id, given, family, birth_date in rows.values_list(
            "pk",
            "merged_into_id",
            "given_name",
            "family_name",
            "birth_date",
        ):
            # What a duplicate brought belongs to the record that was kept, too.
            person_id = merged_into_id or record_id
            loaded[record_id] = KnownPerson(
                person_id,
                fold_tight(given + family),
                birth_date,
                national_ids.setdefault(person_id, set()),
                other_ids.setdefault(person_id, set()),
                phones.setdefault(person_id, set()),
            )
        for record_id, kind, lookup in lookups_of(person_ids=wanted):
            if kind == VaultKind.PHONE:
                self._by_phone.setdefault(lookup, []).append(loaded[record_id])
                loaded[record_id].phones.add(lookup)
            elif kind == VaultKind.NATIONAL_ID:
                self._by_identifier[lookup] = loaded[record_id]
                loaded[record_id].national_ids.add(lookup)
            elif kind == VaultKind.OTHER_ID:
                self._by_identifier[lookup] = loaded[record_id]
                loaded[record_id].other_ids.add(lookup)
        self._records |= loaded

    def find(self, keys: IntakeKeys, *, birth_date: date | None) -> KnownPerson | None:
        """The record of the person who hands these in, if there is one."""
        for identifier in keys.identifiers:
            if identifier in self._by_identifier:
                return self._by_identifier[identifier]
        for known in self._by_phone.get(keys.phone, ()):
            is_born_alike = None in (known.birth_date, birth_date) or known.birth_date == birth_date
            is_another = (keys.national_id is not None and bool(known.national_ids)) or (
                keys.other_id is not None and bool(known.other_ids)
            )
            if known.name == keys.name and is_born_alike and not is_another:
                return known
        return None

    def add(self, keys: IntakeKeys, *, birth_date: date | None) -> KnownPerson:
        """Remember a newcomer, whose number follows when the record is written."""
        known = KnownPerson(0, keys.name, birth_date, phones={keys.phone})
        self._by_phone.setdefault(keys.phone, []).append(known)
        if keys.national_id is not None:
            known.national_ids.add(keys.national_id)
            self._by_identifier[keys.national_id] = known
        if keys.other_id is not None:
            known.other_ids.add(keys.other_id)
            self._by_identifier[keys.other_id] = known
        return known
