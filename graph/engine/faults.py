"""What is wrong with a query and where: the engine's syntax errors as line, column, the line with a caret, and a hint.

The engine's own position is the end of the longest keyword that it tried, up to 14 characters behind the fault: it
reads as many characters as the keyword has, then compares. So the length of the keyword that it says it expected is
taken off again; what it could read before that, and what else it would have taken, it does not say.
"""

import re
from collections.abc import Callable
from typing import Final

from pyoxigraph import Store

from graph.engine.question import BadQuery
from graph.engine.tokens import Token, tokens
from graph.names import PREFIXES

_POSITION: Final = re.compile(r"(?:error at )?(\d+):(\d+):\s*(.*)", re.DOTALL)
_KEYWORD: Final = re.compile(r"[A-Z][A-Z_0-9]+")
_SENTENCE: Final = re.compile(r"[A-Z][A-Za-z]* [a-zA-Z][^,]*")  # the engine's own words among what it expected
_PADDING: Final = " " * 20  # more than the longest keyword: else the end of the text seems to be the fault
_MOST_EXPECTED = 8
_SCHEME: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_RELATIVE: Final = "this IRI is relative, and the query says no BASE for it"


def bad_query(text: str, message: str, read: Callable[[str], object] | None = None) -> BadQuery:
    """Turn the engine's syntax error about `text` into a place, the line with a caret, and a hint.

    `read` lets the engine read the text with the given characters behind it; by default it reads a query.
    """
    match = _POSITION.match(_padded(message, read or (lambda more: Store().query(text + more))))
    if match is None:
        return BadQuery(message, hint=_hint(text, message))
    found = list(tokens(text))
    relative = _relative(text, found)
    if relative is not None:
        return BadQuery(_RELATIVE, *_shown(text, relative), "write it whole, or add: BASE <http://example.org/>")
    expected = match[3].removeprefix("expected ").removeprefix("one of ").split(", ")
    at = _index(text, int(match[1]), int(match[2]))
    words = next((e for e in expected if _SENTENCE.fullmatch(e)), None)
    if words is not None and at >= len(text):
        return BadQuery(words, hint=_hint(text, words))
    place = _undeclared(found) if words == "Prefix not found" else _open_string(found)
    if place is None:
        place = _beginning(found, at, expected, words is not None)
    place = min(place, len(text.rstrip()))
    return BadQuery(_told(text, found, place, match[3], words), *_shown(text, place), _hint(text, match[3]))


def _padded(message: str, read: Callable[[str], object]) -> str:
    """What the engine says of the text with room behind it, which is where a short text goes wrong for it."""
    try:
        read(_PADDING)
    except SyntaxError as error:
        return str(error)
    except (RuntimeError, OSError):
        return message
    return message


def _index(text: str, line: int, column: int) -> int:
    starts = [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]
    return starts[min(line, len(starts)) - 1] + column - 1


def _beginning(found: list[Token], at: int, expected: list[str], ends: bool) -> int:
    """Give where the token begins that the engine stumbled over, or `at` where that is none's beginning."""
    starts = {token.at for token in found}
    if ends:  # it read a token whole before it refused it
        starts_by_end = {token.at + len(token.text): token.at for token in found}
        return starts_by_end.get(at, at)
    places = {at - len(word) for word in expected if _KEYWORD.fullmatch(word)}
    if len(places) < len(expected):
        places.add(next((token.at for token in found if token.at >= at), at))
    return max((place for place in places if place in starts), default=at)


def _relative(text: str, found: list[Token]) -> int | None:
    """Give where the first relative IRI stands, if that there is no base is all that is wrong with the text."""
    first = next((t.at for t in found if t.kind == "iri" and not _SCHEME.match(t.text)), None)
    if first is None or any(t.is_word("BASE") for t in found):
        return None
    try:
        Store().query(f"BASE <http://example.org/> {text}")
    except SyntaxError:
        return None
    except (RuntimeError, OSError):
        return first
    return first


def _undeclared(found: list[Token]) -> int | None:
    declared = _declared(found)
    return next((t.at for t in found if t.kind == "name" and t.text.partition(":")[0] not in declared), None)


def _open_string(found: list[Token]) -> int | None:
    return next((t.at for t in found if t.kind == "mark" and t.text in "\"'"), None)


def _declared(found: list[Token]) -> set[str]:
    return {found[i + 1].text[:-1] for i, token in enumerate(found[:-1]) if token.is_word("PREFIX")}


def _told(text: str, found: list[Token], at: int, message: str, words: str | None) -> str:
    if words == "Prefix not found":
        return "a prefix is used that no PREFIX line declares"
    if words is not None:
        return words
    here = next((token.text for token in found if token.at == at), None)
    if here is None:
        return _shortened(message) if at < len(text.rstrip()) else "the query ends too early"
    if here in "\"'":
        return "the string that begins here is not closed"
    if any(_KEYWORD.fullmatch(e) for e in re.split(r"expected (?:one of )?|, ", message)):
        return f"{here[:40]!r}, or what follows it, is not expected here"
    return _shortened(message)


def _shortened(message: str) -> str:
    head, expected, rest = message.partition("expected one of ")
    names = rest.split(", ")
    if expected and len(names) > _MOST_EXPECTED:
        return f"{head}{expected}{', '.join(names[:_MOST_EXPECTED])} ..."
    return message


def _shown(text: str, at: int) -> tuple[int, int, str]:
    """Give line and column of a place, counted from 1, and the line, cut to what stands near, with a caret below."""
    line, begins = text.count("\n", 0, at) + 1, text.rfind("\n", 0, at) + 1
    column = at - begins
    shown = text[begins:].partition("\n")[0].rstrip("\r")
    start = max(0, column - 60)
    return line, column + 1, f"{shown[start : start + 120]}\n{' ' * (column - start)}^"


def _hint(text: str, message: str) -> str | None:
    found = list(tokens(text))
    used = {t.text.partition(":")[0] for t in found if t.kind == "name"}
    missing = sorted(used - _declared(found))
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
