"""What a client asks to change, and what became of it: plain values that travel between processes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal as OneOf

from graph.errors import Foreseen
from graph.validate import Finding

Method = OneOf["update", "put", "post", "delete", "patch"]


@dataclass(frozen=True, slots=True)
class Request:
    """One transaction: an update, or a graph replaced (`put`), added to, deleted or updated (`patch`).

    `body` is the update's text, or the document with the graph's statements, of `media_type`; `parts` are several such
    documents with their media types, in its place. `graph` is the IRI of
    the graph that is meant, None for the default one. `dataset` are the default and the named graphs that the
    protocol gives an update's patterns. `largest` is how many statements an operation may change.
    """

    method: Method
    body: bytes = b""
    media_type: str = ""
    graph: str | None = None
    dataset: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    author: str = ""
    message: str = ""
    largest: int = 1_000_000
    parts: tuple[tuple[bytes, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that is part of the next version: how much it changed, and the state that it left (see State)."""

    added: int
    removed: int
    existed: bool
    state: "State"


@dataclass(frozen=True, slots=True)
class State:
    """A version as a precondition sees it: its id ("" for one not published yet), digest, and digest by graph."""

    id: str
    digest: str
    digests: dict[str, str]


Precondition = Callable[[State], bool]


class Violated(Foreseen):
    """A change breaks shapes, and nothing of it stays: the `findings` about it, and the whole `report` as Turtle."""

    exit_code = 1

    def __init__(self, findings: tuple[Finding, ...], report: str) -> None:
        super().__init__(f"the change breaks the shapes: {len(findings)} violations; nothing was changed")
        self.findings, self.report = findings, report

    def __reduce__(self) -> tuple[type["Violated"], tuple[tuple[Finding, ...], str]]:
        return Violated, (self.findings, self.report)

    def lines(self) -> list[str]:
        """Give the summary and the first findings."""
        return [f"Error: {self}", *(f"  {f.focus} {f.path or ''}: {f.message}" for f in self.findings[:50])]


class NotReadable(Foreseen):
    """The document of a request is no RDF; the message holds the engine's line and column."""


class Lost(Foreseen):
    """The precondition of a request does not hold: somebody changed what it is about."""


@dataclass(slots=True)
class Summary:
    """What the accepted requests of a stage come to, for the manifest of the version that they make."""

    graphs: dict[str, int] = field(default_factory=dict)
    quads: int = 0
    triples: int = 0
    digest: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    added: int = 0
    removed: int = 0
    gone: frozenset[str] = frozenset()  # things of which nothing is said any more
