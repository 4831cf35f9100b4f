"""What a query may be, decided before any work on its tokens: its form, its datasets, what is refused by name."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, parse

from graph.engine.federation import Call, calls
from graph.engine.tokens import Scanner, Token
from graph.errors import Foreseen

FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES: Final = "INSERT DELETE LOAD CLEAR DROP CREATE COPY MOVE ADD WITH".split()
DEEPEST = 1000  # nested brackets; the engine ends its process at about 2,200
LONGEST = 4000  # operands of one kind; the engine ends its process at about 6,500 UNIONs
_MOST_WORK = 8  # times the length of the text, to read what can be read in two ways
_NOTHING = Token("mark", "", 0)
_ESCAPED: Final = re.compile(r"\\(.)")


class Refused(Foreseen):
    """The query asks for what this service does not do; `what` names it (SERVICE, UPDATE, FROM ...)."""

    def __init__(self, what: str, detail: str, at: int = 0) -> None:
        super().__init__(detail)
        self.what, self.detail, self.at = what, detail, at

    def __reduce__(self) -> tuple[type["Refused"], tuple[str, str, int]]:
        return Refused, (self.what, self.detail, self.at)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the tokens of a query say: its form (None where it has none), the graphs of its FROM and FROM NAMED, and
    its SERVICE calls.
    """

    form: str | None
    from_graphs: tuple[str, ...]
    from_named: tuple[str, ...]
    calls: tuple[Call, ...] = ()


def read(text: str, endpoints: Collection[str] = ()) -> Reading:
    """Read `text` and refuse by name what no query here may do; SERVICE may call `endpoints`, by their IRIs alone.

    Raises Refused: an update, SERVICE, or a nesting that no engine survives. A text that is no query at all passes:
    the engine's parser says what is wrong with it.
    """
    found = list(Scanner(text).tokens())
    _refuse_depth(found)
    permitted = calls(text, found, lambda token: _iri(token, *_prologue(found)), endpoints) if endpoints else []
    _refuse_service(text, found, {call.at for call in permitted}, bool(endpoints))
    form = next((t for t in found if t.kind == "word" and t.text.upper() in (*FORMS, *UPDATES)), None)
    if form is not None and form.text.upper() in UPDATES:
        raise Refused("UPDATE", f"this service is read-only; {form.text.upper()} is an update", form.at)
    graphs, named = _datasets(found)
    return Reading(form.text.upper() if form else None, tuple(graphs), tuple(named), tuple(permitted))


def refuse_update(text: str) -> None:
    """Refuse by name what no update here may do: LOAD, SERVICE, or a nesting that no engine survives."""
    found = list(Scanner(text).tokens())
    _refuse_depth(found)
    _refuse_service(text, found, (), False)
    for token in (*found, *(_otherwise(Scanner(text), text, found) if "LOAD" in text.upper() else ())):
        if token.kind == "word" and "LOAD" in token.text.upper():
            raise Refused("LOAD", "LOAD would fetch a document; send its statements instead", token.at)


def _refuse_depth(found: Sequence[Token]) -> None:
    depth = 0
    counts: dict[str, int] = {}
    for token in found:
        if token.kind == "mark":
            depth += (token.text in "{([") - (token.text in "})]")
        if depth > DEEPEST:
            raise Refused("DEPTH", f"more than {DEEPEST} nested brackets", token.at)
        key = token.text.upper()
        if key in ("UNION", "&&", "||", "/", "|", "+", "-", "*", "^", "!", "OPTIONAL", "MINUS"):
            counts[key] = counts.get(key, 0) + 1
            if counts[key] > LONGEST:
                raise Refused("DEPTH", f"more than {LONGEST} times {key}", token.at)


def _refuse_service(
    text: str, found: Sequence[Token], permitted: Collection[int] = (), some: bool = False
) -> None:
    if "SERVICE" not in text.upper():
        return  # the engine reads no escapes in its keywords: what is not written is not there
    scanner = Scanner(text)
    for before, token in zip([_NOTHING, *found], found, strict=False):
        # No other word of SPARQL holds the letters; a name before a brace is a graph's or glued to a keyword.
        hides = token.kind == "name" and not before.is_word("GRAPH") and _calls(scanner, token)
        if hides or (token.kind == "word" and "SERVICE" in token.text.upper() and token.at not in permitted):
            raise _service(token, some)
    for token in _otherwise(scanner, text, found):
        if token.kind in ("name", "word") and _calls(scanner, token):
            raise _service(token, some)


