"""How personal PINs are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class PinHasher(Argon2PasswordHasher):
    """Argon2id with the smallest parameters that OWASP's cheat sheet accepts.

    Django's own take 100 MB for each check, which a few visitors at once would make a small
    server's end. Four digits are not saved by a slow hash anyway; the lock after five tries is what
    guards them, and a copy of the database holds no phone to go with them.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
