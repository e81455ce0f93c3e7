"""Existing files come in row by row, resumable; the errors file tells nobody from another."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from salam.core.actors import Stranger
from salam.core.dates import jalali
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.core.tables import TableRefused
from salam.core.text import persian_digits
from salam.people.actions import ImportReport, VolunteerIntake, import_volunteers
from salam.people.actions.importing import HEADINGS
from salam.people.enums import (
    ConsentPurpose,
    Gender,
    PlaceOfService,
    RegistrationChannel,
    VolunteerStatus,
)
from salam.people.models import Consent, Person, VolunteerProfile
from salam.people.queries import matchable_volunteers
from salam.people.vault.enums import VaultKind
from salam.people.vault.models import VaultEntry
from salam.people.vault.queries import open_entry
from tests.cast import NOW, Tree
from tests.people.intake import OPERATOR, made_up_national_id, new_intake, register

TODAY = NOW.date()
KEYS: Final = (
    "given_name",
    "family_name",
    "national_id",
    "phone",
    "birth_date",
    "gender",
    "province",
    "home_place",
    "skills",
    "half_days",
    "weekly_half_days",
    "radius_km",
    "place_of_service",
    "consent",
    "consent_date",
    "guardian_consent",
)
Row = Mapping[str, object]


def row(serial: int, **changes: object) -> dict[str, object]:
    """Somebody who consented last month; ``changes`` replace single cells."""
    values: dict[str, object] = {
        "given_name": "مریم",
        "family_name": "رضایی",
        "national_id": made_up_national_id(serial),
        "phone": f"0912{serial:07d}",
        "birth_date": "1360/05/23",
        "province": "تهران",
        "home_place": "جوانمرد",
        "skills": "قصه‌گویی، آشپزی",
        "half_days": "شنبه صبح، جمعه",
        "consent": "بله",
        "consent_date": jalali(TODAY - timedelta(days=30)),
    }
    return values | changes


def write_csv(folder: Path, rows: Sequence[Row], *, name: str = "people.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS[key][0] for key in KEYS)
        writer.writerows([values.get(key, "") for key in KEYS] for values in rows)
    return path


def write_xlsx(folder: Path, rows: Sequence[Row]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([HEADINGS[key][0] for key in KEYS])
    for values in rows:
        sheet.append([values.get(key) for key in KEYS])
    path = folder / "people.xlsx"
    book.save(path)
    return path


def bring_in(path: Path, **options: Any) -> ImportReport:
    return import_volunteers(
        actor=OPERATOR,
        path=path,
        errors_folder=path.parent / "errors",
        now=NOW,
        **options,
    )


def refused_rows(report: ImportReport) -> dict[int, str]:
    """The errors file by row number."""
    if report.errors_path is None:
        return {}
    with report.errors_path.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["شماره سطر", "دلیل"]
    return {int(number): reason for number, reason in rows}


def phones() -> set[str]:
    entries = VaultEntry.objects.filter(kind=VaultKind.PHONE).values_list("person_id", flat=True)
    return {open_entry(person_id=person_id, kind=VaultKind.PHONE) for person_id in entries}


def test_a_csv_with_persian_headings_and_digits_comes_in(tree: Tree, tmp_path: Path) -> None:
    values = row(
        1,
        given_name="علي",
        family_name="كريمي",
        national_id=persian_digits(made_up_national_id(1)),
        phone="۰۹۱۲ ۰۰۰ ۰۰۰۱",
        birth_date="۱۳۶۰/۵/۲۳",
        gender="مرد",
        weekly_half_days="۲",
        radius_km="۱۲",
        place_of_service="مراکز سازمان",
    )

    report = bring_in(write_csv(tmp_path, [values]))

    assert (report.rows, report.created, report.matchable, report.refused) == (1, 1, 1, 0)
    assert report.errors_path is None
    person = Person.objects.get()
    assert (person.given_name, person.family_name) == ("علی", "کریمی")
    assert person.birth_date is not None
    assert person.birth_date.isoformat() == "1981-08-14"
    assert (person.gender, person.home_place_id) == (Gender.MALE, tree.here.pk)
    profile = person.volunteer
    assert (profile.skill_bits, profile.area_bits) == (1 << 1 | 1 << 42, 1 << 1 | 1 << 11)
    assert profile.half_day_bits == 1 | 0b11 << 12
    assert (profile.weekly_half_days, profile.radius_m) == (2, 12_000)
    assert profile.place_of_service == PlaceOfService.CENTRES
    assert profile.channel == RegistrationChannel.FILE
    assert open_entry(person_id=person.pk, kind=VaultKind.NATIONAL_ID) == made_up_national_id(1)
    assert phones() == {"+989120000001"}


def test_an_xlsx_with_numbers_and_dates_comes_in(tree: Tree, tmp_path: Path) -> None:
    as_numbers = row(
        1,
        national_id=12345679,
        phone=9120000001,
        birth_date=NOW.replace(year=1981, month=8, day=14, tzinfo=None),
        weekly_half_days=3,
    )

    report = bring_in(write_xlsx(tmp_path, [as_numbers, row(2)]))

    assert (report.rows, report.created) == (2, 2)
    first = Person.objects.order_by("pk").first()
    assert first is not None
    assert first.birth_date is not None
    assert first.birth_date.isoformat() == "1981-08-14"
    assert open_entry(person_id=first.pk, kind=VaultKind.NATIONAL_ID) == "0012345679"
    assert phones() == {"+989120000001", "+989120000002"}


def test_phones_are_read_in_all_their_forms(tree: Tree, tmp_path: Path) -> None:
    forms = ["09120000001", "+989120000002", "00989120000003", "989120000004", "9120000005"]

    report = bring_in(
        write_csv(tmp_path, [row(n, phone=form) for n, form in enumerate(forms, start=1)]),
    )

    assert report.created == 5
    assert phones() == {f"+98912000000{number}" for number in range(1, 6)}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"given_name": ""}, "نام خالی"),
        ({"given_name": "<script>alert(1)</script>"}, "نام نویسه"),
        ({"family_name": "\u202eرضا"}, "نام خانوادگی نویسه"),
        ({"national_id": "0012345678"}, "کد ملی درست نیست"),
        ({"national_id": "12"}, "ده رقم"),
        ({"phone": ""}, "شمارهٔ همراه خوانده نشد"),
        ({"phone": "02188776655"}, "ثابت"),
        ({"birth_date": "1360/13/40"}, "چنین روزی"),
        ({"birth_date": jalali(TODAY + timedelta(days=1))}, "آینده"),
        ({"birth_date": jalali(TODAY - timedelta(days=3650))}, "۱۴ سالگی"),
        ({"gender": "نامعلوم"}, "جنسیت خوانده نشد"),
        ({"home_place": "هیچ‌کجا"}, "پیدا نشد"),
        ({"home_place": ""}, "محل سکونت خالی"),
        ({"province": "ناکجا"}, "^استان در فهرست رسمی نیست"),
        ({"skills": "قصه‌گویی، پرواز"}, "مهارت ۲ "),
        ({"half_days": "شنبه صبح، دوشنبه ظهر"}, "نیم‌روز ۲ "),
        ({"weekly_half_days": "زیاد"}, "سقف هفتگی باید"),
        ({"weekly_half_days": "15"}, "سقف هفتگی باید میان"),
        ({"place_of_service": "خانه"}, "محل خدمت خوانده نشد"),
        ({"consent_date": jalali(TODAY + timedelta(days=2))}, "تاریخ رضایت"),
    ],
)
def test_a_bad_row_is_refused_by_number_and_reason(
    tree: Tree,
    tmp_path: Path,
    changes: dict[str, str],
    reason: str,
) -> None:
    report = bring_in(write_csv(tmp_path, [row(1), row(2, **changes), row(3)]))

    assert (report.rows, report.created, report.refused) == (3, 2, 1)
    refused = refused_rows(report)
    assert list(refused) == [3]
    assert re.search(reason, refused[3])


def test_the_errors_file_tells_nobody_from_another(tree: Tree, tmp_path: Path) -> None:
    """Columns that slipped put names and numbers where skills and provinces are expected."""
    name, phone, national_id = "پروانه نیلوفری", "09351112233", made_up_national_id(77)
    secrets = (name, phone, national_id)
    slipped = [
        row(number, **{column: secret})
        for number, (column, secret) in enumerate(
            [
                (column, secret)
                for column in KEYS
                if column not in {"given_name", "family_name"}
                for secret in secrets
            ],
            start=1,
        )
    ]
    known = row(500)
    register(new_intake(tree.here, phone="+989120000500", national_id=known["national_id"]))

    report = bring_in(write_csv(tmp_path, [*slipped, known | {"given_name": name}]))

    assert report.errors_path is not None
    assert report.refused > 20
    assert report.differing == 1
    text = report.errors_path.read_text(encoding="utf-8-sig")
    assert not [secret for secret in (*secrets, "نیلوفری", phone[1:]) if secret in text]
    # The only long number is the one that shows how a phone number is written.
    assert set(re.findall(r"\d{5,}", text)) == {"۰۹۱۲۳۴۵۶۷۸۹"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_formula_reaches_the_errors_file(tree: Tree, tmp_path: Path, start: str) -> None:
    formula = f"{start}HYPERLINK(0)"
    rows = [row(number, **{key: formula}) for number, key in enumerate(KEYS[2:], start=1)]

    report = bring_in(write_csv(tmp_path, rows))

    assert report.refused >= 10
    assert report.errors_path is not None
    assert "HYPERLINK" not in report.errors_path.read_text(encoding="utf-8-sig")
    assert not [why for why in refused_rows(report).values() if why[0] in "=+-@\t\r"]


def test_the_same_file_twice_changes_nothing(tree: Tree, tmp_path: Path) -> None:
    path = write_csv(tmp_path, [row(number) for number in range(1, 21)])
    first = bring_in(path, chunk_rows=7)
    counts = row_counts()

    second = bring_in(path, chunk_rows=6)

    assert (first.created, first.known) == (20, 0)
    assert (second.created, second.known, second.differing, second.refused) == (0, 20, 0, 0)
    assert row_counts() == counts


def test_a_run_that_was_killed_goes_on_where_it_stopped(tree: Tree, tmp_path: Path) -> None:
    path = write_csv(tmp_path, [*(row(number) for number in range(1, 21)), row(21, given_name="")])

    def stop_after_ten(rows: int) -> None:
        if rows == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(path, report=stop_after_ten, chunk_rows=5)
    assert Person.objects.count() == 10

    report = bring_in(path, chunk_rows=5)

    assert (report.rows, report.created, report.known, report.refused) == (21, 10, 10, 1)
    assert Person.objects.count() == 20
    assert list(refused_rows(report)) == [22]


def test_progress_is_heard_after_each_chunk(tree: Tree, tmp_path: Path) -> None:
    heard: list[int] = []

    bring_in(
        write_csv(tmp_path, [row(number) for number in range(1, 13)]),
        report=heard.append,
        chunk_rows=5,
    )

    assert heard == [5, 10, 12]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(tree: Tree, tmp_path: Path) -> None:
    rows = [*(row(number) for number in range(1, 8)), row(1), row(9, given_name="")]
    path = write_csv(tmp_path, rows)
    counts = row_counts()

    tried = bring_in(path, dry_run=True, chunk_rows=3)
    assert row_counts() == counts
    done = bring_in(path, chunk_rows=3)

    assert tried.is_dry_run
    for report in (tried, done):
        assert (report.created, report.known, report.refused) == (7, 1, 1)
        assert report.matchable == 7
        assert list(refused_rows(report)) == [10]


def test_an_errors_file_is_taken_away_once_all_is_mended(tree: Tree, tmp_path: Path) -> None:
    bad = bring_in(write_csv(tmp_path, [row(1, given_name="")]))
    assert bad.errors_path is not None
    assert bad.errors_path.exists()

    good = bring_in(write_csv(tmp_path, [row(1)]))

    assert good.errors_path is None
    assert not bad.errors_path.exists()


def test_people_of_older_lists_come_in_invited(tree: Tree, tmp_path: Path) -> None:
    old = jalali(TODAY - timedelta(days=366))
    path = write_csv(
        tmp_path,
        [
            row(1, consent="", consent_date=""),
            row(2, consent="خیر"),
            row(3, consent_date=""),
            row(4, consent_date=old),
            row(5, consent_date=jalali(TODAY - timedelta(days=365))),
            row(6, skills=""),
            row(7, birth_date="1390/01/01"),
            row(8, birth_date="1390/01/01", guardian_consent="بله"),
        ],
    )

    report = bring_in(path)

    people = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    statuses = dict(VolunteerProfile.objects.values_list("person_id", "status"))
    assert [statuses[key] for key in people] == [
        *[VolunteerStatus.INVITED] * 4,
        *[VolunteerStatus.ACTIVE] * 2,
        VolunteerStatus.INVITED,
        VolunteerStatus.ACTIVE,
    ]
    matchable = set(matchable_volunteers(on=TODAY).values_list("person_id", flat=True))
    assert matchable == {people[4], people[7]}
    assert report.matchable == 2
    assert not Consent.objects.filter(person_id__in=people[:4]).exists()
    assert Consent.objects.filter(purpose=ConsentPurpose.GUARDIAN).count() == 1
    given = Consent.objects.filter(person_id=people[4]).values_list("given_at", flat=True)
    assert {NOW - at for at in given} == {timedelta(days=365, hours=12)}


def test_what_differs_from_the_record_is_listed_and_not_changed(tree: Tree, tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, [row(1)]))

    report = bring_in(write_csv(tmp_path, [row(1, given_name="زهرا", phone="09351112233")]))

    assert (report.known, report.differing, report.refused) == (1, 1, 0)
    assert "نام و شمارهٔ تلفن" in refused_rows(report)[2]
    assert Person.objects.get().given_name == "مریم"


@pytest.mark.parametrize("missing", ["given_name", "family_name", "phone", "home_place"])
def test_a_missing_column_stops_everything_before_any_write(
    tree: Tree,
    tmp_path: Path,
    missing: str,
) -> None:
    path = tmp_path / "people.csv"
    kept = [key for key in KEYS if key != missing]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS[key][0] for key in kept)
        writer.writerow(row(1).get(key, "") for key in kept)

    with pytest.raises(TableRefused, match=f"«{HEADINGS[missing][0]}»"):
        bring_in(path)
    assert not Person.objects.exists()
    assert not (tmp_path / "errors").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "خالی"),
        ("نام,نام خانوادگی,تلفن همراه\nعلی".encode("cp1256", "replace"), "UTF-8"),
        (b"\x00\x01" * 100, "جدول نیست"),
        (b"PK\x03\x04 not a workbook", "باز نمی‌شود"),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    tree: Tree,
    tmp_path: Path,
    content: bytes,
    reason: str,
) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)

    with pytest.raises(TableRefused, match=reason):
        bring_in(path)
    with pytest.raises(TableRefused, match="پیدا نشد"):
        bring_in(tmp_path / "nothing.csv")
    assert not Person.objects.exists()


def test_headings_alone_bring_nobody(tree: Tree, tmp_path: Path) -> None:
    report = bring_in(write_csv(tmp_path, []))

    assert (report.rows, report.created, report.errors_path) == (0, 0, None)


def test_a_huge_cell_and_a_huge_file_do_no_harm(tree: Tree, tmp_path: Path) -> None:
    report = bring_in(write_csv(tmp_path, [row(1, given_name="ا" * 100_000), row(2)]))

    assert (report.created, report.refused) == (1, 1)
    assert "بلندتر" in refused_rows(report)[2]

    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(300 << 20)
    with pytest.raises(TableRefused, match="بزرگ‌تر"):
        bring_in(huge)


def test_only_who_may_imports(tree: Tree, tmp_path: Path) -> None:
    path = write_csv(tmp_path, [row(1)])

    with pytest.raises(PermissionRefused):
        import_volunteers(actor=Stranger(), path=path, errors_folder=tmp_path, now=NOW)
    assert not Person.objects.exists()


def test_a_file_and_a_screen_make_the_same_person(tree: Tree, tmp_path: Path) -> None:
    intake: VolunteerIntake = new_intake(
        tree.here,
        phone="+989120000001",
        national_id=made_up_national_id(1),
        given_name="مریم",
        family_name="رضایی",
    )
    register(intake)

    report = bring_in(write_csv(tmp_path, [row(1, birth_date=jalali(intake.birth_date))]))  # type: ignore[arg-type]

    assert (report.created, report.known, report.differing) == (0, 1, 0)


def row_counts() -> dict[str, int]:
    models = (Person, VolunteerProfile, Consent, VaultEntry, Event)
    return {model.__name__: model.objects.count() for model in models}
