"""What is told of a large version besides each network: its partners in figures, and who hangs on one thread."""

import numpy as np

from graph.analysis.dependence import EXCHANGES, PLACES, ArticulationPoint, Reliance, SinglePoints
from graph.analysis.large.arrays import Arrays, draw, labels
from graph.analysis.large.cuts import cut_off
from graph.analysis.networks import describe, kind_of
from graph.analysis.whole import Figure, counting, partner_figures
from graph.columns.opened import Columns
from graph.engine.sql.compile import compiled

FIRST = 1000  # of each list of single points


def partners(columns: Columns) -> list[Figure]:
    """Give the figures of the ecosystem's partners, as `graph.analysis.of_partners` does."""
    everybody, offered, tied = (
        _counts(columns, name) for name in ("partners", "solutions-per-partner", "ties-per-partner")
    )
    return partner_figures(len(everybody), offered, len(tied))


def _counts(columns: Columns, name: str) -> list[int]:
    """Give ?count of each ?partner by the query called `name` in `counts/`."""
    plan = compiled(counting(name), columns)
    at = f"c{list(plan.columns).index('count')}"
    listed = ", ".join(f"c{n}" for n in range(len(plan.columns)))
    lex = f"(SELECT lex FROM terms WHERE id = {at})" if plan.columns["count"].encoded else f"{at}.lex"
    query = f"SELECT {lex}::BIGINT FROM ({plan.sql}) AS told({listed})"
    return [number for (number,) in columns.connection.execute(query).fetchall()]


def large_single_points(columns: Columns) -> SinglePoints:
    """Give the single points of failure as `graph.analysis.single_points` does, the first FIRST of each list."""
    places, exchanges = (draw(columns, describe(name)) for name in (PLACES, EXCHANGES))
    peering = {places.iris[node] for node in np.flatnonzero(places.mode)} if places.ties else set()
    of_places = _single(places, np.flatnonzero(~places.mode).tolist())
    ways = np.bincount(exchanges.tails, minlength=exchanges.size)
    ways_in = [node for node in np.flatnonzero(ways == 1).tolist() if exchanges.iris[node] not in peering]
    of_organizations = _single(exchanges, ways_in)
    points = [
        (name, network.iris[node], int(lost[node]))
        for name, network in ((PLACES, places), (EXCHANGES, exchanges)) if network.ties
        for lost in [cut_off(network)]
        for node in np.flatnonzero(lost)
    ]  # fmt: skip
    points = sorted(points, key=lambda point: (-point[2], point[0], point[1]))[:FIRST]
    named = labels(columns, [iri for pair in (*of_places, *of_organizations) for iri in pair] + [p[1] for p in points])
    return SinglePoints(
        places=tuple(Reliance(one, named[one], through, named[through]) for one, through in of_places),
        organizations=tuple(Reliance(one, named[one], through, named[through]) for one, through in of_organizations),
        articulation=tuple(ArticulationPoint(name, iri, named[iri], kind_of(iri), lost) for name, iri, lost in points),
    )


def _single(found: Arrays, among: list[int]) -> list[tuple[str, str]]:
    """Give the first of those of `among` that are tied to exactly one, and to whom."""
    if not found.ties:
        return []
    near = found.matrix
    alone = [node for node in among if near.indptr[node + 1] - near.indptr[node] == 1][:FIRST]
    return [(found.iris[node], found.iris[near.indices[near.indptr[node]]]) for node in alone]
