"""Phone, national ID and address can be read in no table and no log line."""

from __future__ import annotations

from django.db import connection

from salam.people.actions.recognition import KnownPeople
from salam.people.vault.enums import VaultKind
from salam.people.vault.models import VaultEntry
from tests.cast import Tree
from tests.people.intake import new_intake, register


def test_contact_data_are_not_printed(tree: Tree) -> None:
    intake = new_intake(tree.here, address="کوچهٔ یکم")

    for secret in (intake.phone, intake.national_id, intake.address):
        assert secret not in repr(intake)


def test_nobody_is_named_where_an_intake_is_printed(tree: Tree) -> None:
    intake = new_intake(tree.here, national_id="0012345679")
    register_of_people = KnownPeople()
    keys = register_of_people.keys_of(
        name=intake.given_name + intake.family_name,
        phone=intake.phone,
        national_id=intake.national_id,
    )
    known = register_of_people.add(keys, birth_date=intake.birth_date)

    printed = repr((intake, keys, known))

    for told in ("مریم", "رضایی", "1985", "0012345679", repr(keys.phone), repr(keys.national_id)):
        assert told not in printed


def test_planted_secrets_stand_in_no_table(tree: Tree) -> None:
    intake = new_intake(tree.here, address="خیابان پلاک‌گذاری‌شده", national_id="0012345679")
    register(intake, new_intake(tree.here))
    secrets = [intake.phone, intake.phone[3:], intake.national_id, intake.address]

    assert where_readable(secrets) == set()
    assert where_readable(["رضایی"]) == {"people_person.family_name"}


def test_the_scan_for_secrets_can_find_one(tree: Tree) -> None:
    intake = new_intake(tree.here)
    [outcome] = register(intake)
    VaultEntry.objects.filter(person_id=outcome.person_id, kind=VaultKind.PHONE).update(
        ciphertext=intake.phone.encode(),
    )

    assert where_readable([intake.phone]) == {"vault_vaultentry.ciphertext"}


def where_readable(secrets: list[str]) -> set[str]:
    """All columns of all tables in which one of the texts stands, as text or as bytes."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type IN "
            "('text', 'character varying', 'bytea', 'jsonb', 'json', 'ARRAY', 'USER-DEFINED')",
        )
        for table, column, data_type in cursor.fetchall():
            name = f'"{column}"'
            readable = f"encode({name}, 'escape')" if data_type == "bytea" else f"{name}::text"
            for secret in secrets:
                needle = escaped(secret) if data_type == "bytea" else secret
                cursor.execute(
                    f'SELECT EXISTS (SELECT 1 FROM "{table}" '  # noqa: S608 - names from the catalogue
                    f"WHERE strpos({readable}, %s) > 0)",
                    [needle],
                )
                if cursor.fetchone()[0]:
                    found.add(f"{table}.{column}")
    return found


def escaped(text: str) -> str:
    """Bytes as PostgreSQL's escape format writes them."""
    return "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in text.encode())
