"""Workers: processes of this machine, or those of a Dask scheduler; and tasks for them, some at a time."""

from __future__ import annotations

import contextlib
import importlib
import logging
import queue
import time
import urllib.request
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from octavox.codec import __version__
from octavox.codec.errors import InputError
from octavox.codec.files.scratch import scratch_folder
from octavox.codec.job import CancelToken
from octavox.codec.optional import optional_package

from .tasks import Task
from .weights import digest_of
from .working import Values, run_task, worker_facts

PACKAGES = ("dask", "distributed", "pyarrow")
AHEAD = 4  # tasks in flight for each thread of a worker: one at work, the others waiting
LOOK_S = 0.2  # between two looks at the cancel token
COUNT_S = 2.0  # between two counts of the workers
CONNECT_S = 10
SILENT = logging.CRITICAL + 1
RESULT_S = 1.0  # for a result to arrive; a worker that stands still keeps its own back
Say = Callable[[str], None]


def check_packages() -> None:
    """Raises InputError that says what to install, where the packages of batches are missing."""
    for name in PACKAGES:
        optional_package(name, "a batch")


@contextlib.contextmanager
def _without_logs() -> Iterator[None]:
    """Keeps what Dask logs off the terminal: a connection that ends with its worker is told as a row."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(SILENT)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextlib.contextmanager
def local_workers(count: int, say: Say) -> Iterator[Any]:
    """A Dask client of so many processes of this machine, of one thread each.

    A process that ends is replaced. None is ended for the memory it takes.
    """
    import dask

    from . import plugin

    distributed: Any = importlib.import_module("distributed")  # its classes have no types

    # Which file a worker was lost over is counted here, so the scheduler itself tries nothing again.
    # Dask would have workers hand freed memory back at once: to ask for it again took a fifth of their time.
    # It also looks at every process many times a second, for its profile and its own health: seconds suffice.
    settings = {
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.interval": "2s",
        "distributed.admin.system-monitor.interval": "5s",
        "distributed.scheduler.allowed-failures": 0,
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.nanny.pre-spawn-environ": {
            f"{library}_NUM_THREADS": 1 for library in ("OMP", "MKL", "OPENBLAS")
        },
    }
    with (
        scratch_folder() as folder,
        dask.config.set(settings | {"temporary-directory": str(folder)}),
        warnings.catch_warnings(),
        _without_logs(),
    ):
        warnings.simplefilter("ignore")  # a dashboard's port that is taken: another one is
        try:
            cluster = distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                silence_logs=SILENT,
            )
        except (OSError, RuntimeError) as error:
            hint = "a script has to guard its calls with if __name__ == '__main__'"
            raise InputError(f"the workers do not start ({error}); {hint}") from error
        with cluster, distributed.Client(cluster) as client:
            client.register_plugin(plugin.LocalPlugin())
            _say_dashboard(client, say)
            yield client


@contextlib.contextmanager
def remote_workers(address: str, say: Say) -> Iterator[Any]:
    """A Dask client of a scheduler that runs. Waits for its first worker.

    Raises InputError where nothing answers there, or where workers have no octavox, or another release.
    """
    distributed: Any = importlib.import_module("distributed")
    try:
        client = distributed.Client(address, timeout=CONNECT_S)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"no Dask scheduler answers at {address}: {error}", field="scheduler") from error
    with _without_logs(), client:
        _say_dashboard(client, say)
        yield client


def await_workers(client: Any, cancel: CancelToken, say: Say) -> int:
    """How many workers there are, once there is one. Raises InputError where one has another octavox."""
    if not client.nthreads():
        say("waiting for the first worker")
    while not client.nthreads():
        cancel.raise_if_cancelled()
        time.sleep(LOOK_S)
    for address, facts in client.run(worker_facts, on_error="return").items():
        if isinstance(facts, Exception):
            raise InputError(f"the worker at {address} cannot load octavox: {facts}", field="scheduler")
        if facts["version"] != __version__:
            reason = f"the worker at {address} has octavox {facts['version']}, this is {__version__}"
            raise InputError(reason, field="scheduler")
    return len(client.nthreads())


def _say_dashboard(client: Any, say: Say) -> None:
    """Tells the address of Dask's dashboard, if there is one: it needs the package bokeh on the scheduler."""
    link = client.dashboard_link
    with contextlib.suppress(OSError, ValueError):
        with urllib.request.urlopen(link, timeout=2) as page:
            if b"Dask needs bokeh" not in page.read(4096):
                say(f"Dask's dashboard: {link}")


