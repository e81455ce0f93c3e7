"""Bad calls and bad files: one sentence, the right exit code, nothing lost."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.commands.house import House, free_port, make_house


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with make_house() as made:
        assert made.salam("database", "start").returncode == 0
        yield made


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("demo", "--scale", "huge"), ("match", "explain", "one", "two"), ("import",)],
)
def test_bad_usage_is_exit_code_2(house, arguments) -> None:
    finished = house.salam(*arguments)

    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr


def test_check_of_an_installation_that_was_never_started_says_what_to_do() -> None:
    with make_house() as empty:
        finished = empty.salam("check")

    assert finished.returncode == 1
    assert "salam up" in finished.stdout
    assert "Traceback" not in finished.stdout + finished.stderr


def test_unreachable_database_is_one_sentence(house, monkeypatch) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    monkeypatch.setattr(House, "environment", {**house.environment, **elsewhere})

    finished = house.salam("load", "figures")

    assert finished.returncode == 1
    assert "پایگاه داده در دسترس نیست" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_wrong_setting_is_one_sentence(house, monkeypatch) -> None:
    monkeypatch.setattr(House, "environment", {**house.environment, "SALAM_POOL": "many"})

    finished = house.salam("load", "figures")

    assert finished.returncode == 1
    assert "SALAM_POOL must be a whole number" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_address_of_the_database_is_never_repeated(house, monkeypatch) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://salam:secret-word@[broken"}
    monkeypatch.setattr(House, "environment", {**house.environment, **elsewhere})

    finished = house.salam("load", "figures")

    assert finished.returncode == 1
    assert "DATABASE_URL" in finished.stderr
    assert "secret-word" not in finished.stdout + finished.stderr


def test_unknown_host_is_one_sentence(house) -> None:
    finished = house.salam("up", "--host=192.0.2.1", f"--port={free_port()}")

    assert finished.returncode == 1
    assert "192.0.2.1" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_json_of_a_demo_that_would_go_on_serving_is_bad_usage(house) -> None:
    assert house.salam("demo", "--json").returncode == 2


def test_taken_port_is_one_sentence(house) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        finished = house.salam("up", f"--port={port}")

    assert finished.returncode == 1
    assert str(port) in finished.stderr


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "خالی"),
        ("column.csv", "نام,نام خانوادگی\nسارا,یکتا\n".encode(), "تلفن همراه"),
        ("encoding.csv", "نام,تلفن همراه\n".encode("cp1256"), "UTF-8"),
        ("image.xlsx", b"\x89PNG\r\n\x1a\n", "UTF-8"),
        ("nothing.csv", None, ""),
    ],
)
def test_file_that_is_no_table_is_refused_in_one_sentence(
    house, tmp_path, name, content, words
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)

    finished = house.salam("import", "volunteers", str(file))

    assert finished.returncode == 1, finished.stdout
    assert "Traceback" not in finished.stderr
    assert words.lower() in finished.stderr.lower()
