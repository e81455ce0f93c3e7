"""The ways out: which there are, what they write, and for whose eyes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from salam.config.settings import env_choice
from salam.messaging.gateways import GATEWAYS, GatewayFailed, chosen_gateway
from salam.messaging.gateways.file import FileGateway

APPEND = """
import sys
from pathlib import Path
from salam.messaging.gateways.file import FileGateway
gateway = FileGateway(path=Path(sys.argv[1]))
for number in range(100):
    gateway.send(phone=sys.argv[2], text=str(number) + "س" * 20_000)
"""


def test_two_gateways_reach_nobody() -> None:
    made = {name: GATEWAYS[name]() for name in ("console", "file")}

    assert set(GATEWAYS) == {"console", "file", "http", "kavenegar"}
    assert {name: (one.name, one.reaches_people) for name, one in made.items()} == {
        "console": ("console", False),
        "file": ("file", False),
    }


@pytest.mark.parametrize("name", ["file", "console"])
def test_the_setting_names_the_gateway(settings, monkeypatch, name) -> None:
    monkeypatch.setenv("SALAM_SMS_GATEWAY", name)
    settings.SALAM_SMS_GATEWAY = env_choice("SALAM_SMS_GATEWAY", ("file", "console"))

    assert chosen_gateway().name == name


def test_an_unknown_gateway_stops_the_start(monkeypatch) -> None:
    monkeypatch.setenv("SALAM_SMS_GATEWAY", "pigeon")

    with pytest.raises(ImproperlyConfigured, match="SALAM_SMS_GATEWAY must be one of"):
        env_choice("SALAM_SMS_GATEWAY", ("file", "console"))


def test_the_console_says_that_nothing_was_sent(capsys) -> None:
    GATEWAYS["console"]().send(phone="+989120000001", text="سلام")

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "[SMS, not sent] +989120000001\nسلام\n"


def test_the_file_is_for_its_owner_alone(tmp_path) -> None:
    path = tmp_path / "outbox" / "sms.jsonl"

    receipt = FileGateway(path=path).send(phone="+989120000001", text="سلام\nدوباره")

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "to": "+989120000001",
        "text": "سلام\nدوباره",
        "reference": receipt.reference,
    }


def test_a_disk_that_takes_nothing_is_a_failed_gateway(tmp_path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be", encoding="utf-8")

    with pytest.raises(GatewayFailed) as failure:
        FileGateway(path=tmp_path / "outbox" / "sms.jsonl").send(phone="+989120000001", text="سلام")

    assert failure.value.code == "storage"


def test_two_processes_write_whole_lines(tmp_path) -> None:
    path = tmp_path / "outbox" / "sms.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", APPEND, str(path), phone]) for phone in ("a", "b")
    ]

    assert [writer.wait(60) for writer in writers] == [0, 0]

    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {line["to"] for line in lines} == {"a", "b"}
    assert len({line["reference"] for line in lines}) == 200
