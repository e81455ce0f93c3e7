"""Compiled loops: two decorators, machine code kept on disk, other threads at work meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")
_kernels: list[Any] = []


def compiled(function: Callable[_Args, _Result]) -> Callable[_Args, _Result]:
    """Compile a function of arrays at its first call and keep the machine code on disk.

    The compiled function holds no interpreter lock, so threads run it side by side. Where no
    folder can be written to, nothing is kept and every process compiles again.
    """
    return cast("Callable[_Args, _Result]", _compile(function))


def compiled_in_place(function: Callable[_Args, _Result]) -> Callable[_Args, _Result]:
    """Compile a function that makes no arrays: it only changes those it is given.

    Then no references need counting, which the innermost loops would spend three quarters of
    their time on: every array taken out of a tuple costs two locked instructions.
    """
    return cast("Callable[_Args, _Result]", _compile(function, _nrt=False))


def _compile(function: Callable[..., Any], **options: bool) -> Any:
    compile_at_first_call = cast("Any", numba.njit)  # its types know nothing of _nrt
    try:
        kernel = compile_at_first_call(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # numba found no folder for its cache
        kernel = compile_at_first_call(nogil=True, **options)(function)
    _kernels.append(kernel)
    return kernel


def is_compiled() -> bool:
    """Whether this machine has machine code of what every solve needs, in memory or on disk.

    The longest to compile stands for them all: some kernels are for questions that few ask. The
    code depends on the processor and on numba's version, which both are part of what its cache
    checks: a cache of another machine may look full here and still be compiled anew.
    """
    longest = [one for one in _kernels if one.py_func.__name__ == "_serve_all"]
    return all(kernel.signatures or _is_cached(kernel) for kernel in longest)


def _is_cached(kernel: Any) -> bool:
    folder = kernel.stats.cache_path
    if folder is None:
        return False
    function = kernel.py_func
    pattern = f"{Path(function.__code__.co_filename).stem}.{function.__qualname__}-*.nbi"
    return any(Path(folder).glob(pattern))
