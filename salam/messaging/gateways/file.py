"""A gateway for demos, trials and tests: every message is one JSON line in a file."""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from pathlib import Path

from salam.messaging.gateways.protocol import GatewayFailed, Receipt


class FileGateway:
    """Appends to a file that its owner alone can read. Reaches nobody."""

    name = "file"
    reaches_people = False

    def __init__(self, *, path: Path) -> None:
        self.path = path

    def send(self, *, phone: str, text: str) -> Receipt:
        """Append one line. Raises GatewayFailed when the disk does not take it."""
        reference = uuid.uuid4().hex
        line = json.dumps({"to": phone, "text": text, "reference": reference}, ensure_ascii=False)
        try:
            self._append(f"{line}\n".encode())
        except OSError:
            # Without its cause: an error of the system may quote the path of somebody's home.
            raise GatewayFailed("storage") from None
        return Receipt(reference=reference)

    def _append(self, line: bytes) -> None:
        """Whole lines, whoever else writes: appending alone lets a long line be torn in two."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            rest = line
            while rest:
                rest = rest[file.write(rest) :]
