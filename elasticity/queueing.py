"""From load to backlog, utilisation and waiting time. Estimates unless their assumptions hold: each function says
which.

Times in the unit of the service time given, rates per the same unit; `offered` is the offered load in units kept busy
(arrival rate x service time). Waits are never negative: without a steady state they are infinite and the fluid backlog
takes over.
"""

from __future__ import annotations

import math

from elasticity import arguments


def _checked(servers: int, offered: float) -> tuple[int, float]:
    return arguments.count("servers", servers, 1), arguments.number("offered", offered, 0)


def erlang_b(servers: int, offered: float) -> float:
    """Share of arrivals lost by `servers` without a queue (M/M/c/c), from 0 to 1.

    Recursion B_0 = 1; B_k = a B_(k-1) / (k + a B_(k-1)): stable for any number of servers. Raises ValueError unless
    servers is a whole number from 1 up and offered >= 0. Source: Erlang; Hillier and Lieberman.
    """
    servers, offered = _checked(servers, offered)
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """Share of arrivals that wait (M/M/c), from 0 to 1; 1 where the offered load reaches the servers, since then all
    wait.

    Exact for Poisson arrivals and exponential service. Raises as `erlang_b`. Source: Erlang; 3 servers at 2 give 4/9.
    """
    blocked = erlang_b(servers, offered)
    if offered >= servers:
        return 1.0
    return blocked / (1 - offered / servers * (1 - blocked))


def sakasegawa_wait(
    servers: float,
    offered: float,
    service_time: float,
    *,
    arrival_variation: float = 1.0,
    service_variation: float = 1.0,
) -> float:
    """Mean wait in a G/G/c queue, in the unit of `service_time`; infinite where offered >= servers, never negative.

    `s x rho^(sqrt(2(c+1)) - 1) / (c (1 - rho)) x (ca2 + cs2) / 2`, with the squared coefficients of variation of
    arrivals and service (1 and 1 for M/M/c). Exact for M/M/1; for M/M/c it lies at most 0.034 service times
    above Erlang C and 0.012 below (computed here for 1 to 1000 servers), a large share only of waits that are next to
    nothing. Raises ValueError unless servers > 0 and the rest >= 0, all finite. Source: Sakasegawa 1977.
    """
    arguments.number("servers", servers, above=0)
    arguments.number("offered", offered, 0)
    arguments.number("service_time", service_time, 0)
    arguments.number("arrival_variation", arrival_variation, 0)
    arguments.number("service_variation", service_variation, 0)
    if offered >= servers:
        return math.inf
    utilisation = offered / servers
    shape = math.pow(utilisation, math.sqrt(2 * (servers + 1)) - 1) / (servers * (1 - utilisation))
    return service_time * shape * (arrival_variation + service_variation) / 2
