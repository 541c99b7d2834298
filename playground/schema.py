"""Checks that are put together into a description of a JSON shape. Each gives problems as Slack words them."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# A value and the JSON pointer to it go in, problems come out.
Check = Callable[[Any, str], Iterator[str]]


def problem(sentence: str, at: str) -> str:
    """Word one problem with the place where it is."""
    return f"{sentence} [json-pointer:{at or '/'}]"


def string(longest: int | None = None, shortest: int = 0) -> Check:
    """Accept a string of some length."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must be a string", at)
        elif len(value) < shortest:
            yield problem(f"must be more than {shortest - 1} characters", at)
        elif longest is not None and len(value) > longest:
            yield problem(f"must be less than {longest + 1} characters", at)

    return check


def matching(pattern: str, what: str) -> Check:
    """Accept a string of one form."""
    compiled = re.compile(pattern)

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield problem(f"must be {what}", at)

    return check


def integer(smallest: int, largest: int) -> Check:
    """Accept an integer between two others, both included."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield problem("must be an integer", at)
        elif not smallest <= value <= largest:
            yield problem(f"must be between {smallest} and {largest}", at)

    return check


def number(value: Any, at: str) -> Iterator[str]:
    """Accept any number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield problem("must be a number", at)


def boolean(value: Any, at: str) -> Iterator[str]:
    """Accept true and false."""
    if not isinstance(value, bool):
        yield problem("must be a boolean", at)


def anything(_value: Any, _at: str) -> Iterator[str]:
    """Accept whatever stands there."""
    return iter(())


def one_of(*allowed: str) -> Check:
    """Accept a few words."""

    def check(value: Any, at: str) -> Iterator[str]:
        if value not in allowed:
            yield problem(f"must be one of: {', '.join(allowed)}", at)

    return check


def array(item: Check, most: int, least: int = 0) -> Check:
    """Accept a list of so many items."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list | tuple):
            yield problem("must be an array", at)
            return
        if len(value) < least:
            yield problem(f"no fewer than {least} items required", at)
        if len(value) > most:
            yield problem(f"no more than {most} items allowed", at)
        for index, one in enumerate(value):
            yield from item(one, f"{at}/{index}")

    return check


def shape(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, also: Check | None = None
) -> Check:
    """Accept an object with these fields and no other; `also` looks at them together."""
    fields = {"type": anything, **required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", at)
            return
        yield from (problem(f"missing required field: {name}", at) for name in required if value.get(name) is None)
        yield from (problem(f"invalid additional property: {name}", at) for name in value if name not in fields)
        before = False
        for name, field in fields.items():
            if value.get(name) is not None:
                for found in field(value[name], f"{at}/{name}"):
                    before = True
                    yield found
        if also and not before and all(value.get(name) is not None for name in required):
            yield from also(value, at)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """Accept an object of one of the types, each checked in its own way."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", at)
        elif value.get("type") not in kinds:
            yield problem(f"unsupported type: {value.get('type')}", f"{at}/type")
        else:
            yield from kinds[value["type"]](value, at)

    return check
