"""Who may write: tokens, sent as a bearer or as the password of basic authentication, compared in constant time.

They stand in the file of `--token-file`, one `name:token` a line, or in PARTNERGRAPH_TOKEN, whose holder is called
`operator`. Without any, nobody writes.
"""

import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from graph.errors import Foreseen
from server.settings import ENVIRONMENT

VARIABLE: Final = ENVIRONMENT + "TOKEN"
OPERATOR: Final = "operator"
_SHORTEST: Final = 8  # characters of a token


class TokenError(Foreseen):
    """The file of tokens cannot be used; the message names the line, never a token."""


class Tokens:
    """The tokens of one service, by the name of who holds each."""

    def __init__(self, by_name: Mapping[str, str]) -> None:
        self._by_name = dict(by_name)

    @property
    def open(self) -> bool:
        """Whether anybody may write."""
        return bool(self._by_name)

    def holder(self, scheme: str, name: str, token: str) -> str | None:
        """Give the name of who holds `token`; with basic authentication it is the one that was given."""
        found = None
        for one, held in self._by_name.items():  # every one is compared, so that the time tells nothing
            if hmac.compare_digest(held.encode(), token.encode()) and (scheme == "bearer" or one == name):
                found = one
        return found


def read_tokens(file: str, environment: Mapping[str, str] = os.environ) -> Tokens:
    """Give the tokens of the token file ("" for none) and of the environment. Raises TokenError."""
    found: dict[str, str] = {}
    if file:
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise TokenError(f"{file}: cannot be read as a file of tokens: {why}") from error
        for number, line in enumerate(lines, 1):
            name, colon, token = line.strip().partition(":")
            if not line.strip() or line.startswith("#"):
                continue
            if not colon or not name or len(token) < _SHORTEST or name in found:
                raise TokenError(f"{file}:{number}: a line is name:token, the token of {_SHORTEST} characters or more, "
                                 "each name once")  # fmt: skip
            found[name] = token
    if environment.get(VARIABLE):
        found[OPERATOR] = environment[VARIABLE]
    return Tokens(found)


def own_tokens(data: Path, file: str, say: Callable[[str], None]) -> str:
    """Give the token file of a bare store: the one given, or one made in its data directory where there is no token.

    A store that anybody may write to would be open to every page that its owner's browser shows.
    """
    if file or os.environ.get(VARIABLE):
        return file
    own = data / "tokens"
    if not own.exists():
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
            new.write(f"{OPERATOR}:{secrets.token_urlsafe(24)}\n")
    say(f"changes want the token in {own}")
    return str(own)
