#!/usr/bin/env python
"""Django's own commands (makemigrations, shell …). For everything else there is `salam`."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salam.config.settings")
    execute_from_command_line(sys.argv)
