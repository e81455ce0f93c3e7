"""What is sealed opens with its own key, for its own person, or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salam.people.queries import vault_holds_nothing, vault_opens
from salam.people.vault.actions import (
    VaultInput,
    ensure_key,
    erase_entries,
    replace_entry,
    store_entries,
)
from salam.people.vault.cipher import Cipher, VaultEntryDamaged
from salam.people.vault.enums import VaultKind
from salam.people.vault.keys import (
    KeyRing,
    VaultKeyMissing,
    VaultKeyOutOfReach,
    VaultKeyUnreadable,
    key_ring,
    make_key_file,
)
from salam.people.vault.models import VaultEntry
from salam.people.vault.queries import VaultEntryMissing, open_entry
from tests.cast import make_person
from tests.people.intake import registered

PHONE, NATIONAL_ID = VaultKind.PHONE, VaultKind.NATIONAL_ID
RING = KeyRing(1, {1: b"1" * 32}, b"l" * 32)


@pytest.fixture
def key_file(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A place for a key of this test alone."""
    settings.SALAM_VAULT_KEY_FILE = tmp_path / "keys" / "vault.key"
    key_ring.cache_clear()
    yield settings.SALAM_VAULT_KEY_FILE
    key_ring.cache_clear()


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """A folder that this process cannot look into, whoever runs the tests."""
    user = os.geteuid()
    folder.chmod(0)
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o700)


@given(st.text(), st.integers(1, 1 << 60), st.sampled_from(VaultKind))
def test_what_is_sealed_opens_and_is_never_sealed_alike(
    value: str,
    person_id: int,
    kind: VaultKind,
) -> None:
    cipher = Cipher(RING)
    sealed = cipher.seal(person_id=person_id, kind=kind, value=value)

    assert cipher.open(person_id=person_id, kind=kind, key_number=1, ciphertext=sealed) == value
    assert cipher.seal(person_id=person_id, kind=kind, value=value) != sealed


@given(st.integers(0, 39), st.integers(1, 255))
def test_one_changed_byte_is_noticed(position: int, change: int) -> None:
    cipher = Cipher(RING)
    sealed = bytearray(cipher.seal(person_id=1, kind=PHONE, value="+989123456789"))
    sealed[position] ^= change

    with pytest.raises(VaultEntryDamaged):
        cipher.open(person_id=1, kind=PHONE, key_number=1, ciphertext=bytes(sealed))


@pytest.mark.parametrize("length", [0, 5, 11, 12, 27])
def test_bytes_cut_off_are_noticed(length: int) -> None:
    cipher = Cipher(RING)
    sealed = cipher.seal(person_id=1, kind=PHONE, value="+989123456789")

    with pytest.raises(VaultEntryDamaged):
        cipher.open(person_id=1, kind=PHONE, key_number=1, ciphertext=sealed[:length])


@pytest.mark.parametrize(
    ("person_id", "kind", "key_number"),
    [(2, PHONE, 1), (1, NATIONAL_ID, 1), (1, PHONE, 2)],
)
def test_another_person_kind_or_key_does_not_open_it(
    person_id: int,
    kind: VaultKind,
    key_number: int,
) -> None:
    sealed = Cipher(RING).seal(person_id=1, kind=PHONE, value="+989123456789")

    with pytest.raises(VaultEntryDamaged):
        Cipher(RING).open(
            person_id=person_id,
            kind=kind,
            key_number=key_number,
            ciphertext=sealed,
        )


def test_a_renewed_key_seals_and_the_old_one_still_opens() -> None:
    old = Cipher(RING).seal(person_id=1, kind=PHONE, value="+989123456789")
    renewed = Cipher(KeyRing(2, {1: b"1" * 32, 2: b"2" * 32}, b"l" * 32))

    assert renewed.key_number == 2
    assert renewed.open(person_id=1, kind=PHONE, key_number=1, ciphertext=old) == "+989123456789"


def test_hashes_depend_on_kind_and_key() -> None:
    other = Cipher(KeyRing(1, RING.encryption, b"m" * 32))
    hashes = {
        Cipher(RING).lookup(kind=PHONE, value="1"),
        Cipher(RING).lookup(kind=NATIONAL_ID, value="1"),
        Cipher(RING).lookup(kind=PHONE, value="2"),
        other.lookup(kind=PHONE, value="1"),
    }

    assert len(hashes) == 4


@pytest.mark.django_db
def test_rows_swapped_in_the_table_do_not_open(key_file: Path) -> None:
    ensure_key()
    one, other = make_person(), make_person()
    store_entries(
        entries=[VaultInput(one.pk, PHONE, "+989121111111"), VaultInput(other.pk, PHONE, "x")],
    )
    theirs = VaultEntry.objects.get(person=other).ciphertext

    VaultEntry.objects.filter(person=one).update(ciphertext=theirs)

    with pytest.raises(VaultEntryDamaged):
        open_entry(person_id=one.pk, kind=PHONE)
    assert open_entry(person_id=other.pk, kind=PHONE) == "x"


