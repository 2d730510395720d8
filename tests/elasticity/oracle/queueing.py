"""Exact results of queueing theory that the simulator's estimates are held against.

Times in the unit of the service time given, rates per the same unit; `offered` is the offered load in units kept busy."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from elasticity import arguments
from elasticity.queueing import erlang_b, erlang_c, sakasegawa_wait

STEADY_UTILISATION = 0.95
"""Utilisation up to which the latency estimate trusts a steady-state formula `[asm]`."""


def latency(servers: float, load: float, unit_capacity: float, service_time: float, backlog: float = 0.0) -> float:
    """Estimated mean time to answer, in the unit of `service_time`: service, and the larger of queue and backlog wait.

    `load` and `unit_capacity` in requests per unit of time, `backlog` in requests. Without backlog and below 95 %
    utilisation the wait is Sakasegawa's; from there on it stays at the 95 % value and the fluid delay (backlog /
    capacity) takes over, so that it never jumps down as load or backlog grows. Infinite without servers.
    """
    capacity = servers * unit_capacity
    if capacity <= 0:
        return math.inf
    utilisation = STEADY_UTILISATION if backlog > 0 else min(load / capacity, STEADY_UTILISATION)
    return service_time + max(sakasegawa_wait(servers, utilisation * servers, service_time), backlog / capacity)


def _rates(arrival_rate: float, service_rate: float) -> tuple[float, float]:
    arrivals = arguments.number("arrival_rate", arrival_rate, 0)
    return arrivals, arguments.number("service_rate", service_rate, above=0)


@dataclasses.dataclass(frozen=True, slots=True)
class Erlang:
    """M/M/c by servers and offered load; `wait_per_service` in mean service times, over all arrivals."""

    erlang_b: float
    erlang_c: float
    queue_length: float
    wait_per_service: float

    @property
    def has_steady_state(self) -> bool:
        """False where the offered load reaches the servers: hand over to `fluid`."""
        return math.isfinite(self.wait_per_service)


def erlang(servers: int, offered: float) -> Erlang:
    """All figures of M/M/c; lengths and waits are infinite without a steady state. Raises as `erlang_b`."""
    waits = erlang_c(servers, offered)
    steady = offered < servers
    return Erlang(
        erlang_b=erlang_b(servers, offered),
        erlang_c=waits,
        queue_length=waits * offered / (servers - offered) if steady else math.inf,
        wait_per_service=waits / (servers - offered) if steady else math.inf,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Queue:
    """M/M/c by its rates: share of time empty, share that waits, mean numbers in system and queue, mean times."""

    empty: float
    waits: float
    in_system: float
    in_queue: float
    sojourn: float
    wait: float


def _empty_share(servers: int, offered: float) -> float:
    if offered >= servers:
        return 0.0
    term, total = 1.0, 1.0
    for count in range(1, servers):
        term *= offered / count
        total += term
    last = term * offered / servers
    return 1 / (total + last / (1 - offered / servers))


@dataclasses.dataclass(frozen=True, slots=True)
class Flow:
    """A fluid run: requests, and seconds."""

    arrivals: float
    lost: float
    backlog: float
    """Requests still waiting at the end."""
    peak_backlog: float
    delay: float
    """Wait of what arrives at the end: backlog / capacity; infinite where nothing is served."""
    peak_delay: float
    """Longest wait: peak backlog / capacity; infinite where nothing is served."""
    drain_time: float
    """From the peak of the backlog until it is gone; what the run leaves drains at full capacity without further
    load."""
    empty_at: float
    """From the start until the last backlog is gone, in the same way; 0 where there never was one."""

    @property
    def lost_share(self) -> float:
        """Lost over arrived, 0 where nothing arrived."""
        return self.lost / self.arrivals if self.arrivals else 0.0


def next_backlog(backlog: float, load: float, capacity: float, seconds: float) -> float:
    """Backlog after `seconds` of steady `load` and `capacity` (both per second): `max(0, b + (load - capacity) dt)`."""
    return max(0.0, backlog + (load - capacity) * seconds)


def mmc(servers: int, arrival_rate: float, service_rate: float) -> Queue:
    """M/M/c with `arrival_rate` and `service_rate` per server, in events per unit of time.

    Without a steady state `empty` is 0 and all lengths and times are infinite. Raises ValueError unless service_rate >
    0 and arrival_rate >= 0, and as `erlang_b`. Source: Hillier and Lieberman, the county hospital.
    """
    arrival_rate, service_rate = _rates(arrival_rate, service_rate)
    offered = arrival_rate / service_rate
    figures = erlang(servers, offered)
    wait = figures.wait_per_service / service_rate
    return Queue(
        empty=_empty_share(int(servers), offered),
        waits=figures.erlang_c,
        in_system=figures.queue_length + offered,
        in_queue=figures.queue_length,
        sojourn=wait + 1 / service_rate,
        wait=wait,
    )


def mm1_percentile(arrival_rate: float, service_rate: float, share: float) -> float:
    """Time in an M/M/1 system that a `share` (0 to below 1) of requests stays under; infinite without a steady state.

    `-ln(1 - p) / (mu - lambda)`: exact for M/M/1 (exponential sojourn), an estimate everywhere else.
    """
    if not 0 <= share < 1:
        raise ValueError("`share`: allowed 0 to below 1")
    arrival_rate, service_rate = _rates(arrival_rate, service_rate)
    if arrival_rate >= service_rate:
        return math.inf
    return -math.log1p(-share) / (service_rate - arrival_rate)


def mm1_mean(arrival_rate: float, service_rate: float) -> float:
    """Mean time in an M/M/1 system, and per unit under processor sharing; infinite without a steady state."""
    arrival_rate, service_rate = _rates(arrival_rate, service_rate)
    return 1 / (service_rate - arrival_rate) if arrival_rate < service_rate else math.inf


def fluid(capacity: float, load: Iterable[tuple[float, float]], *, queue: bool = True) -> Flow:
    """Backlog, or loss where there is no queue, of a load given as (rate per second, seconds) pairs against a fixed
    capacity.

    Deterministic: no variation within a pair. Raises ValueError on a number that is negative or not finite.
    """
    pairs = [(arguments.number("load", rate, 0), arguments.number("load", seconds, 0)) for rate, seconds in load]
    arguments.number("capacity", capacity, 0)
    backlog = peak = lost = now = peak_at = empty_at = 0.0
    for rate, seconds in pairs:
        if queue:
            before, backlog = backlog, next_backlog(backlog, rate, capacity, seconds)
            if before and not backlog:
                empty_at = now + before / (capacity - rate)
            if backlog > peak:
                peak, peak_at = backlog, now + seconds
        else:
            lost += next_backlog(0.0, rate, capacity, seconds)
        now += seconds

    def delay(requests: float) -> float:
        if not requests:
            return 0.0
        return requests / capacity if capacity else math.inf

    empty_at = now + delay(backlog) if backlog else empty_at
    arrivals = sum(rate * seconds for rate, seconds in pairs)
    return Flow(arrivals, lost, backlog, peak, delay(backlog), delay(peak), max(0.0, empty_at - peak_at), empty_at)
