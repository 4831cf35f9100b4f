"""Questions that people have, kept as queries with parameters, and their answers.

A question is a file in this folder (see `catalogue`); a new one needs no code.
"""

from graph.questions.answers import (
    Answer,
    ask,
    graphs_of,
    in_words,
    of_json,
    sorted_by,
    spelled,
    with_labels,
    written,
)
from graph.questions.catalogue import Chart, Parameter, StoredQuestion, names, question, questions
from graph.questions.offered import offered
from graph.questions.parameters import Bindings, Choice, Listed, Offered, ParameterError, Term, bind, choices
from graph.questions.rows import with_rows

__all__ = [
    "Answer",
    "Bindings",
    "Chart",
    "Choice",
    "Listed",
    "Offered",
    "Parameter",
    "ParameterError",
    "StoredQuestion",
    "Term",
    "ask",
    "bind",
    "choices",
    "graphs_of",
    "in_words",
    "names",
    "of_json",
    "offered",
    "question",
    "questions",
    "sorted_by",
    "spelled",
    "with_labels",
    "with_rows",
    "written",
]
