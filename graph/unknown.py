"""What no cited source tells, though people ask for it: said plainly, with the nearest thing that the graph knows."""

import re
import tomllib
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """One such question: what is missing, and `near`, pages that come nearest, as words and path."""

    name: str
    title: str
    words: tuple[str, ...]
    missing: str
    near: tuple[tuple[str, str], ...]


@cache
def topics() -> tuple[Topic, ...]:
    """Give all of them, in the order of the file."""
    told = tomllib.loads(files(__package__).joinpath("unknown.toml").read_text(encoding="utf-8"))
    return tuple(
        Topic(one["name"], one["title"], tuple(one["words"]), one["missing"], tuple((w, p) for w, p in one["near"]))
        for one in told["topic"]
    )


def within(topics: Iterable[Topic], classes: Container[str]) -> list[Topic]:
    """Give the topics without the lists of classes that are none of `classes`, local names that have members here."""
    return [replace(one, near=tuple(pair for pair in one.near if _listed(pair[1], classes))) for one in topics]


def _listed(path: str, classes: Container[str]) -> bool:
    name = path.removeprefix("/class/").partition("#")[0]
    return not path.startswith("/class/") or name in classes


def asked_about(text: str) -> list[Topic]:
    """Give the topics whose words stand in `text`, as whole words."""
    plain = f" {_plain(text)} "
    return [topic for topic in topics() if any(f" {_plain(words)} " in plain for words in topic.words)]


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
