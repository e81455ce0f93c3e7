"""A provider of SMS that misbehaves as told, on a real socket of this machine."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs

KEY: Final = "k3y-that-nobody-may-read"


@dataclass
class Provider:
    """Answers each request with ``answer``; keeps what was asked; reports what ``reports`` say."""

    status: int = 200
    # None: what Kavenegar would answer.
    answer: bytes | None = b'{"ok": true, "id": 71}'
    # Held back until somebody sets it: an answer that comes too late.
    may_answer: threading.Event = field(default_factory=threading.Event)
    is_slow: bool = False
    drips: bool = False
    answers_twice: bool = False
    url: str = ""
    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    reports: dict[str, int] = field(default_factory=dict)
    taken: list[dict[str, str]] = field(default_factory=list)

    def kavenegar(self, path: str, body: str) -> bytes:
        """What Kavenegar's REST API answers: numbers of messages, later what became of them."""
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        if path.endswith("/sms/send.json"):
            self.taken.append(fields)
            number = 8_792_342 + len(self.taken)
            entries = [{"messageid": number, "status": 1, "receptor": fields["receptor"]}]
        else:
            entries = [
                {"messageid": int(one), "status": self.reports.get(one, 4), "statustext": "…"}
                for one in fields["messageid"].split(",")
            ]
        return json.dumps({"return": {"status": 200}, "entries": entries}).encode()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if self.raw_requestline and self.parse_request():
            self.answer(self.provider)
        self.close_connection = True

    def answer(self, provider: Provider) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        provider.asked.append((self.command, self.path, dict(self.headers), body))
        if provider.is_slow:
            provider.may_answer.wait(20)
        content = provider.answer
        if content is None:
            content = provider.kavenegar(self.path, body)
        head = f"HTTP/1.1 {provider.status} X\r\nContent-Length: {len(content)}\r\n\r\n"
        for _ in range(2 if provider.answers_twice else 1):
            self.send_whole(head.encode() + content)

    def send_whole(self, answer: bytes) -> None:
        if not self.provider.drips:
            self.wfile.write(answer)
            return
        for place in range(len(answer)):
            self.wfile.write(answer[place : place + 1])
            if self.provider.may_answer.wait(0.2):
                return

    def handle(self) -> None:
        # Who asked may have gone by now.
        with suppress(BrokenPipeError, ConnectionResetError):
            super().handle()

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        provider.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_address() -> str:
    """An address of this machine at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
