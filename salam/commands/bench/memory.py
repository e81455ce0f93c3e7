"""Peak memory of one method on one instance, in a process of its own.

Both methods read the same file and list the candidates in the same way, since OR-Tools needs a
pruned graph from somewhere too; what differs is what comes after.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from salam.commands.bench.engine_run import pruned_graph, run_engine
from salam.engine.instance import read_problem

METHODS = ("engine", "ortools")
_CHILD = "from salam.commands.bench.memory import main; main()"


def peak_memory_bytes(method: str, instance: Path) -> int:
    """Start a process of its own for the method and ask for its largest resident memory."""
    finished = subprocess.run(  # noqa: S603 - our own module with our own arguments
        [sys.executable, "-c", _CHILD, method, str(instance)],
        check=True,
        stdout=subprocess.PIPE,
    )
    return int(finished.stdout)


def main() -> None:
    """Do the work of one method (METHOD INSTANCE.npz), then print the peak in bytes."""
    method, path = sys.argv[1], Path(sys.argv[2])
    problem = read_problem(path)
    if method == "engine":
        run_engine(problem)
    else:
        from salam.commands.bench.min_cost_flow import solve_exactly

        solve_exactly(problem, pruned_graph(problem))
    print(_own_peak_bytes())


def _own_peak_bytes() -> int:
    """Largest resident memory of this program alone.

    Where the kernel tells it, from the high-water mark of the program's own memory: what getrusage
    gives counts in, on Linux, the parent from which the process was split off.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(marks["VmHWM"].split()[0]) * 1024
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
