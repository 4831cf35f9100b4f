"""Bars for an answer, drawn by the server: a picture for those who see it; its text equal is the table below it."""

from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from pyoxigraph import Literal

from graph.naming import Namer
from graph.questions import Answer

MOST: Final = 24  # bars; the table holds the rest
LINE: Final = 24  # high is a bar with its gap
_NEXT: Final = 17  # high is another line of a label
# Name, units wide, letters of a line of a label, and whether that stands above its bar: a phone shows the narrow one.
_SIZES: Final = (("broad", 720, 48, False), ("narrow", 360, 40, True))
_LETTER: Final = 8.4  # units wide, of a line of many wide ones


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it stands for in lines, each with where it lies; its value as a reader sees it; where it lies."""

    lines: tuple[tuple[int, str], ...]
    value: str
    top: int
    width: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing for a screen of one `size`: its width and height, where the bars begin, the bars, and whether their
    labels stand above them.
    """

    size: str
    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]
    is_above: bool


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


def _picture(
    shown: list[tuple[str, str, float]], longest: float, size: str, width: int, letters: int, is_above: bool
) -> Picture:
    labels = [wrap(label, letters) for label, _, _ in shown]
    left = 2 if is_above else 10 + round(_LETTER * max(len(line) for lines in labels for line in lines or [""]))
    room = width - left - 90  # the number stands right of its bar
    bars, top = [], 0
    for lines, (_, value, length) in zip(labels, shown, strict=True):
        placed = tuple((top + _NEXT * place, line) for place, line in enumerate(lines))
        high = _NEXT * len(lines)
        bars.append(Bar(placed, value, top + high if is_above else top, round(room * length / longest, 1)))
        top += LINE + (high if is_above else max(high - _NEXT, 0))
    return Picture(size, width, top, left, tuple(bars), is_above)
