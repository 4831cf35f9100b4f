"""History: the chain of published versions, what changed from one to another, who changed it, and keeping them."""

from graph.history.chain import about, between, chain, delta_of, written
from graph.history.forgetting import Unknown, forget
from graph.history.keeping import BackupError, backup, faults, restore, revert
from graph.history.prov import describe
from graph.history.readable import by_entity

__all__ = [
    "BackupError",
    "Unknown",
    "about",
    "backup",
    "between",
    "by_entity",
    "chain",
    "delta_of",
    "describe",
    "faults",
    "forget",
    "restore",
    "revert",
    "written",
]
