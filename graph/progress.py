"""How long work says how far it is, without knowing who listens."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how many are done, and of how many (None: not known)."""


def silent(what: str, done: int, total: int | None) -> None:
    """Say nothing."""


def tell(progress: Progress, what: str, items: Iterable[T], total: int | None = None) -> Iterator[T]:
    """Give `items` on, telling `progress` after each."""
    progress(what, 0, total)
    done = 0
    for done, item in enumerate(items, start=1):
        yield item
        progress(what, done, total)
    progress(what, done, done)
