"""One execution for a thundering herd: equal work under way is waited for, not done again."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future

from graph.engine.question import Answer, EngineError


class Flights:
    """Work under way by key. What fails fails for all who wait; a large answer, which is a file, is not shared."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, Future[Answer]] = {}
        self._lock = threading.Lock()

    def share(self, key: Hashable, work: Callable[[], Answer]) -> Answer:
        """Give what `work` gives, done once for all who ask for `key` meanwhile. Raises what `work` raises."""
        with self._lock:
            flight = self._under_way.get(key)
            if flight is None:
                own: Future[Answer] = Future()
                self._under_way[key] = own
        if flight is not None:
            answer = flight.result()
            return answer if answer.file is None else work()
        try:
            answer = work()
        except EngineError as error:
            own.set_exception(error)
            raise
        except BaseException as error:
            own.set_exception(RuntimeError("the query that this one waited for was interrupted"))
            raise error
        else:
            own.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._under_way[key]
