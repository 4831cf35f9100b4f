"""Rules: what follows from what sources state and people judged. Each is a SPARQL CONSTRUCT over their union.

`<slug>.rq` opens with the rule's sentence as comment lines; `<slug>.ttl` describes the rule's graph as a source of
this project. What a rule derives stands in `graph/rule-<slug>` and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, QueryTriples, Store, Triple

from graph.errors import Foreseen
from graph.mapping import functions_without_rows
from graph.names import GRAPH, PREFIXES


class RuleError(Foreseen, ValueError):
    """A rule is no CONSTRUCT, or the engine cannot read it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its file."""

    path: Path

    @property
    def slug(self) -> str:
        """The rule's name."""
        return self.path.stem

    @property
    def graph(self) -> str:
        """The IRI of the graph of what it derives."""
        return f"{GRAPH}rule-{self.slug}"

    @property
    def description(self) -> Path:
        """The file that describes that graph as a source."""
        return self.path.with_suffix(".ttl")

    @property
    def sentence(self) -> str:
        """The rule in plain words: the comment lines that open its file."""
        lines = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                break
            lines.append(line.lstrip("# ").rstrip())
        return " ".join(lines)

    def apply(self, store: Store) -> list[Triple]:
        """Give what follows in `store` (default graph: the union), sorted; RuleError where it is no CONSTRUCT."""
        try:
            found = store.query(
                self.path.read_text(encoding="utf-8"),
                prefixes=PREFIXES,
                custom_functions={NamedNode(n): f for n, f in functions_without_rows().items()},
            )
        except SyntaxError as error:
            raise RuleError(f"{self.path}: {error}") from error
        if not isinstance(found, QueryTriples):
            raise RuleError(f"{self.path}: a rule is a CONSTRUCT query")
        return sorted(set(found), key=str)


def rules(folder: Path | None = None) -> Iterator[Rule]:
    """Give the rules in `folder`, by default the project's own, by name."""
    for path in sorted((folder or Path(__file__).parent).glob("*.rq")):
        yield Rule(path)
