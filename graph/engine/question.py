"""A question to the engine and the answers it may get: plain values that travel between processes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.errors import Foreseen


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the endpoint of a SERVICE call, at `at` to `end` of the query's text, answered: SPARQL results in JSON.

    `body` is None where it failed and may. Of its `variables` only these count.
    """

    at: int
    end: int
    endpoint: str
    silent: bool
    variables: tuple[str, ...]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Question:
    """A query with the dataset and the format it is to be answered in.

    `default_graphs` and `named_graphs` override the query's own FROM where they are not None. `format` is a name of
    the table of formats. `largest` is the most bytes the answer may have. `fetched` answers its SERVICE calls.
    `bindings` are values for variables that the query projects: the variable's name and the term as in N-Triples.
    Where it is to be `explained`, the answer is a JSON document that says how it would be answered.
    """

    text: str
    format: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    largest: int = 256 << 20
    fetched: tuple[Fetched, ...] = ()
    bindings: tuple[tuple[str, str], ...] = ()
    explained: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled as a plain tuple: what dataclasses do by themselves costs as much as a small query.
        graphs = (self.default_graphs, self.named_graphs)
        return Question, (self.text, self.format, *graphs, self.largest, self.fetched, self.bindings, self.explained)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of `size` bytes: its `body` or, for a large one, the `file` that the receiver removes.

    `work` is the processor time in seconds that it took, whoever else was at work meanwhile; `engine` is which of the
    two gave it, "rows" or "columns".
    """

    size: int
    body: bytes = b""
    file: Path | None = None
    work: float = 0.0
    engine: str = "rows"

    def take(self) -> bytes:
        """Give the whole answer's bytes, its file removed."""
        if self.file is None:
            return self.body
        whole = self.file.read_bytes()
        self.drop()
        return whole

    def drop(self) -> None:
        """Let go of the answer: remove its file, where it has one."""
        if self.file is not None:
            self.file.unlink()

    def __reduce__(self) -> tuple[Any, ...]:
        return Answer, (self.size, self.body, self.file, self.work, self.engine)


class EngineError(Foreseen):
    """A question that got no answer. The subclasses say why.

    EngineError
    ├── BadQuery          the text is no SPARQL query; with line, column, snippet and hint
    ├── UnknownGraph      the dataset names a graph that the snapshot does not hold
    ├── NotExpressible    the format asked for cannot say the answer
    ├── TooSlow           the deadline was reached; the worker was killed
    ├── TooMuchMemory     the worker's memory limit was reached
    ├── TooLarge          the answer is larger than allowed
    ├── EndpointFailed    an endpoint that the query calls with SERVICE gave no answer
    ├── Cancelled         an operator ended the query
    ├── Crashed           the worker died
    └── Busy              no worker was free in time
    """


@dataclass
class BadQuery(EngineError):
    """The engine cannot read the query: `line` and `column` count from 1; `snippet` is the line and a caret below."""

    message: str
    line: int | None = None
    column: int | None = None
    snippet: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        return self.message

    def lines(self) -> list[str]:
        """Give the error with its place, the line of the query with a caret, and the hint."""
        place = f" at line {self.line}, column {self.column}" if self.line else ""
        shown = (self.snippet or "").splitlines() + ([f"hint: {self.hint}"] if self.hint else [])
        return [f"Error: the query is malformed{place}: {self.message}", *(f"  {line}" for line in shown)]


class UnknownGraph(EngineError):
    """The dataset names a graph that is not in the snapshot: args[0] is its IRI."""


class TooSlow(EngineError):
    """The deadline was reached."""


class TooMuchMemory(EngineError):
    """The worker's memory limit was reached."""


class TooLarge(EngineError):
    """The answer is larger than allowed."""


class NotExpressible(EngineError):
    """The format asked for cannot say the answer."""


class EndpointFailed(EngineError):
    """An endpoint that the query calls with SERVICE gave no answer that can be used."""


class Cancelled(EngineError):
    """An operator ended the query."""


class Crashed(EngineError):
    """The worker died without a word; args[1], where it is given, is its exit code."""


class Busy(EngineError):
    """No worker was free in time."""
