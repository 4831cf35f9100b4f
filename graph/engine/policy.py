"""What a query may be, decided before any work on its tokens: its form, its datasets, what is refused by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from graph.engine.tokens import Token, tokens
from graph.errors import Foreseen

FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES: Final = "INSERT DELETE LOAD CLEAR DROP CREATE COPY MOVE ADD WITH".split()
DEEPEST = 1000  # nested brackets; the engine ends its process at about 2,200
LONGEST = 4000  # operands of one kind; the engine ends its process at about 6,500 UNIONs


class Refused(Foreseen):
    """The query asks for what this service does not do; `what` names it (SERVICE, UPDATE, FROM ...)."""

    def __init__(self, what: str, detail: str, at: int = 0) -> None:
        super().__init__(detail)
        self.what, self.detail, self.at = what, detail, at


@dataclass(frozen=True, slots=True)
class Reading:
    """What the tokens of a query say: its form (None where it has none), the graphs of its FROM and FROM NAMED."""

    form: str | None
    from_graphs: tuple[str, ...]
    from_named: tuple[str, ...]


def read(text: str) -> Reading:
    """Read `text` and refuse by name what no query here may do.

    Raises Refused: an update, SERVICE, or a nesting that no engine survives. A text that is no query at all passes:
    the engine's parser says what is wrong with it.
    """
    found = list(tokens(text))
    _refuse_depth(found)
    _refuse_service(found)
    form = next((t for t in found if t.kind == "word" and t.text.upper() in (*FORMS, *UPDATES)), None)
    if form is not None and form.text.upper() in UPDATES:
        raise Refused("UPDATE", f"this service is read-only; {form.text.upper()} is an update", form.at)
    graphs, named = _datasets(found)
    return Reading(form.text.upper() if form else None, tuple(graphs), tuple(named))


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


def _refuse_service(found: Sequence[Token]) -> None:
    # The engine's keywords need no boundary: `trueSERVICE<x>{` and `SERVICEex:p{` both are a SERVICE to it. No other
    # word of SPARQL holds the letters, and no prefixed name stands right before a brace.
    for token, after in zip(found, [*found[1:], Token("mark", "", 0)], strict=False):
        suspect = token.kind == "word" or (token.kind == "name" and after.text == "{")
        if suspect and "SERVICE" in token.text.upper():
            raise Refused("SERVICE", "SERVICE would ask another endpoint; this service answers from its own graph",
                          token.at)  # fmt: skip


def _datasets(found: Sequence[Token]) -> tuple[list[str], list[str]]:
    prefixes: dict[str, str] = {}
    base = ""
    graphs: list[str] = []
    named: list[str] = []
    for i, token in enumerate(found[:-1]):
        after = found[i + 1]
        if token.is_word("PREFIX") and i + 2 < len(found):
            prefixes[after.text.rstrip(":")] = urljoin(base, found[i + 2].text[1:-1])
        elif token.is_word("BASE"):
            base = after.text[1:-1]
        elif token.is_word("FROM"):
            is_named = after.is_word("NAMED")
            term = found[i + 2] if is_named and i + 2 < len(found) else after
            (named if is_named else graphs).append(_iri(term, prefixes, base))
    return graphs, named


def _iri(token: Token, prefixes: dict[str, str], base: str) -> str:
    if token.kind == "iri":
        iri = token.text[1:-1]
        return urljoin(base, iri) if base else iri
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, "") + local
