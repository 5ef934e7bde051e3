"""Small mistakes in our own permission code: the proofs catch each of them. mutants.toml lists them."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.doors.test_matrix import crossings, made_for, probes

MUTANTS = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text())["mutant"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


@contextmanager
def mutated(module_name: str, find: str, replace: str) -> Iterator[None]:
    """The module's functions with that change, wherever they were imported to: their code is exchanged."""
    module = import_module(module_name)
    path = str(module.__file__)
    source = Path(path).read_text()
    assert source.count(find) == 1, f"{module_name}: {find} stands {source.count(find)} times there"
    before, after = _functions(source, path), _functions(source.replace(find, replace), path)
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) == 1, changed
    with ExitStack() as undo:
        for name in changed:
            function = _function(module, name)
            undo.callback(setattr, function, "__code__", function.__code__)
            function.__code__ = after[name]
        yield


def _functions(source: str, path: str) -> dict[str, CodeType]:
    """Code by qualified name, of functions and methods but not of what is inside them."""
    found: dict[str, CodeType] = {}

    def look(code: CodeType) -> None:
        for const in code.co_consts:
            if isinstance(const, CodeType):
                is_function = bool(const.co_flags & inspect.CO_NEWLOCALS)
                if is_function:
                    found[const.co_qualname] = const
                else:
                    look(const)  # a class

    look(compile(source, path, "exec", dont_inherit=True))
    return found


def _function(module: Any, qualified: str) -> FunctionType:
    found = module
    for part in qualified.split("."):
        found = inspect.getattr_static(found, part)
    found = inspect.unwrap(getattr(found, "__func__", found))
    assert isinstance(found, FunctionType), qualified
    return found


def proof_of(mutant: dict[str, Any], request: pytest.FixtureRequest) -> Callable[[], Any]:
    """What fails where the code is wrong."""
    if "role" in mutant:
        return partial(_matrix, mutant["role"], mutant["routes"])
    module, _, name = mutant["test"].partition(":")
    test = getattr(import_module(module), name)
    given = mutant.get("arguments", {})
    wanted = set(inspect.signature(test).parameters) - set(given)
    return partial(test, **given, **{fixture: request.getfixturevalue(fixture) for fixture in wanted})


def _matrix(role: str, routes: str) -> None:
    seen = list(probes(made_for(role), routes))
    if not seen:
        raise LookupError(f"no address is like {routes}")
    assert crossings(seen) == []


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= 25


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant['module']}: {mutant['find'][:40]}")
def test_each_is_caught(mutant: dict[str, Any], request: pytest.FixtureRequest) -> None:
    proof = proof_of(mutant, request)
    with mutated(mutant["module"], mutant["find"], mutant["replace"]), pytest.raises(AssertionError):
        proof()
