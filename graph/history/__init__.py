"""History: the chain of published versions, what changed from one to another, and who changed it."""

from graph.history.chain import between, chain, delta_of
from graph.history.prov import describe

__all__ = ["between", "chain", "delta_of", "describe"]
