"""Bars for an answer, drawn by the server: a picture for those who see it; its text equal is the table below it."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal

from graph.naming import Namer
from graph.questions import Answer

MOST: Final = 24  # bars; the table holds the rest
WIDTH: Final = 720  # units of the drawing
LINE: Final = 24  # high is a bar with its gap
_LETTERS: Final = 60  # of a label
_LETTER: Final = 7.8  # units wide, at most nearly


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it stands for, its value as a reader sees it, and where it lies."""

    label: str
    value: str
    top: int
    width: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: its bars, where they begin, how many rows it leaves to the table, and its one-sentence summary."""

    bars: tuple[Bar, ...]
    left: int
    left_out: int
    summary: str

    @property
    def height(self) -> int:
        """The height of the drawing in its own units."""
        return len(self.bars) * LINE


def draw(answer: Answer, namer: Namer) -> Drawing | None:
    """Draw the chart that the question of `answer` asks for; None where it asks for none or there are no numbers."""
    chart = answer.question.chart
    if chart is None or not answer.rows:
        return None
    places = [answer.columns.index(name) for name in chart.labels]
    told = []
    for row, length in zip(answer.rows, answer.column(chart.value), strict=True):
        if isinstance(length, Literal):
            words = [namer.value(term).text for place in places if (term := row[place]) is not None]
            told.append((", ".join(words), namer.value(length).text, float(length.value)))
    told = list(dict.fromkeys(told))
    longest = max((length for _, _, length in told), default=0.0)
    if longest <= 0:
        return None
    left = 10 + round(_LETTER * max(len(_cut(label)) for label, _, _ in told[:MOST]))
    room = WIDTH - left - 90  # the number stands right of its bar
    bars = tuple(
        Bar(_cut(label), value, place * LINE, round(room * length / longest, 1))
        for place, (label, value, length) in enumerate(told[:MOST])
    )
    top = max(told, key=lambda one: one[2])
    low = min(told, key=lambda one: one[2])
    summary = f"{len(told)} values, from {low[1]} ({low[0]}) to {top[1]} ({top[0]})"
    return Drawing(bars, left, len(told) - len(bars), summary)


def _cut(label: str) -> str:
    return label if len(label) <= _LETTERS else label[: _LETTERS - 1].rstrip() + "…"
