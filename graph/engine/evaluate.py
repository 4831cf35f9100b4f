"""One question, evaluated: the query over the snapshot's store, serialised whole, or the error that says why not."""

import re
from typing import IO

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    serialize,
)

from graph import export, formats
from graph.engine.question import BadQuery, NotExpressible, Question, TooLarge, UnknownGraph
from graph.engine.tokens import Token, tokens
from graph.names import PREFIXES

_POSITION = re.compile(r"(?:error at )?(\d+):(\d+):\s*(.*)", re.DOTALL)
_MOST_EXPECTED = 8


class Limited:
    """A writer that raises TooLarge past `largest` bytes."""

    def __init__(self, out: IO[bytes], largest: int) -> None:
        self._out, self._largest, self.written = out, largest, 0

    def write(self, data: bytes) -> int:
        """Write `data`, or raise TooLarge."""
        self.written += len(data)
        if self.written > self._largest:
            raise TooLarge(f"the answer is larger than {self._largest} bytes")
        return self._out.write(data)

    def flush(self) -> None:
        """Write through."""
        self._out.flush()


def evaluate(store: Store, question: Question, out: IO[bytes]) -> int:
    """Answer `question` from `store` into `out` and give the number of bytes.

    Raises BadQuery, UnknownGraph or TooLarge; what was written to `out` by then is no answer.
    """
    text = in_order_of_mention(question.text)
    store, default, named = _dataset(store, question)
    try:
        found = store.query(text, default_graph=default, named_graphs=named)
    except SyntaxError as error:
        raise bad_query(question.text, str(error)) from error
    writer = Limited(out, question.largest)
    row = formats.by_name(question.format)
    if isinstance(found, QueryTriples) and row in (formats.NTRIPLES, formats.NQUADS):
        serialize(found, writer, format=row.rdf)  # type: ignore[arg-type]
    elif isinstance(found, QueryTriples):
        try:
            document = export.write(found, row)
        except export.NotSerialisable as error:
            raise NotExpressible(f"{row.label} cannot say this answer: {error}") from error
        for chunk in document:
            writer.write(chunk)
    elif isinstance(found, (QuerySolutions, QueryBoolean)):
        found.serialize(writer, format=row.results)  # type: ignore[arg-type]
    return writer.written


def _dataset(
    store: Store, question: Question
) -> tuple[Store, list[NamedNode | BlankNode | DefaultGraph] | None, list[NamedNode | BlankNode] | None]:
    """Give the store to ask and its dataset; several default graphs are merged, which the engine does not do."""
    if question.default_graphs is None and question.named_graphs is None:
        return store, None, None
    default = [NamedNode(iri) for iri in question.default_graphs or ()]
    named = [NamedNode(iri) for iri in question.named_graphs or ()]
    for graph in (*default, *named):
        if not store.contains_named_graph(graph):
            raise UnknownGraph(graph.value)
    if len(set(default)) < 2:
        return store, [*default], [*named]
    merged = Store()
    for graph in default:
        merged.bulk_extend(
            Quad(q.subject, q.predicate, q.object) for q in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in named:
        merged.bulk_extend(store.quads_for_pattern(None, None, None, graph))
    return merged, [DefaultGraph()], [*named]


def in_order_of_mention(text: str) -> str:
    """Give `text` with the `*` of an outer SELECT written out, its variables in the order of their first mention.

    The engine gives the columns of `SELECT *` in alphabetical order. Raises BadQuery where the text is no query.
    """
    if "*" not in text:
        return text
    found = [*tokens(text), *(Token("mark", "", len(text)),) * 3]
    start = next((i for i, t in enumerate(found) if t.is_word("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")), None)
    if start is None or not found[start].is_word("SELECT"):
        return text
    star = found[start + 2] if found[start + 1].is_word("DISTINCT", "REDUCED") else found[start + 1]
    if star.text != "*":
        return text
    try:
        empty = Store().query(text)
    except SyntaxError as error:
        raise bad_query(text, str(error)) from error
    if not isinstance(empty, QuerySolutions):
        return text
    mentioned = {t.text[1:]: t.at for t in reversed(found) if t.kind == "variable"}
    names = sorted((v.value for v in empty.variables), key=lambda name: mentioned.get(name, len(text)))
    if not names:
        return text
    return text[: star.at] + " ".join(f"?{name}" for name in names) + text[star.at + 1 :]


def bad_query(text: str, message: str) -> BadQuery:
    """Turn the engine's syntax error into line, column, the line with a caret, and a hint."""
    match = _POSITION.match(message)
    if match is None:
        return BadQuery(message, hint=_hint(text, message))
    line, column = int(match[1]), int(match[2])
    lines = text.splitlines() or [""]
    shown = lines[line - 1] if line <= len(lines) else ""
    start = max(0, column - 61)
    snippet = f"{shown[start : start + 120]}\n{' ' * (column - 1 - start)}^"
    return BadQuery(_shortened(match[3]), line, column, snippet, _hint(text, match[3]))


def _shortened(message: str) -> str:
    if "Prefix not found" in message:
        return "a prefix is used that no PREFIX line declares"
    head, expected, rest = message.partition("expected one of ")
    names = rest.split(", ")
    if expected and len(names) > _MOST_EXPECTED:
        return f"{head}{expected}{', '.join(names[:_MOST_EXPECTED])} ..."
    return message


def _hint(text: str, message: str) -> str | None:
    found = list(tokens(text))
    declared = {found[i + 1].text[:-1] for i, t in enumerate(found[:-1]) if t.is_word("PREFIX")}
    used = {t.text.partition(":")[0] for t in found if t.kind == "name"}
    missing = sorted(used - declared)
    if missing and missing[0] in PREFIXES:
        return f"add: PREFIX {missing[0]}: <{PREFIXES[missing[0]]}>"
    if missing and "Prefix not found" in message:
        return f"the prefix {missing[0]}: is not declared"
    marks = [t.text for t in found if t.kind == "mark"]
    for opening, closing in ("{}", "()", "[]"):
        difference = marks.count(opening) - marks.count(closing)
        if difference:
            side = closing if difference > 0 else opening
            return f"{abs(difference)} {side!r} missing: there are {marks.count(opening)} {opening!r} and " \
                   f"{marks.count(closing)} {closing!r}"  # fmt: skip
    return None
