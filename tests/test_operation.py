"""The service as a process: it says what is missing, is asked to end or to begin anew, and drops nobody."""

import configparser
import errno
import http.client
import json
import re
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from graph.engine import sandbox
from server import notice
from server.journal import Journal
from server.settings import ENVIRONMENT, SETTINGS

PARTS = ("{{ SELECT * {{ ?a ?b ?c }} LIMIT {0} }}", "{{ SELECT * {{ ?d ?e ?f }} LIMIT {0} }}",
         "{{ SELECT * {{ ?g ?h ?i }} LIMIT 50 }}")  # fmt: skip
CROSS = f"SELECT (COUNT(*) AS ?n) {{{{ {' '.join(PARTS)} }}}}"


@pytest.fixture
def live(serving, second_data):
    """A server of the test's own."""
    running = serving(second_data.path, workers=2, timeout=20)
    yield running
    running.stop()


def ask(live, query):
    reply = live.ask(query, Accept="text/csv")
    return reply.status, reply.text.split()


def lasting(live, seconds):
    """Give a query that takes about `seconds` here, and its answer."""
    size = 40
    while True:
        began = time.monotonic()
        found = ask(live, CROSS.format(size))
        took = time.monotonic() - began
        assert found == (200, ["n", str(size * size * 50)])
        if took >= seconds * 0.7:
            return CROSS.format(size), found
        size = int(size * min(2.5, max(1.1, (seconds / max(took - 0.01, 0.001)) ** 0.5)))


@pytest.mark.long
def test_who_asks_while_the_service_ends_is_answered(live, serving, second_data):
    """SIGTERM with a query of two seconds in flight: its answer is whole, then every process ends; it starts again."""
    query, expected = lasting(live, 2.0)
    left = set(live.processes())
    assert len(left) >= 4
    answers = []
    asker = threading.Thread(target=lambda: answers.append(ask(live, query + " # once more")))
    began = time.monotonic()
    asker.start()
    time.sleep(0.3)
    live.process.send_signal(signal.SIGTERM)
    asker.join(30)
    took = time.monotonic() - began
    assert answers == [expected]
    assert took > 0.5
    assert live.process.wait(20) == 0, live.said()
    assert "Traceback" not in live.said()
    with pytest.raises(OSError, match="refused"):
        live.ask("ASK {}")
    until = time.monotonic() + 10
    while running(left) and time.monotonic() < until:
        time.sleep(0.05)
    assert running(left) == set()
    again = serving(second_data.path, workers=1)
    assert ask(again, "SELECT (1 AS ?one) {}") == (200, ["one", "1"])
    again.stop()


def running(pids):
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            continue
        found |= {pid} - ({pid} if state in "ZX" else set())
    return found


@pytest.mark.long
def test_a_new_process_takes_over_without_a_dropped_request(live):
    """SIGHUP: the old process answers what it has, the new one what comes; every request gets its answer."""
    query, expected = lasting(live, 1.0)
    stop, answers, faults = threading.Event(), [], []

    def keep_asking(number):
        while not stop.is_set():
            try:
                answers.append(ask(live, f"SELECT (1 AS ?one) {{}} # {number} {time.monotonic()}"))
            except (OSError, http.client.HTTPException) as error:
                faults.append(repr(error))

    threads = [threading.Thread(target=keep_asking, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    before = set(live.processes())
    time.sleep(0.5)
    live.process.send_signal(signal.SIGHUP)
    time.sleep(2.5)
    slow = ask(live, query + " # meanwhile")
    until = time.monotonic() + 40  # the old process ends when it has answered, on a busy machine later
    while before & set(live.processes()) and time.monotonic() < until:
        time.sleep(0.2)
    left = before & set(live.processes())
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert slow == expected
    assert len(answers) > 100
    assert {(status, *body) for status, body in answers} == {(200, "one", "1")}
    assert not left, "the old process is still there"


# ---- docs/operating.md

OPERATING = (Path(__file__).parents[1] / "docs" / "operating.md").read_text(encoding="utf-8")


def table(head):
    """Give the rows of a table of the document, without the cells of its head."""
    rows = OPERATING.split(head)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_metric_is_told_with_its_labels():
    journal = Journal()
    journal.gauges(1, 0, 0, "a version")
    journal.note({}, "", "/", "200 OK", 0, 0.0, "")
    journal.kills.labels("crash").inc()
    found = {}
    for family in journal.registry.collect():
        if family.name.startswith("partnergraph_"):
            suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
            found[family.name + suffix] = {name for sample in family.samples for name in sample.labels} - {"le"}
    rows = table("| metric | labels | what |")
    assert {name.strip("`"): set(re.findall(r"`(\w+)`", labels)) for name, labels, _ in rows} == found


def test_every_field_of_the_log_is_told(tmp_path):
    journal = Journal(str(tmp_path / "log"))
    journal.note({"partnergraph.query": "ASK {}", "partnergraph.engine": "rows"}, "", "/", "200 OK", 0, 0.0, "")
    journal.close()
    line = json.loads((tmp_path / "log").read_text(encoding="utf-8"))
    assert [name.strip("`") for name, _ in table("| field | what |")] == list(line)


def test_the_line_at_the_start_is_the_one_told():
    assert f"```text\n{notice.OPEN_NETWORK}\n```" in OPERATING


def test_the_unit_sets_what_there_is():
    """Its variables are settings of ours, and it is a unit that systemd's own format can read."""
    text = re.search(r"```ini\n(.*?)```", OPERATING, re.DOTALL)[1]
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(text)
    assert unit["Service"]["KillMode"] == "mixed"
    known = {ENVIRONMENT + name for name in ("DATA_DIR", "OPERATOR_TOKEN", *(s.name.upper() for s in SETTINGS))}
    assert set(re.findall(r"PARTNERGRAPH_\w+", OPERATING)) <= known


# ---- what is said at the start


def test_the_operator_is_told_where_the_network_stays_open(monkeypatch, capfd):
    """One line, on standard error, and the start does not wait for it."""
    found_out = threading.Event()
    monkeypatch.setattr(notice, "network_can_be_closed", lambda: not found_out.wait(60))
    thread = notice.say_what_is_missing()
    assert thread.is_alive()
    found_out.set()
    thread.join()
    out, err = capfd.readouterr()
    assert (out, err.splitlines()) == ("", [notice.OPEN_NETWORK])


def test_nothing_is_said_where_it_is_closed(monkeypatch, capfd):
    monkeypatch.setattr(notice, "network_can_be_closed", lambda: True)
    notice.say_what_is_missing().join()
    assert capfd.readouterr() == ("", "")


def test_a_machine_that_forbids_filters_has_workers_all_the_same(monkeypatch):
    """The kernel's refusal is an answer, told at the start; it must not end each worker at its birth."""
    pyseccomp = pytest.importorskip("pyseccomp")

    def forbidden(_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(pyseccomp.SyscallFilter, "load", forbidden)
    assert sandbox.close_network() is False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has seccomp")
def test_whether_the_network_can_be_closed_is_found_out_in_another_process():
    """Were it tried in this one, this one would have no network left."""
    pytest.importorskip("pyseccomp")
    assert notice.network_can_be_closed()
    with socket.socket() as still_open:
        assert still_open.fileno() > 0