def send_weights(client: Any, data: bytes) -> str:
    """Sends weights to each worker, also to those that come later; their digest."""
    from .plugin import WeightsPlugin

    client.register_plugin(WeightsPlugin(data))
    return digest_of(data)


@dataclass
class _Flight:
    """A task on its way. tries: how often it was given to a worker."""

    task: Task
    tries: int = 1


class Submission:
    """Gives tasks to the workers of a client, a few for each at a time, and takes what they return."""

    def __init__(self, client: Any, retries: int, cancel: CancelToken) -> None:
        self._client, self._retries, self._cancel = client, retries, cancel
        self._ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._flying: dict[Any, _Flight] = {}
        self._counted, self._window = 0.0, AHEAD

    def run(self, tasks: Iterable[Task]) -> Iterator[list[tuple[Task, Values]]]:
        """What became of the tasks, in groups, as they finish; nothing where nothing happened for a while.

        A task whose worker is lost is given to another one, `retries` times. Raises CancelledError, and
        InputError where the scheduler is lost.
        """
        waiting = deque(_Flight(task) for task in tasks)
        while waiting or self._flying:
            self._cancel.raise_if_cancelled()
            if self._client.status not in ("running", "connecting"):
                raise InputError(
                    "the connection to the scheduler is lost; the same command goes on from here"
                )
            while waiting and len(self._flying) < self._room():
                self._submit(waiting.popleft())
            done = []
            for future in self._finished():
                flight = self._flying[future.key]
                try:
                    values = self._values(future, flight)
                except TimeoutError:
                    self._ready.put(future)
                    continue
                del self._flying[future.key]
                if values is None:
                    flight.tries += 1
                    waiting.appendleft(flight)
                else:
                    done.append((flight.task, {**values, "tries": flight.tries}))
            yield done

    def _room(self) -> int:
        """How many tasks may be in flight."""
        if time.monotonic() - self._counted > COUNT_S:
            self._window = AHEAD * max(1, sum(self._client.nthreads().values()))
            self._counted = time.monotonic()
        return self._window

    def _submit(self, flight: _Flight) -> None:
        task = flight.task
        key = f"octavox_{task.action}-{task.key[:16]}{task.run[:8]}{flight.tries:04x}"
        future = self._client.submit(run_task, task.message(), key=key, pure=False)
        self._flying[future.key] = flight
        future.add_done_callback(self._ready.put)

    def _finished(self) -> list[Any]:
        """Futures that ended since the last call; waits a little for more of them, and new tasks for none."""
        found: list[Any] = []
        end = time.monotonic() + LOOK_S
        with contextlib.suppress(queue.Empty):
            while len(found) < max(1, len(self._flying) // 2):
                found.append(self._ready.get(timeout=max(0.0, end - time.monotonic())))
            while True:
                found.append(self._ready.get_nowait())
        return found

    def _values(self, future: Any, flight: _Flight) -> Values | None:
        """What a task returned, or why it failed; None where it has to be tried again.

        Raises TimeoutError where it is not there yet: its worker stands still, or was lost after the task.
        """
        from distributed.scheduler import KilledWorker

        try:
            found: Values = future.result(timeout=RESULT_S)
            return found
        except KilledWorker:
            words = "the process that worked on this file ended (killed, or out of memory?)"
        except TimeoutError:
            raise
        except OSError as error:
            words = f"a worker was lost: {error}"
        except Exception as error:
            if future.status != "cancelled":
                return self._failed(flight, f"the worker failed: {type(error).__name__}: {error}")
            words = "a worker was lost"
        if flight.tries > self._retries:
            times = "" if flight.tries == 1 else f", {flight.tries} times"
            return self._failed(flight, words + times)
        return None

    def _failed(self, flight: _Flight, words: str) -> Values:
        task = flight.task
        known = {"action": task.action, "cloud": task.name, "input": task.input, "input_bytes": task.size}
        target = task.below(task.target)
        return {**known, "target": target, "state": "failed", "error": words, "exit_code": 2}
