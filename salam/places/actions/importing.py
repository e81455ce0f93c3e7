from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.errors import DomainError, InvalidInput
from salam.core.events import NewEvent, record_events
from salam.core.language import any_of
from salam.core.tables import TableRefused, refusals_path, write_refusals
from salam.core.text import shown_digits
from salam.core.verbs import Verb
from salam.places.actions.listed_rows import ListedRow, RefusedRow, read_listed_rows
from salam.places.actions.loading import LIST_IMPORTED
from salam.places.actions.points import h3_cell_of
from salam.places.actions.ranks import COUNTRY_CODE, PARENT_KINDS, SUMMED_KINDS
from salam.places.actions.rows import PlaceRow, new_row, read_rows
from salam.places.actions.writing import (
    Progress,
    insert_places,
    lock_tree,
    settle_tree,
    unheard,
    update_places,
)
from salam.places.enums import PlaceKind, PointSource, PopulationSource
from salam.places.models import Place, PlaceHistory

# A list that would close more than half of a kind is a part of a list, whatever was said of it.
CLOSED_SHARE_MAX: Final = 0.5
CLOSED_COUNT_UNASKED: Final = 20

_ORDER: Final = {kind: rank for rank, kind in enumerate(PARENT_KINDS)}


class ListTooShort(DomainError):
    """A list said to be complete lacks most of what exists."""

    code = "list_too_short"


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What an import came to, or would come to when it was only tried."""

    row_count: int
    inserted: int
    renamed: int
    moved: int
    updated: int
    reopened: int
    closed: int
    unchanged: int
    refused: int
    is_closing_held: bool
    is_dry_run: bool
    errors_path: Path | None

    def __str__(self) -> str:
        counts = (
            (self.inserted, "جای تازه"),
            (self.renamed, "نام تازه"),
            (self.moved, "جابه‌جایی"),
            (self.updated, "به‌روزرسانی"),
            (self.reopened, "بازگشت"),
            (self.closed, "بسته‌شدن"),
            (self.refused, "سطر ردشده"),
        )
        told = "، ".join(f"{shown_digits(count)} {what}" for count, what in counts if count)
        parts = ["آزمایشی: " if self.is_dry_run else "", told or "چیزی عوض نشد", "."]
        if self.is_closing_held:
            parts.append(" تا سطری رد شود، جایی بسته نمی‌شود.")
        return "".join(parts)


@dataclass(frozen=True)
class _EndedVersion:
    """A name and parent that a place had until the list changed them."""

    place: PlaceRow
    valid_from: date | None
    valid_to: date


@dataclass
class _Plan:
    """What is to be written, gathered before the first write."""

    before: dict[str, PlaceRow]
    version_starts: dict[str, date]
    zone_holders: set[str]
    on: date
    new: dict[str, PlaceRow] = field(default_factory=dict)
    changed: dict[str, PlaceRow] = field(default_factory=dict)
    ended: list[_EndedVersion] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    events: list[tuple[str, str]] = field(default_factory=list)

    def current(self, code: str) -> PlaceRow | None:
        """A place as it will stand after the rows read so far."""
        return self.changed.get(code) or self.new.get(code) or self.before.get(code)


def import_places(
    *,
    path: Path,
    actor: Actor,
    on: date,
    dry_run: bool = False,
    complete: bool = False,
    errors_folder: Path | None = None,
    report: Progress = unheard,
) -> ImportResult:
    """Bring in a newer official list (CSV or XLSX), in one transaction.

    New codes are added; a new name or parent is written and the old one kept in PlaceHistory;
    points and populations are taken over where given. With ``complete`` places of the kinds listed
    that the file lacks are closed from ``on``, unless a row was refused: then nothing is closed.
    Refused rows are listed by number in a file beside the input or in ``errors_folder``. The same
    file twice changes nothing. Writes an Event for each renamed, moved or closed place and one for
    the list. Raises PermissionRefused, TableRefused, ListTooShort.
    """
    require(actor, Verb.PLACE_IMPORT, Scope())
    report("خواندن فایل", 0, 1)
    read = list(read_listed_rows(path=path))
    if not read:
        raise TableRefused(_("این فایل جز سرستون‌ها سطری ندارد."))
    report("خواندن فایل", 1, 1)
    rows = [row for row in read if isinstance(row, ListedRow)]
    with transaction.atomic():
        lock_tree()
        plan = _plan(rows, on)
        plan.refused.extend(row for row in read if isinstance(row, RefusedRow))
        if complete and not plan.refused:
            _plan_closing(plan, rows)
        if not dry_run:
            _write(actor, plan, report)
    errors_path = refusals_path(source=path, folder=errors_folder, dry_run=dry_run)
    refused_count = write_refusals(errors_path, [(row.number, row.reason) for row in plan.refused])
    return ImportResult(
        row_count=len(read),
        inserted=len(plan.new),
        renamed=plan.done["renamed"],
        moved=plan.done["moved"],
        updated=plan.done["updated"],
        reopened=plan.done["reopened"],
        closed=len(plan.closed),
        unchanged=plan.done["unchanged"],
        refused=refused_count,
        is_closing_held=complete and bool(plan.refused),
        is_dry_run=dry_run,
        errors_path=errors_path if refused_count else None,
    )


def _plan(rows: Sequence[ListedRow], on: date) -> _Plan:
    codes = {row.code for row in rows} | {row.parent_code for row in rows}
    plan = _Plan(
        before={row.code: row for row in read_rows(codes=codes)},
        version_starts=dict(
            PlaceHistory.objects.filter(place__code__in=codes)
            .values_list("place__code")
            .annotate(Max("valid_to")),
        ),
        zone_holders=set(
            Place.objects.filter(
                parent__code__in=codes,
                is_city_zone=True,
                parent__kind=PlaceKind.CITY,
            ).values_list("parent__code", flat=True),
        ),
        on=on,
    )
    # Parents first, so that a place may stand below one that the same file brings.
    for row in sorted(rows, key=lambda row: (_ORDER[row.kind], len(row.parent_code), row.number)):
        try:
            _plan_row(plan, row)
        except InvalidInput as refusal:
            plan.refused.append(RefusedRow(row.number, refusal.sentence))
    return plan


def _plan_row(plan: _Plan, row: ListedRow) -> None:
    parent = _checked_parent(plan, row)
    existing = plan.before.get(row.code)
    if existing is None:
        plan.new[row.code] = _new_row(row, parent, plan.on)
        _note_zone(plan, plan.new[row.code], parent)
        return
    if existing.kind != row.kind:
        label = PlaceKind(existing.kind).label
        raise InvalidInput(_("این کد در سامانه کد یک {label} است.").format(label=label))
    changed = _changed_row(row, existing, parent)
    if changed == existing:
        plan.done["unchanged"] += 1
        return
    changes_on = row.valid_from or plan.on
    if changed.name != existing.name or changed.parent_code != existing.parent_code:
        _end_version(plan, existing, changes_on)
    plan.changed[row.code] = changed
    _note_zone(plan, changed, parent)
    _count_changes(plan, existing, changed)


def _checked_parent(plan: _Plan, row: ListedRow) -> PlaceRow:
    if row.parent_code == row.code:
        raise InvalidInput(_("کد بالادست همان کد خود این محل است."))
    parent = plan.current(row.parent_code)
    if parent is None:
        raise InvalidInput(_("کد بالادست نه در سامانه هست و نه در این فایل."))
    if parent.kind not in PARENT_KINDS[row.kind]:
        wanted = any_of(kind.label for kind in PARENT_KINDS[row.kind])
        raise InvalidInput(
            _("بالادست {kind} باید {wanted} باشد.").format(kind=row.kind.label, wanted=wanted)
        )
    if parent.valid_to is not None:
        raise InvalidInput(
            _("بالادست آن («{name}») دیگر در فهرست رسمی نیست.").format(name=parent.name)
        )
    if row.kind is PlaceKind.CITY and parent.kind == PlaceKind.CITY:
        # Cities below cities are the one place where a circle could close.
        if parent.is_city_zone:
            raise InvalidInput(_("منطقهٔ شهری زیر منطقهٔ شهری دیگر نمی‌آید."))
        if row.code in plan.zone_holders:
            raise InvalidInput(_("شهری که خود منطقه دارد، منطقهٔ شهر دیگری نمی‌شود."))
    return parent


def _note_zone(plan: _Plan, row: PlaceRow, parent: PlaceRow) -> None:
    if row.is_city_zone and parent.kind == PlaceKind.CITY:
        plan.zone_holders.add(parent.code)


def _new_row(row: ListedRow, parent: PlaceRow, on: date) -> PlaceRow:
    if row.population is not None:
        source = PopulationSource.PUBLISHED
    elif row.kind in SUMMED_KINDS:
        source = PopulationSource.SUM
    else:
        source = PopulationSource.UNKNOWN
    return new_row(
        code=row.code,
        kind=row.kind,
        parent=parent,
        name=row.name,
        point=row.point or parent.point,
        point_source=PointSource.PUBLISHED if row.point else PointSource.PARENT,
        population=row.population,
        population_source=source,
        is_city_zone=parent.kind == PlaceKind.CITY and row.kind is PlaceKind.CITY,
        valid_from=row.valid_from or on,
    )


def _changed_row(row: ListedRow, existing: PlaceRow, parent: PlaceRow) -> PlaceRow:
    """The existing row with what the list says; the path and all below follow in SQL."""
    is_moved = parent.code != existing.parent_code
    named = new_row(
        code=row.code,
        kind=row.kind,
        parent=parent,
        name=row.name,
        point=existing.point,
        point_source=PointSource(existing.point_source),
    )
    changed = replace(
        existing,
        name=named.name,
        name_folded=named.name_folded,
        sort_key=named.sort_key,
        parent_code=parent.code,
        valid_to=None,
        is_city_zone=(
            parent.kind == PlaceKind.CITY and row.kind is PlaceKind.CITY
            if is_moved
            else existing.is_city_zone
        ),
    )
    if row.point is not None and row.point != existing.point:
        changed = replace(
            changed,
            latitude=row.point.latitude,
            longitude=row.point.longitude,
            h3_cell=h3_cell_of(point=row.point),
            point_source=PointSource.PUBLISHED.value,
        )
    if row.population is not None:
        changed = replace(
            changed,
            population=row.population,
            population_source=PopulationSource.PUBLISHED.value,
        )
    return changed


def _end_version(plan: _Plan, existing: PlaceRow, changes_on: date) -> None:
    began_on = plan.version_starts.get(existing.code) or existing.valid_from
    if began_on is not None and changes_on < began_on:
        raise InvalidInput(_("سامانه از این محل چیز تازه‌تری می‌داند؛ این سطر کهنه است."))
    plan.ended.append(_EndedVersion(existing, began_on, changes_on))


def _count_changes(plan: _Plan, existing: PlaceRow, changed: PlaceRow) -> None:
    happened = []
    if changed.name != existing.name:
        happened.append("renamed")
    if changed.parent_code != existing.parent_code:
        happened.append("moved")
    if existing.valid_to is not None:
        happened.append("reopened")
    plan.events.extend((f"places.place_{what}", changed.code) for what in happened)
    plan.done.update(happened or ["updated"])


def _plan_closing(plan: _Plan, rows: Iterable[ListedRow]) -> None:
    """Places of the listed kinds that the list lacks. Raises ListTooShort.

    Zones are a kind of their own here: official lists of cities do not name them.
    """
    listed = {row.code for row in rows}
    kinds = {
        (current.kind, current.is_city_zone)
        for current in map(plan.current, listed)
        if current is not None
    }
    for kind, is_city_zone in sorted(kinds):
        standing = Place.objects.filter(
            kind=kind,
            is_city_zone=is_city_zone,
            valid_to__isnull=True,
        ).exclude(valid_from__gte=plan.on)
        codes = set(standing.values_list("code", flat=True))
        missing = codes - listed
        is_large = len(missing) > CLOSED_COUNT_UNASKED
        if is_large and len(missing) > CLOSED_SHARE_MAX * len(codes):
            raise ListTooShort(
                _(
                    "این فهرست {missing} {kind} از {codes} تا را ندارد "
                    "و کامل به نظر نمی‌رسد؛ چیزی بسته نشد."
                ).format(
                    missing=shown_digits(len(missing)),
                    kind=PlaceKind(kind).label,
                    codes=shown_digits(len(codes)),
                ),
            )
        plan.closed.extend(sorted(missing))
    plan.events.extend(("places.place_closed", code) for code in plan.closed)


def _write(actor: Actor, plan: _Plan, report: Progress) -> None:
    if not (plan.new or plan.changed or plan.closed):
        return
    insert_places(rows=list(plan.new.values()), report=report)
    update_places(rows=list(plan.changed.values()), before=plan.before)
    Place.objects.filter(code__in=plan.closed).update(valid_to=plan.on)
    settle_tree()
    codes = {COUNTRY_CODE} | {code for _name, code in plan.events}
    ids = dict(Place.objects.filter(code__in=codes).values_list("code", "id"))
    PlaceHistory.objects.bulk_create(
        PlaceHistory(
            place_id=ids[version.place.code],
            name=version.place.name,
            parent_code=version.place.parent_code or "",
            valid_from=version.valid_from,
            valid_to=version.valid_to,
        )
        for version in plan.ended
    )
    events = [
        NewEvent(kind, "place", ids[code], {"place_code": code}) for kind, code in plan.events
    ]
    counts = {
        "inserted": len(plan.new),
        "changed": len(plan.changed),
        "closed": len(plan.closed),
        "refused": len(plan.refused),
    }
    events.append(NewEvent(LIST_IMPORTED, "place", ids[COUNTRY_CODE], counts))
    record_events(events=events, actor_id=actor.person_id)
