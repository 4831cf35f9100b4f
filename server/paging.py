"""Long lists in pages whose addresses can be kept: which part a request wants, and the links to the
others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote, urlencode

from flask import request

from server.parameters import only_once
from server.problems import not_found

T = TypeVar("T")
SIZE: Final = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Part `number` (from 1) of `total` items, `size` at a time."""

    number: int
    total: int
    size: int = SIZE

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def start(self) -> int:
        """How many items stand on earlier pages."""
        return (self.number - 1) * self.size

    @property
    def end(self) -> int:
        """How many items stand on this page and earlier ones."""
        return min(self.total, self.start + self.size)

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Give the items of this page."""
        return items[self.start : self.end]

    def numbers(self) -> list[int]:
        """Give the pages to link: the first, the last, and those around this one, so that all can be
        reached.
        """
        near = {1, self.last, *range(self.number - 2, self.number + 3)}
        return sorted(n for n in near if 1 <= n <= self.last)

    def link(self, number: int) -> str:
        """Give the address of another page of the running request's list."""
        given = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
        given += [("page", str(number))] if number > 1 else []
        # Not url_for: parameters that somebody else chose must not become its _scheme or _external.
        return request.script_root + quote(request.path) + ("?" + urlencode(given) if given else "")


def wanted() -> int:
    """Give the page that the running request asks for; 404 where that is no number of a page."""
    only_once("page")
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise not_found(f"there is no page {text[:40]!r}")
    return int(text)


def page_of(total: int, size: int = SIZE) -> Page:
    """Give the page of `total` items that the running request wants; 404 past the last one."""
    page = Page(wanted(), total, size)
    if page.number > page.last:
        raise not_found(f"the list has {page.last} pages")
    return page