@pytest.mark.django_db
def test_an_entry_is_replaced_and_erased(key_file: Path) -> None:
    ensure_key()
    person = make_person()
    for phone in ("+989121111111", "+989122222222"):
        replace_entry(entry=VaultInput(person.pk, PHONE, phone))

    assert open_entry(person_id=person.pk, kind=PHONE) == "+989122222222"
    assert erase_entries(person_id=person.pk) == 1
    with pytest.raises(VaultEntryMissing):
        open_entry(person_id=person.pk, kind=PHONE)


@pytest.mark.django_db
def test_the_first_key_is_made_for_its_owner_alone(key_file: Path) -> None:
    assert ensure_key()
    before = key_file.read_bytes()

    assert not ensure_key()

    assert key_file.read_bytes() == before
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert [path.name for path in key_file.parent.iterdir()] == ["vault.key"]
    with pytest.raises(FileExistsError):
        make_key_file(path=key_file)


@pytest.mark.django_db
def test_the_draft_of_a_process_that_died_is_cleared_away(key_file: Path) -> None:
    key_file.parent.mkdir()
    draft = key_file.with_name(".vault.key.draft")
    draft.write_text("encrypt:1:")
    os.link(draft, key_file.with_name("kept.bak"))

    assert ensure_key()

    assert {path.name for path in key_file.parent.iterdir()} == {"vault.key", "kept.bak"}
    assert key_file.with_name("kept.bak").read_text() == "encrypt:1:"
    assert key_file.stat().st_nlink == 1
    assert key_ring(key_file).current_number == 1


def test_of_many_who_make_a_key_at_once_one_does(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "vault.key"

    def make(_: int) -> bool:
        try:
            make_key_file(path=path)
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(8)))

    assert made.count(True) == 1
    assert [file.name for file in path.parent.iterdir()] == ["vault.key"]


@pytest.mark.django_db
@pytest.mark.parametrize("held", [[], ["vault.key"]])
def test_a_closed_folder_is_told_so(key_file: Path, held: list[str]) -> None:
    key_file.parent.mkdir()
    for name in held:
        make_key_file(path=key_file.with_name(name))

    with closed(key_file.parent):
        with pytest.raises(VaultKeyOutOfReach, match="اجازه"):
            ensure_key()
        with pytest.raises(VaultKeyOutOfReach):
            key_ring(key_file)


@pytest.mark.django_db
def test_a_file_where_the_folder_should_be_is_told_so(key_file: Path) -> None:
    key_file.parent.write_text("")

    with pytest.raises(VaultKeyOutOfReach):
        ensure_key()


@pytest.mark.django_db
def test_a_key_behind_a_link_is_made_where_the_link_leads(key_file: Path, settings: Any) -> None:
    (key_file.parent.parent / "linked").symlink_to(key_file)
    settings.SALAM_VAULT_KEY_FILE = key_file.parent.parent / "linked"

    assert ensure_key()

    assert key_file.is_file()
    assert settings.SALAM_VAULT_KEY_FILE.is_symlink()


def test_keys_are_not_printed(tmp_path: Path) -> None:
    make_key_file(path=tmp_path / "vault.key")
    ring = key_ring(tmp_path / "vault.key")

    assert repr(ring) == "KeyRing(current_number=1)"
    assert len({ring.lookup, *ring.encryption.values()}) == 2
    assert "0912" not in repr(VaultInput(1, PHONE, "09121111111"))


@pytest.mark.django_db
def test_a_missing_key_is_not_made_anew_over_a_filled_vault(key_file: Path) -> None:
    ensure_key()
    replace_entry(entry=VaultInput(make_person().pk, PHONE, "+989121111111"))
    kept = key_file.rename(key_file.with_name("elsewhere"))

    with pytest.raises(VaultKeyMissing, match="برگردانید"):
        ensure_key()
    key_ring.cache_clear()
    with pytest.raises(VaultKeyMissing):
        vault_opens()

    assert not key_file.exists()
    kept.rename(key_file)
    assert not ensure_key()


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", ["encrypt", "lookup"])
def test_another_installations_key_is_noticed_before_it_seals(
    key_file: Path,
    purpose: str,
) -> None:
    ensure_key()
    replace_entry(entry=VaultInput(make_person().pk, PHONE, "+989121111111"))
    own = key_file.read_text().splitlines()
    make_key_file(path=key_file.with_name("other"))
    others = key_file.with_name("other").read_text().splitlines()

    mixed = [
        theirs if line.startswith(purpose) else line
        for line, theirs in zip(own, others, strict=True)
    ]
    key_file.write_text("\n".join(mixed))
    key_ring.cache_clear()

    with pytest.raises(VaultEntryDamaged):
        ensure_key()
    with pytest.raises(VaultEntryDamaged):
        vault_opens()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"encrypt:1:AAAA",
        b"encrypt:1",
        b"lookup:1:" + b"A" * 43 + b"=",
        b"encrypt:x:" + b"A" * 43 + b"=",
        b"\xff\xfe",
    ],
)
def test_a_damaged_key_file_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vault.key"
    path.write_bytes(content)

    with pytest.raises(VaultKeyUnreadable, match="خراب"):
        key_ring(path)


@pytest.mark.django_db
def test_an_empty_vault_opens_with_any_key(key_file: Path) -> None:
    assert ensure_key()
    assert vault_holds_nothing()
    assert vault_opens()


def test_a_vault_in_use_opens(tree: Any) -> None:
    registered(tree.here)

    assert not vault_holds_nothing()
    assert vault_opens()