def _service(token: Token, some: bool) -> Refused:
    detail = "SERVICE would ask another endpoint; this service answers from its own graph"
    if some:
        detail += ". It may call what its operator listed, each endpoint by its IRI, and none within another's call"
    return Refused("SERVICE", detail, token.at)


def _calls(scanner: Scanner, token: Token) -> bool:
    """Whether what follows makes a SERVICE of a word or a name that holds the letters.

    The engine's keywords need no boundary: `trueSERVICE<x>{` and `SERVICEex:p{` both are one to it. So is the end of
    `p:SERVICE` where the whole would be no IRI (`PREFIX p: <http://a:8>`).
    """
    word = token.text.upper()
    if "SERVICE" not in word:
        return False
    following = list(islice(scanner.tokens(token.at + len(token.text)), 3))
    head, colon, local = word.partition(":")
    if following and following[0].text == "{":
        return bool(colon) and ("SERVICE" in head or (local.startswith("SERVICE") and ":" in local))
    if colon and not local.startswith("SERVICE"):
        return False
    if following and following[0].is_word("SILENT"):
        del following[0]
    return len(following) > 1 and following[0].kind in ("iri", "variable", "name") and following[1].text == "{"


def _otherwise(scanner: Scanner, text: str, found: Sequence[Token]) -> Iterator[Token]:
    """Give the tokens that the text has where `<` begins no IRI but is less-than: `FILTER(?a<1)SERVICE#>`.

    Only a quote or a comment in such an IRI makes a difference behind it. Raises Refused where there are so many
    that following them all would take too long.
    """
    seen = {token.at for token in found}
    forks = [token.at + 1 for token in found if _ambiguous(token)]
    while forks:
        for token in scanner.tokens(heappop(forks)):
            if token.at in seen:
                break
            seen.add(token.at)
            if scanner.work > _MOST_WORK * (len(text) + 1000):
                raise Refused("DEPTH", "too many strings that can be read in two ways", token.at)
            if _ambiguous(token):
                heappush(forks, token.at + 1)
            yield token


def _ambiguous(token: Token) -> bool:
    return token.kind == "iri" and ("'" in token.text or "#" in token.text)


def _prologue(found: Sequence[Token]) -> tuple[dict[str, str], str]:
    """Give the prefixes with what they stand for, and the base, "" where the query says none."""
    prefixes: dict[str, str] = {}
    base = ""
    for i, token in enumerate(found[:-1]):
        after = found[i + 1]
        if token.is_word("PREFIX") and i + 2 < len(found):
            prefixes[after.text.rstrip(":")] = _resolved(found[i + 2], base)
        elif token.is_word("BASE"):
            base = _resolved(after, base)
    return prefixes, base


def _datasets(found: Sequence[Token]) -> tuple[list[str], list[str]]:
    prefixes, base = _prologue(found)
    graphs: list[str] = []
    named: list[str] = []
    for i, token in enumerate(found[:-1]):
        after = found[i + 1]
        if token.is_word("FROM"):
            is_named = after.is_word("NAMED")
            term = found[i + 2] if is_named and i + 2 < len(found) else after
            iri = _iri(term, prefixes, base)
            if iri is not None:
                (named if is_named else graphs).append(iri)
    return graphs, named


def _iri(token: Token, prefixes: dict[str, str], base: str) -> str | None:
    """Give the IRI that `token` stands for; None where it stands for none, which the engine then says better."""
    if token.kind == "iri":
        return _resolved(token, base)
    prefix, _, local = token.text.partition(":")
    if token.kind != "name" or prefix not in prefixes:
        return None
    return prefixes[prefix] + _ESCAPED.sub(r"\1", local)


def _resolved(token: Token, base: str) -> str:
    """Give the IRI that the token `<...>` stands for, as the engine makes it: with escapes and against the base."""
    try:
        found = next(parse(f"{token.text} <x:> <x:> .", RdfFormat.TURTLE, base_iri=base or None))
    except (SyntaxError, ValueError, StopIteration):
        return token.text[1:-1]  # no IRI: the engine says so when it reads the query
    return found.subject.value if isinstance(found.subject, NamedNode) else ""
