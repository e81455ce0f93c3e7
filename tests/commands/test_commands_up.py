"""`salam up`: how it ends, and what it leaves behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.commands.house import (
    House,
    children_of,
    free_port,
    get,
    is_worker,
    make_house,
    workers_of,
)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with make_house() as made:
        assert made.salam("database", "start").returncode == 0
        yield made


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_up_ends_quietly_when_asked(house, asked) -> None:
    with house.up() as (server, address):
        assert get(address)[0] == 200

        server.send_signal(asked)

        assert server.wait(180) == 0


def test_up_says_so_when_the_server_dies_by_itself(house) -> None:
    with house.up() as (server, _):
        (worker,) = workers_of(server.pid)
        (web,) = set(children_of(server.pid)) - {worker}

        os.kill(web, signal.SIGKILL)

        assert server.wait(180) == 1
        assert server.stdout is not None
        assert "کارگزار سایت خودبه‌خود از کار افتاد" in server.stdout.read()
        assert not is_worker(worker)


def test_a_killed_up_frees_its_port_for_the_next_and_leaves_no_worker(house) -> None:
    port = free_port()
    with house.up(port=port) as (server, _):
        (worker,) = workers_of(server.pid)
        server.kill()
        server.wait()

    with house.up(port=port) as (_, address):
        assert get(address)[0] == 200
        assert not is_worker(worker)
