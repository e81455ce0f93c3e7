"""A disk that is full or closed gives one sentence and leaves nothing half made."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from salam.config import postgres
from salam.config.postgres import UNSAFE_AND_FAST, State, accounts, disk

HARMLESS = {"password", "lock", "conf.d", "run", "startup.log"}

RunCode = Callable[..., "subprocess.CompletedProcess[str]"]


def mounted(folder: Path, *options: str) -> bool:
    """Mount a small file system of memory; False where this user or container may not."""
    if not accounts.is_root():
        return False
    command = ["mount", "-t", "tmpfs", *options, "tmpfs", folder]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path | None]:
    """A home on a disk of 8 MB of its own; None where mounting is not allowed."""
    folder = home / "disk"
    folder.mkdir()
    if not mounted(folder, "-o", "size=8m,mode=755"):
        yield None
        return
    yield folder
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
    postgres.stop(home=folder)
    subprocess.run(["umount", folder], check=True)


@contextmanager
def files_limited(size_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_full_disk_is_said_and_mended(home: Path, small_disk: Path | None) -> None:
    place = small_disk or home

    # Without a disk to fill, a limit on the size of files stops initdb at the same point.
    limit = resource.RLIM_INFINITY if small_disk else 1024 * 1024
    with files_limited(limit), pytest.raises(disk.DiskFull, match="جا باز کنید"):
        postgres.start(home=place)
    assert {path.name for path in (place / "postgres").iterdir()} <= HARMLESS
    assert postgres.status(home=place).state is State.NOT_INITIALISED

    if small_disk:
        remount(small_disk, "size=400m")
    postgres.start(home=place, extra_settings=UNSAFE_AND_FAST)
    assert postgres.status(home=place).state is State.RUNNING


def test_largest_file_allowed_is_told_as_a_full_disk(home: Path) -> None:
    with files_limited(1024 * 1024), pytest.raises(disk.DiskFull):
        postgres.start(home=home)

    assert {path.name for path in (home / "postgres").iterdir()} <= HARMLESS


def test_disk_that_becomes_read_only_is_said(small_disk: Path | None, home: Path) -> None:
    place = small_disk or home
    postgres.connection_for(home=place)
    if small_disk:
        remount(small_disk, "ro")
    else:
        (place / "postgres").chmod(0o500)

    with pytest.raises(disk.FolderClosed, match="نمی‌شود نوشت"):
        postgres.start(home=place)

    (place / "postgres").chmod(0o755) if not small_disk else None
    assert postgres.status(home=place).state is State.NOT_INITIALISED
    assert {path.name for path in (place / "postgres").iterdir()} <= HARMLESS


def test_folder_without_permission_is_said(ordinary_home: Path, as_ordinary: RunCode) -> None:
    ordinary_home.chmod(0o500)

    told = as_ordinary(
        "try: postgres.start(home=home, binaries=programs)\n"
        "except disk.FolderClosed as refusal: print(refusal.code)",
        home=ordinary_home,
    )

    assert told.stdout.strip() == "folder_not_writable", told.stderr
    assert list(ordinary_home.iterdir()) == []
