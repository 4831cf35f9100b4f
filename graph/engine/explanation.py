"""Which engine answers a query over a snapshot, why, and by what plan: for a person who asks why it takes so long."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pyoxigraph import Store

from graph.engine.faults import bad_query
from graph.engine.functions import ask

if TYPE_CHECKING:
    from graph.engine.sql.answer import ColumnEngine


@dataclass(frozen=True, slots=True)
class Explanation:
    """The engine (`rows` or `columns`), the reason, and where it is compiled the SQL and DuckDB's plan for it."""

    engine: str
    why: str
    sql: str = ""
    plan: str = ""


def explanation(text: str, snapshot: Path) -> Explanation:
    """Explain how `text` is answered from the snapshot in this folder. Raises BadQuery where it is no query."""
    from graph.columns.opened import opened
    from graph.engine.sql.answer import ColumnEngine

    with TemporaryDirectory() as spill:
        columns = opened(snapshot, Path(spill))
        try:
            return explained(text, None if columns is None else ColumnEngine(columns))
        finally:
            if columns is not None:
                columns.close()


def explained(
    text: str,
    engine: "ColumnEngine | None",
    default: tuple[str, ...] | None = None,
    named: tuple[str, ...] | None = None,
) -> Explanation:
    """Explain how `text` is answered where `engine` is the column engine, over these graphs. Raises BadQuery."""
    try:
        ask(Store(), text)
    except SyntaxError as error:
        raise bad_query(text, str(error)) from error
    if engine is None:
        return Explanation("rows", "the snapshot has no columns")
    plan = engine.plan(text, default, named)
    if isinstance(plan, str):
        return Explanation("rows", plan)
    shown = engine.columns.connection.execute(f"EXPLAIN {plan.sql}").fetchall()[0][1]
    why = "it compiles, and touches many rows"
    return Explanation("columns", why, plan.query.sql("duckdb", pretty=True), shown)
