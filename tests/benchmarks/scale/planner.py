"""Whether each query went to the engine that is quicker: ours against the rows alone and the columns alone."""

import time
from pathlib import Path

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, serialize

from graph.columns.opened import opened
from graph.engine.sql.answer import ColumnEngine
from graph.engine.sql.compile import Plan, compiled
from graph.engine.sql.fragments import NotCompiled
from tests.benchmarks.scale.measure import Timed

TIMES, MORE = 1.2, 30.0  # how much slower than the better engine a query may be, and milliseconds beyond


class InColumns:
    """The columns of the snapshot in a folder, asked for whatever compiles, be it worth it or not."""

    def __init__(self, folder: Path, spill: Path) -> None:
        columns = opened(folder, spill)
        if columns is None:
            raise FileNotFoundError(f"no columns in {folder}")
        self._engine = ColumnEngine(columns)
        self._plans: dict[str, Plan | None] = {}

    def ask(self, text: str) -> tuple[bytes, float | None] | None:
        """Give the answer and its processor time; None where the query does not compile."""
        began = time.process_time()
        plan = self._plans.get(text)
        if text not in self._plans:
            try:
                plan = compiled(text, self._engine.columns)
            except NotCompiled:
                plan = None
            self._plans[text] = plan
        found = None if plan is None else self._engine.answer(plan)
        if found is None:
            return None
        if isinstance(found, QueryBoolean):
            body = found.serialize(format=QueryResultsFormat.JSON)
        elif isinstance(found, QuerySolutions):
            body = found.serialize(format=QueryResultsFormat.CSV)
        else:
            body = serialize(found, format=RdfFormat.N_TRIPLES)
        assert body is not None
        return body, time.process_time() - began


def slower(ours: dict[str, Timed], rows: dict[str, Timed], columns: dict[str, Timed]) -> dict[str, tuple[float, float]]:
    """Give the queries that took longer than the bound, each with its milliseconds and those of the better engine."""
    found = {}
    for name, one in ours.items():
        times = [t for each in (rows, columns) if (t := each[name].milliseconds) is not None]
        if times and (one.milliseconds is None or one.milliseconds > TIMES * min(times) + MORE):
            found[name] = (float("inf") if one.milliseconds is None else one.milliseconds, min(times))
    return found


def line(found: dict[str, tuple[float, float]]) -> str:
    """Say it in a line of Markdown."""
    bound = f"{TIMES:g} times the better engine and {MORE:g} ms"
    if not found:
        return f"Each query took at most {bound}, asked of the rows alone and of the columns alone."
    told = ", ".join(f"{name} ({ours:.0f} against {best:.0f} ms)" for name, (ours, best) in found.items())
    return f"Slower than {bound}: {told}."
