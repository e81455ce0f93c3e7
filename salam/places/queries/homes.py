"""Finding the home place that a list of people names, many thousand times in a row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from salam.core.errors import InvalidInput
from salam.core.text import ascii_digits, fold_tight
from salam.places.enums import HOME_KINDS, PlaceKind
from salam.places.models import Place

_AREA_KINDS: Final = (PlaceKind.PROVINCE, PlaceKind.COUNTY)


@dataclass(frozen=True, slots=True)
class HomePlace:
    """What is kept of a home: its key, its code and the key of its province."""

    id: int
    code: str
    province_code: str
    kind: str
    county_code: str
    is_city_zone: bool


class HomePlaces:
    """All cities, villages and neighbourhoods in memory, by code and by name."""

    def __init__(self, *, homes: list[tuple[str, HomePlace]], areas: dict[str, set[str]]) -> None:
        self._by_code = {home.code: home for _name, home in homes}
        self._by_name: dict[str, list[HomePlace]] = defaultdict(list)
        for name, home in homes:
            self._by_name[name].append(home)
        self._areas = areas

    def find(self, *, code: str, province: str, county: str, name: str) -> HomePlace:
        """One home by its code, else by its name inside a county and province.

        A city goes before a village of its name. Raises InvalidInput when nothing or more than
        one place fits, with a sentence that says what to add.
        """
        if code:
            return self._find_code(ascii_digits(code).strip().lower())
        if not name:
            raise InvalidInput(_("محل سکونت خالی است؛ نام شهر یا روستا یا کد محل را بنویسید."))
        candidates = self._by_name.get(_bare(name, "شهر", "روستای", "محله"), [])
        if province:
            within = self._area_codes(province, "استان", kind=PlaceKind.PROVINCE)
            candidates = [home for home in candidates if home.province_code in within]
        if county:
            within = self._area_codes(county, "شهرستان", kind=PlaceKind.COUNTY)
            candidates = [home for home in candidates if home.county_code in within]
        return _only(candidates)

    def _find_code(self, code: str) -> HomePlace:
        for width in (len(code), 10, 16):
            home = self._by_code.get(code.zfill(width))
            if home is not None:
                return home
        raise InvalidInput(_("کد محل در فهرست شهرها، روستاها و محله‌ها نیست."))

    def _area_codes(self, name: str, word: str, *, kind: PlaceKind) -> set[str]:
        codes = self._areas.get(f"{kind}:{_bare(name, word)}", set())
        if not codes:
            raise InvalidInput(
                _("{word} «{name}» در فهرست رسمی نیست.").format(word=kind.label, name=name[:40])
            )
        return codes


def home_places() -> HomePlaces:
    """Load what HomePlaces needs, in two queries (about a second for the whole country)."""
    existing = Place.objects.filter(valid_to__isnull=True)
    areas: dict[str, set[str]] = defaultdict(set)
    for kind, name, code in existing.filter(kind__in=_AREA_KINDS).values_list(
        "kind",
        "name_folded",
        "code",
    ):
        areas[f"{kind}:{name}"].add(code)
    rows = existing.filter(kind__in=HOME_KINDS).values_list(
        "name_folded",
        "id",
        "code",
        "province_code",
        "kind",
        "path",
        "is_city_zone",
    )
    homes = [
        (name, HomePlace(pk, code, province_code, kind, path.split(".")[2], is_city_zone))
        for name, pk, code, province_code, kind, path, is_city_zone in rows.iterator(20_000)
    ]
    return HomePlaces(homes=homes, areas=areas)


def _bare(name: str, *words: str) -> str:
    """The folded name, without the word for its kind where one was typed before it."""
    for word in words:
        if name.startswith(f"{word} "):
            name = name.removeprefix(f"{word} ")
            break
    return fold_tight(name)


def _only(candidates: list[HomePlace]) -> HomePlace:
    for kind in HOME_KINDS:
        namesakes = [home for home in candidates if home.kind == kind]
        if len(namesakes) == 1:
            return namesakes[0]
        if namesakes:
            raise InvalidInput(
                _("چند جا با این نام هست؛ شهرستان یا کد محل را هم بنویسید."),
            )
    raise InvalidInput(
        _("این محل سکونت در فهرست رسمی پیدا نشد؛ نام را ببینید یا کد محل را بنویسید.")
    )
