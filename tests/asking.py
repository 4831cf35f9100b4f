"""Answers to ready questions as tests compare them: a row is a dict of texts, things by kind/slug, with labels."""

from pyoxigraph import NamedNode

from graph import questions
from graph.names import BASE, THING
from graph.naming import Namer
from graph.questions import Answer
from graph.snapshot import Snapshot


def answered(snapshot: Snapshot, name: str, **given: str) -> Answer:
    """Give the answer to the question called `name`, asked of `snapshot`."""
    asked = questions.question(name)
    offered = {one.name: questions.choices(snapshot.store, one) for one in asked.parameters}
    return questions.ask(snapshot.store, asked, questions.bind(asked, given, offered))


def table(snapshot: Snapshot, name: str, **given: str) -> list[dict[str, str]]:
    """Give the rows of that answer: column to text, "" for a gap; `<column>Label` is the name of a thing."""
    answer = questions.with_labels(answered(snapshot, name, **given), Namer(snapshot.store))
    return [dict(zip(answer.columns, map(text, row), strict=True)) for row in answer.rows]


def text(term: object) -> str:
    """Give a term as a table of facts writes it: kind/slug of a thing, the plain text of a literal."""
    if isinstance(term, NamedNode):
        return term.value.removeprefix(THING).removeprefix(BASE)
    return getattr(term, "value", "")
