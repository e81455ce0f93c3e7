"""The keys of the vault: one small file, outside the data folder and outside every backup.

The file holds one line per key: ``purpose:number:base64``. ``encrypt`` keys may be renewed (the
highest number writes, all can read); the ``lookup`` key makes the hashes by which a phone or
identifier is found again, and changing it means hashing everything anew.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from salam.core.errors import DomainError

_KEY_BYTES = 32


class VaultKeyMissing(DomainError):
    code = "vault_key_missing"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"کلید صندوق اطلاعات تماس در {path} پیدا نشد. "
            "آن را از جای امنی که نگه داشته‌اید برگردانید؛ بدون آن هیچ شماره‌ای خوانده نمی‌شود.",
        )


class VaultKeyUnreadable(DomainError):
    code = "vault_key_unreadable"

    def __init__(self, path: Path) -> None:
        super().__init__(f"پروندهٔ کلید صندوق در {path} خراب است؛ نسخهٔ سالم آن را برگردانید.")


class VaultKeyOutOfReach(DomainError):
    code = "vault_key_out_of_reach"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"اجازهٔ دسترسی به کلید صندوق در {path} نیست؛ "
            "پوشهٔ آن را برای کاربری که سامانه با آن اجرا می‌شود باز کنید.",
        )


@dataclass(frozen=True)
class KeyRing:
    """All keys of the file. Never printed: repr shows numbers only."""

    current_number: int
    encryption: Mapping[int, bytes] = field(repr=False)
    lookup: bytes = field(repr=False)


@lru_cache(maxsize=4)
def key_ring(path: Path | None = None) -> KeyRing:
    """The keys of this installation.

    Raises VaultKeyMissing, VaultKeyOutOfReach or VaultKeyUnreadable.
    """
    file = path or settings.SALAM_VAULT_KEY_FILE
    try:
        text = file.read_text(encoding="ascii")
    except FileNotFoundError:
        raise VaultKeyMissing(file) from None
    except PermissionError:
        raise VaultKeyOutOfReach(file) from None
    except (OSError, UnicodeDecodeError):
        raise VaultKeyUnreadable(file) from None
    encryption: dict[int, bytes] = {}
    lookup = b""
    try:
        for line in text.split():
            purpose, number, encoded = line.split(":")
            key = base64.urlsafe_b64decode(encoded)
            if len(key) != _KEY_BYTES:
                raise VaultKeyUnreadable(file)
            if purpose == "encrypt":
                encryption[int(number)] = key
            elif purpose == "lookup":
                lookup = key
    except (ValueError, binascii.Error):
        raise VaultKeyUnreadable(file) from None
    if not encryption or not lookup:
        raise VaultKeyUnreadable(file)
    return KeyRing(max(encryption), encryption, lookup)


def has_key_file(*, path: Path) -> bool:
    """Whether there is a key file. Raises VaultKeyOutOfReach where we may not look."""
    try:
        return path.exists()
    except OSError:
        raise VaultKeyOutOfReach(path) from None


def make_key_file(*, path: Path) -> None:
    """Write a new key file that only its owner may read.

    Raises FileExistsError if there is one, VaultKeyOutOfReach where we may not write.
    """
    lines = [f"{purpose}:1:{_new_key()}" for purpose in ("encrypt", "lookup")]
    with _locked_folder(path) as folder:
        if has_key_file(path=path):
            raise FileExistsError(path)
        # Killed anywhere, no key is left under a second name: the draft is moved, not linked, and
        # one that was never moved is no key of anything and makes way here.
        draft = path.with_name(f".{path.name}.draft")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        os.fsync(folder)


@contextmanager
def _locked_folder(path: Path) -> Iterator[int]:
    """The folder of the key, made where missing, while no other process makes a key in it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise VaultKeyOutOfReach(path) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    except PermissionError:
        raise VaultKeyOutOfReach(path) from None
    finally:
        os.close(folder)


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")
