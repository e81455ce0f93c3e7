import doctest
import importlib
import pkgutil

import pytest

import salam.engine

MODULES = [info.name for info in pkgutil.iter_modules(salam.engine.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    module = importlib.import_module(f"salam.engine.{name}")

    result = doctest.testmod(module)

    assert result.failed == 0
