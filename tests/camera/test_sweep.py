"""The TCP sweep: open ports found, silence and refusals paid for once, and never longer than allowed."""

import socket
import time
from contextlib import ExitStack

from provisioner.camera.net import Deadline
from provisioner.camera.sweep import open_ports


def listening(stack: ExitStack, host: str) -> int:
    sock = stack.enter_context(socket.socket())
    sock.bind((host, 0))
    sock.listen()
    return int(sock.getsockname()[1])


def test_open_ports_are_found_among_closed_ones() -> None:
    heard: list[tuple[int, int]] = []
    with ExitStack() as stack:
        one, other = listening(stack, "127.0.0.31"), listening(stack, "127.0.0.33")
        found, missed = open_ports([f"127.0.0.{n}" for n in range(30, 40)], (other, one), Deadline(5), lambda done, of: heard.append((done, of)))
    assert found == {"127.0.0.31": (one,), "127.0.0.33": (other,)} and missed == 0
    assert heard[-1] == (20, 20)


def test_hosts_that_say_nothing_cost_their_time_side_by_side() -> None:
    begun = time.monotonic()
    found, missed = open_ports([f"192.0.2.{n}" for n in range(1, 101)], (80,), Deadline(20), each_s=0.3)  # TEST-NET-1: nobody is there
    assert (found, missed) == ({}, 0) and time.monotonic() - begun < 5, "one after the other they would take 30 s"


def test_the_deadline_ends_it_and_who_was_not_asked_is_counted() -> None:
    begun, hosts = time.monotonic(), [f"192.0.2.{n}" for n in range(1, 201)]
    _, missed = open_ports(hosts, (80, 8000, 8080), Deadline(0.3), each_s=10.0)
    assert time.monotonic() - begun < 3
    assert 0 <= missed <= 200
    assert open_ports(hosts, (80,), Deadline(0))[1] == 200
