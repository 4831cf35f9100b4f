"""Commit: requests that wait together become one version, each of them whole or not at all.

One writer a data directory; the stage is made by a process that may be killed, and this one only publishes it.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graph.change.request import Accepted, Lost, Precondition, Request, State, Summary
from graph.change.worker import UpdateWorker
from graph.engine.question import Crashed, EngineError, TooMuchMemory, TooSlow
from graph.errors import Foreseen
from graph.gone import Gone
from graph.manifest import Change, Manifest, engines, new_id, now
from graph.snapshot import KEPT, DataDirectory, Snapshot

_LETHAL = (TooSlow, TooMuchMemory, Crashed)  # after which the stage is gone with its worker


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the precondition that it hangs on, None for none."""

    request: Request
    precondition: Precondition | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: the version that it is part of and how, or the error that kept it out."""

    snapshot: Snapshot | None = None
    accepted: Accepted | None = None
    error: Foreseen | None = None

    def result(self) -> tuple[Snapshot, Accepted]:
        """Give the version and how the request is part of it, or raise its error."""
        if self.error is not None:
            raise self.error
        assert self.snapshot is not None and self.accepted is not None
        return self.snapshot, self.accepted


class Committer:
    """Makes versions of `data`, with an update worker of `memory` MiB that lives on from one to the next.

    `seconds` is the time a request may take, `keep` how many versions are kept.
    """

    def __init__(self, data: DataDirectory, memory: int, seconds: float, keep: int = KEPT) -> None:
        self._data, self._memory, self._seconds, self._keep = data, memory, seconds, keep
        self._worker: UpdateWorker | None = None

    def commit(self, asked: Sequence[Asked], wait: float = 0.0) -> list[Outcome]:
        """Publish what `asked` come to, in their order, as one version; give what became of each.

        Raises SnapshotError, for all of them, where the directory has another writer for more than `wait` seconds or
        the disk does not take the version: nothing is published then.
        """
        with self._data.writer(wait):
            live = self._data.current()
            errors: dict[int, Foreseen] = {}
            while True:
                left = [number for number in range(len(asked)) if number not in errors]
                try:
                    return self._version(live, asked, left, errors)
                except _Fatal as fatal:
                    errors[fatal.number] = fatal.error

    @property
    def pid(self) -> int | None:
        """The number of the update worker's process, where there is one."""
        return self._worker.pid if self._worker is not None else None

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _version(
        self, live: Snapshot, asked: Sequence[Asked], left: Sequence[int], errors: dict[int, Foreseen]
    ) -> list[Outcome]:
        place = self._data.staging()
        try:
            worker = self._begin(live.path, place)
            accepted = self._apply(worker, live, asked, left, errors)
            changed = {n: one for n, one in accepted.items() if one.state.id == ""}
            snapshot = live
            if changed:
                summary = worker.finish()
                self._data.reached("staged")
                Gone(self._data.path).note(summary.gone)
                changes = [_change(asked[n].request, one) for n, one in changed.items() if one.added or one.removed]
                snapshot = self._data.publish(place, _manifest(live.manifest, summary, changes), self._keep)
        finally:
            shutil.rmtree(place, ignore_errors=True)  # gone already where it was published
        return [Outcome(error=errors[n]) if n in errors else Outcome(snapshot, accepted[n]) for n in range(len(asked))]

    def _begin(self, parent: Path, place: Path) -> UpdateWorker:
        for last in (False, True):
            if self._worker is None:
                self._worker = UpdateWorker(self._memory)
            try:
                self._worker.begin(parent, place)
                break
            except _LETHAL:
                self._worker = None  # killed from outside since it was last used, perhaps
                shutil.rmtree(place)
                place.mkdir()
                if last:
                    raise
        assert self._worker is not None
        return self._worker

    def _apply(
        self, worker: UpdateWorker, live: Snapshot, asked: Sequence[Asked], left: Sequence[int],
        errors: dict[int, Foreseen],
    ) -> dict[int, Accepted]:  # fmt: skip
        state = State(live.id, live.manifest.digest, live.manifest.digests)
        accepted: dict[int, Accepted] = {}
        for number in left:
            one = asked[number]
            try:
                if one.precondition is not None and not one.precondition(state):
                    raise Lost("what the request is about was changed by somebody else")
                accepted[number] = worker.apply(one.request, self._seconds)
                state = accepted[number].state
                self._data.reached("applied")
            except _LETHAL as error:
                self._worker = None
                raise _Fatal(number, error) from error
            except Foreseen as error:
                errors[number] = error
        return accepted


class _Fatal(Exception):
    """A request that cost the worker, and with it the stage: the others are applied again without it."""

    def __init__(self, number: int, error: EngineError) -> None:
        super().__init__(str(error))
        self.number, self.error = number, error


def commit(data: DataDirectory, request: Request, memory: int = 2048, seconds: float = 600.0) -> Snapshot:
    """Make one change and publish it: what a command does. Raises what keeps it out."""
    committer = Committer(data, memory, seconds)
    try:
        return committer.commit([Asked(request)])[0].result()[0]
    finally:
        committer.close()


def _change(request: Request, accepted: Accepted) -> Change:
    return Change(request.author, request.message, now(), accepted.added, accepted.removed)


def _manifest(was: Manifest, summary: Summary, changes: Sequence[Change]) -> Manifest:
    made = new_id(summary.digest)
    return replace(
        was,
        id=made,
        created=made.partition("-")[0],
        parent=was.id,
        origin="change",
        lineage=was.lineage or was.origin,
        digest=summary.digest,
        digests=summary.digests,
        quads=summary.quads,
        triples=summary.triples,
        graphs=summary.graphs,
        findings=summary.findings,
        engines=engines(),
        changes=tuple(changes),
        measured=was.measured_in,
        message="",
    )
