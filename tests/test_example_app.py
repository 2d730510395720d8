"""The service of examples/app does what its README says.

It cannot prove that a balancer takes it out in time: that is the platform's test.
"""

import re
import subprocess
import threading
import time
from typing import Any

import pytest

from tests import example_app
from tests.example_app import App, running

pytestmark = pytest.mark.skipif(example_app.missing() is not None, reason=str(example_app.missing()))


def checked(app: App) -> int:
    environment = {"LISTEN": app.address}
    return subprocess.run([example_app.binary(), "-healthcheck"], env=environment, capture_output=True).returncode


def in_background(app: App, route: str) -> tuple[threading.Thread, list[Any]]:
    """A request that runs, and where its answer will stand."""
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(app.ask(route))
        except OSError as error:
            answers.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while app.metric('http_requests_in_flight{route="/work"}') == 0:
        time.sleep(0.01)
    return thread, answers


def test_it_is_healthy_and_says_what_it_is():
    with running(VERSION="1.2.3", COMMIT="abc") as app:
        app.logged("ready")
        assert app.ask("/health") == (200, '{"status":"ok"}\n')
        assert app.json("/version") == {"version": "1.2.3", "commit": "abc"}
        assert app.metric('app_info{commit="abc",version="1.2.3"}') == 1
        assert checked(app) == 0
        assert app.ask("/nothing")[0] == 404


def test_until_it_is_ready_its_health_is_503_and_the_check_of_its_image_fails():
    with running(READY_AFTER="1h") as app:
        assert app.ask("/health") == (503, '{"status":"starting"}\n')
        assert checked(app) == 1
        assert app.ask("/version")[0] == 200


def test_work_costs_the_processor_time_that_it_states():
    with running() as app:
        before = app.metric("process_cpu_seconds_total")
        answer = app.json("/work?ms=200")
        assert answer["cpu_ms"] >= 200
        assert answer["took_ms"] >= answer["cpu_ms"]
        # The kernel counts a process by ticks of 10 ms.
        assert app.metric("process_cpu_seconds_total") - before >= 0.19
        assert app.json("/work?ms=0.5")["cpu_ms"] >= 0.5
        assert app.json("/work")["cpu_ms"] == 0


def test_a_floor_of_latency_costs_time_and_no_processor():
    with running(LATENCY_FLOOR="300ms") as app:
        answer = app.json("/work?ms=1")
        assert answer["took_ms"] >= 300
        assert answer["cpu_ms"] < 300


@pytest.mark.parametrize("ms", ["-1", "60001", "much", "NaN", "1e9"])
def test_a_cost_that_it_does_not_serve_is_refused_with_what_is_allowed(ms):
    with running() as app:
        assert app.ask(f"/work?ms={ms}")[0] == 400
        assert "allowed: milliseconds of processor time, 0 to 60000" in app.json(f"/work?ms={ms}")["error"]


def test_its_metrics_count_requests_by_route_and_code():
    with running() as app:
        app.logged("ready")
        for route in ("/work?ms=1", "/work?ms=1", "/work?ms=x", "/health"):
            app.ask(route)
        assert app.metric('http_requests_total{code="200",route="/work"}') == 2
        assert app.metric('http_requests_total{code="400",route="/work"}') == 1
        assert app.metric('http_requests_total{code="200",route="/health"}') == 1
        assert app.metric('http_request_duration_seconds_count{route="/work"}') == 3
        assert app.metric('http_requests_in_flight{route="/work"}') == 0


def test_told_to_stop_it_finishes_what_runs_and_exits_0():
    with running(LATENCY_FLOOR="2s") as app:
        thread, answers = in_background(app, "/work?ms=1")
        app.process.terminate()
        app.logged("stopping")
        thread.join()
        assert answers[0][0] == 200
        app.logged("stopped")
        assert app.process.wait() == 0
        with pytest.raises(OSError, match="refused"):
            app.ask("/health")


def test_while_it_drains_it_answers_on_and_its_health_says_so():
    with running(DRAIN="1h") as app:
        app.process.terminate()
        app.logged("stopping")
        assert app.ask("/health") == (503, '{"status":"stopping"}\n')
        assert app.ask("/work?ms=1")[0] == 200


def test_a_request_that_outlasts_the_limit_makes_it_exit_1_and_say_so():
    with running(LATENCY_FLOOR="1h", STOP_TIMEOUT="100ms") as app:
        thread, answers = in_background(app, "/work?ms=1")
        app.process.terminate()
        assert app.process.wait() == 1
        assert app.process.stderr is not None
        assert "requests were still running after STOP_TIMEOUT=100ms" in app.process.stderr.read()
        thread.join()
        assert isinstance(answers[0], OSError)


def test_settings_that_it_cannot_read_are_told_at_once():
    environment = {"READY_AFTER": "5", "STOP_TIMEOUT": "-1s", "LISTEN": "8080"}
    done = subprocess.run([example_app.binary()], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert re.findall(r"^(\w+): got (\S+), allowed: ", done.stderr, re.MULTILINE) == [
        ("READY_AFTER", '"5"'),
        ("STOP_TIMEOUT", '"-1s"'),
        ("LISTEN", '"8080"'),
    ]
