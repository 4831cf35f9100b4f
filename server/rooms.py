"""The modules of all blueprints, loaded as one; they import nothing of the factory."""

from types import ModuleType
from typing import Final

from server import (
    analysis,
    exports,
    graphs,
    guide,
    health,
    history,
    listing,
    openapi,
    operator,
    pages,
    problem_types,
    quality,
    questions,
    sparql,
    things,
    updates,
    validation,
    vocabulary,
    void,
)

_ABOUT: Final = (pages, guide, questions, quality, things, listing, vocabulary, analysis)
_PROTOCOLS: Final = (sparql, updates, graphs, validation)
# Each has a `blueprint` that takes the service.
ROOMS: Final[tuple[ModuleType, ...]] = (
    *_ABOUT, exports, *_PROTOCOLS, history, void, health, operator, openapi
)  # fmt: skip
__all__ = ["ROOMS", "problem_types", "things"]
