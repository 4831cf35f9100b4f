"""Bars for an answer, drawn by the server: a picture for those who see it; its text equal is the table below it."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal

from graph.naming import Namer
from graph.questions import Answer

MOST: Final = 24  # bars; the table holds the rest
LINE: Final = 24  # high is a bar with its gap
# Name, units wide, letters of a label: a phone shows the narrow one.
_SIZES: Final = (("broad", 720, 60), ("narrow", 440, 18))
_LETTER: Final = 7.8  # units wide, at most nearly


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it stands for, its value as a reader sees it, and where it lies."""

    label: str
    value: str
    top: int
    width: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing for a screen of one `size`: its width, where the bars begin, and the bars."""

    size: str
    width: int
    left: int
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        """The height of the drawing in its own units."""
        return len(self.bars) * LINE


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: how many rows it draws and how many it leaves to the table, its one-sentence summary, its pictures."""

    drawn: int
    left_out: int
    summary: str
    pictures: tuple[Picture, ...]


def draw(answer: Answer, namer: Namer) -> Chart | None:
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
    top = max(told, key=lambda one: one[2])
    low = min(told, key=lambda one: one[2])
    summary = f"{len(told)} values, from {low[1]} ({low[0]}) to {top[1]} ({top[0]})"
    shown = told[:MOST]
    return Chart(len(shown), len(told) - len(shown), summary, tuple(_picture(shown, longest, *size) for size in _SIZES))


def _picture(shown: list[tuple[str, str, float]], longest: float, size: str, width: int, letters: int) -> Picture:
    labels = [_cut(label, letters) for label, _, _ in shown]
    left = 10 + round(_LETTER * max(len(label) for label in labels))
    room = width - left - 90  # the number stands right of its bar
    bars = tuple(
        Bar(label, value, place * LINE, round(room * length / longest, 1))
        for place, (label, (_, value, length)) in enumerate(zip(labels, shown, strict=True))
    )
    return Picture(size, width, left, bars)


def _cut(label: str, letters: int) -> str:
    return label if len(label) <= letters else label[: letters - 1].rstrip() + "…"
