"""A stored query with its variables bound, as text that anybody can run elsewhere."""

from collections.abc import Mapping
from itertools import chain, dropwhile

from pyoxigraph import Literal, NamedNode


def bound(query: str, bindings: Mapping[str, NamedNode | Literal]) -> str:
    """Give `query` under its question (its first line) without the rest of its head, `bindings` written at its end.

    A bound variable must be projected and joined, so that the VALUES at the end reach it. They are written at lines
    `# parameters` too: an engine that reads them at the end only has worked out a sub-select for everything by then.
    """
    question, *lines = query.rstrip().splitlines()
    body = dropwhile(lambda line: line.startswith("#"), lines)
    variables, terms = (" ".join(some) for some in ((f"?{name}" for name in bindings), map(str, bindings.values())))
    values = [f"VALUES ({variables}) {{ ({terms}) }}"] if bindings else []
    inside = chain.from_iterable(values if line.strip() == "# parameters" else [line] for line in body)
    return "\n".join([question, *inside, *values]) + "\n"
