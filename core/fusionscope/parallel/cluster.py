"""Cluster: do work on the machines of a Ray cluster; units of lost machines are done again.

On a cluster with GPUs, units are read by tasks on CPUs and answered by one actor for each GPU;
without GPUs, each task does both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

from fusionscope.base.records import InputError, printable
from fusionscope.parallel.work import Work

_RETRIES = 5  # times that a unit is done again after its machine or process was lost
_WAITING = 2  # units in progress or waiting for each core or actor


def on_cluster(work: Work, units: Sequence[Any], address: str) -> Iterator[tuple[int, Any]]:
    """Do the work on a Ray cluster; yield each unit's index and result as it is known.

    Args:
        address: ``auto`` for the cluster that this machine is part of, or HOST:PORT.

    Raises:
        InputError: Ray is not installed, there is no such cluster, or a unit's workers were lost
            again and again.
    """
    try:
        import ray
        import ray.exceptions
    except ImportError as problem:
        raise InputError(
            "Ray is not installed; needed: pip install 'fusionscope[ray]'"
        ) from problem
    _join(ray, address)
    try:
        yield from _done(ray, work, units)
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.RayActorError) as problem:
        raise InputError(
            f"a worker of the Ray cluster was lost {_RETRIES + 1} times on the same clips; needed: "
            "workers with more memory"
        ) from problem
    finally:
        ray.shutdown()


def _join(ray: Any, address: str) -> None:
    loopback = address.partition(":")[0] in ("127.0.0.1", "localhost")
    where = {"_node_ip_address": "127.0.0.1"} if loopback else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="error", **where)
    except (ConnectionError, ValueError, RuntimeError) as problem:
        reason = printable(str(problem).strip().splitlines()[0])
        raise InputError(
            f"there is no Ray cluster at {printable(address)} ({reason}); needed: one that "
            "`ray start --head` began"
        ) from problem


def _done(ray: Any, work: Work, units: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    shared = [ray.put(work)]  # in a list, so that a worker fetches it once, not with each unit
    task = ray.remote(max_retries=_RETRIES, num_cpus=1)
    gpus = int(ray.cluster_resources().get("GPU", 0)) if work.on_gpu else 0
    if gpus:
        feed = task(_feed)
        actor = ray.remote(
            max_restarts=_RETRIES, max_task_retries=_RETRIES, num_gpus=1, num_cpus=0
        )(_Answering)
        actors = cycle([actor.remote(shared) for _ in range(gpus)])

        def begin(unit: Any) -> Any:
            return next(actors).answer.remote(feed.remote(shared, unit))
    else:
        whole = task(_do)

        def begin(unit: Any) -> Any:
            return whole.remote(shared, unit)

    coming = enumerate(units)
    going: dict[Any, int] = {}
    while True:
        room = _WAITING * max(1, gpus or int(ray.cluster_resources().get("CPU", 1)))
        for number, unit in coming:
            going[begin(unit)] = number
            if len(going) >= room:
                break
        if not going:
            return
        ready, _ = ray.wait([*going], num_returns=1)
        for one in ready:
            yield going.pop(one), ray.get(one)


_WORK: dict[Any, Work] = {}  # the work of this worker process, by its reference


def _work(shared: list[Any]) -> Work:
    import ray

    (reference,) = shared
    if reference not in _WORK:
        _WORK.clear()
        _WORK[reference] = ray.get(reference)
    return _WORK[reference]


def _feed(shared: list[Any], unit: Any) -> Any:
    return _work(shared).feed(unit)


def _do(shared: list[Any], unit: Any) -> Any:
    work = _work(shared)
    return work.answer(work.feed(unit))


class _Answering:
    """An actor that answers units with one GPU."""

    def __init__(self, shared: list[Any]) -> None:
        self.work = _work(shared)

    def answer(self, fed: Any) -> Any:
        return self.work.answer(fed)
