"""The operations of a SPARQL 1.1 Update request (https://www.w3.org/TR/sparql11-update/#updateLanguage), by its tokens.

An operation keeps slices of the request's text: its templates and its pattern. The engine reads each slice; nothing
here knows the grammar inside the braces.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import NamedNode, Store

from graph.engine import policy
from graph.engine.faults import bad_query
from graph.engine.question import BadQuery
from graph.engine.tokens import Token, tokens

ANY_GRAPH: Final = ("DEFAULT", "NAMED", "ALL")
_MANAGEMENT: Final = ("CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD")
_END: Final = Token("mark", "", -1)


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of the request between braces, braces included, with its tokens."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    `form` is INSERT DATA, DELETE DATA, DELETE WHERE, MODIFY, CLEAR, DROP, CREATE, COPY, MOVE or ADD; `prologue` are
    the declarations that hold for it. `graphs` are the tokens after a management operation's name: IRIs, or one of
    ANY_GRAPH. `within` is the graph of WITH; `using` and `using_named` are the graphs of USING.
    """

    form: str
    prologue: str
    silent: bool = False
    delete: Slice | None = None
    insert: Slice | None = None
    where: Slice | None = None
    within: str | None = None
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    graphs: tuple[str, ...] = ()


def operations(text: str) -> list[Operation]:
    """Give the operations of the request `text` in order.

    Raises policy.Refused (LOAD, SERVICE, depth) and BadQuery where the engine cannot read it.
    """
    policy.refuse_update(text)
    found: list[Operation] = []
    prologue: list[str] = []
    labels: dict[str, int] = {}
    chunks = list(_chunks(list(tokens(text))))
    for number, chunk in enumerate(chunks):
        head = _declared(chunk)
        prologue += [text[a.at : b.at + len(b.text)] for a, b in head.places]
        rest = chunk[head.length :]
        if not rest:
            if number + 1 < len(chunks):
                raise BadQuery("an operation is missing before ';'", *_place(text, chunks[number + 1]))
            break
        _check(text, [place for c in chunks[: number + 1] for place in _declared(c).places], rest)
        for token in rest if rest[1:] and rest[1].is_word("DATA") else ():  # templates may share labels, data may not
            if token.kind == "blank" and labels.setdefault(token.text, number) != number:
                raise BadQuery(f"the blank node {token.text} is of an earlier operation", *_place(text, [token]))
        found.append(_Reader(text, "\n".join(prologue), rest).operation())
    return found


def iri_of(prologue: str, token: str) -> str:
    """Give the IRI that the text `token` stands for under `prologue`, as the engine reads it."""
    scratch = Store()
    scratch.update(f"{prologue}\nINSERT DATA {{ {token} <x:p> <x:o> }}")
    term = next(iter(scratch)).subject
    return term.value if isinstance(term, NamedNode) else ""


@dataclass(slots=True)
class _Head:
    length: int = 0
    places: list[tuple[Token, Token]] = field(default_factory=list)


def _chunks(found: Sequence[Token]) -> list[list[Token]]:
    """Cut the tokens at each `;` that stands in no braces."""
    chunks: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        if token.kind == "mark":
            depth += (token.text == "{") - (token.text == "}")
            if token.text == ";" and depth == 0:
                chunks.append([])
                continue
        chunks[-1].append(token)
    return chunks


def _declared(chunk: Sequence[Token]) -> _Head:
    head = _Head()
    while head.length < len(chunk) and chunk[head.length].is_word("BASE", "PREFIX"):
        size = 2 if chunk[head.length].is_word("BASE") else 3
        last = chunk[min(head.length + size, len(chunk)) - 1]
        head.places.append((chunk[head.length], last))
        head.length = min(head.length + size, len(chunk))
    return head


def _check(text: str, declared: Sequence[tuple[Token, Token]], rest: Sequence[Token]) -> None:
    """Let the engine read one operation where it stands: all else but line breaks is blanked, so that places hold."""
    kept = [(a.at, b.at + len(b.text)) for a, b in declared] + [(rest[0].at, rest[-1].at + len(rest[-1].text))]
    shown = ["\n" if c == "\n" else " " for c in text]
    for start, end in kept:
        shown[start:end] = text[start:end]
    alone = "".join(shown)
    try:
        Store().update(alone)
    except SyntaxError as error:
        raise bad_query(text, str(error), lambda more: Store().update(alone + more)) from error
    except RuntimeError:
        return  # it was read, and an empty store lacks a graph that it names


def _place(text: str, chunk: Sequence[Token]) -> tuple[int, int]:
    at = chunk[0].at if chunk else len(text)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


class _Reader:
    """Reads the tokens of one operation that the engine has found to be one."""

    def __init__(self, text: str, prologue: str, found: Sequence[Token]) -> None:
        self._text, self._prologue, self._found, self._next = text, prologue, found, 0

    def operation(self) -> Operation:
        """Give the operation."""
        first = self._peek()
        if first.is_word(*_MANAGEMENT):
            return self._management()
        if first.is_word("INSERT", "DELETE") and self._peek(1).is_word("DATA", "WHERE"):
            form = f"{self._take().text} {self._take().text}".upper()
            block = self._block()
            if form == "INSERT DATA":
                return Operation(form, self._prologue, insert=block)
            return Operation(form, self._prologue, delete=block, where=block if form == "DELETE WHERE" else None)
        return self._modify()

    def _management(self) -> Operation:
        form = self._take().text.upper()
        silent = self._took("SILENT")
        graphs = []
        while self._peek() is not _END:
            token = self._take()
            if not token.is_word("GRAPH", "TO"):
                is_word = token.is_word(*ANY_GRAPH)
                graphs.append(token.text.upper() if is_word else iri_of(self._prologue, token.text))
        return Operation(form, self._prologue, silent, graphs=tuple(graphs))

    def _modify(self) -> Operation:
        within = self._iri() if self._took("WITH") else None
        delete = self._block() if self._took("DELETE") else None
        insert = self._block() if self._took("INSERT") else None
        using: list[str] = []
        named: list[str] = []
        while self._took("USING"):
            (named if self._took("NAMED") else using).append(self._iri())
        self._took("WHERE")
        where = self._block()
        return Operation("MODIFY", self._prologue, False, delete, insert, where, within, tuple(using), tuple(named))

    def _iri(self) -> str:
        return iri_of(self._prologue, self._take().text)

    def _block(self) -> Slice:
        if self._peek().text != "{":
            raise BadQuery("an operation is not understood here", *_place(self._text, [self._peek()]))
        begin, depth = self._next, 0
        while True:
            token = self._take()
            if token.kind == "mark":
                depth += (token.text == "{") - (token.text == "}")
            if depth == 0 or token is _END:
                break
        inside = tuple(self._found[begin : self._next])
        return Slice(self._text[inside[0].at : inside[-1].at + len(inside[-1].text)], inside)

    def _took(self, word: str) -> bool:
        if self._peek().is_word(word):
            self._next += 1
            return True
        return False

    def _peek(self, ahead: int = 0) -> Token:
        place = self._next + ahead
        return self._found[place] if place < len(self._found) else _END

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token
