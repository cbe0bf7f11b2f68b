"""Limits that an operator sets: connections from one address, session timeouts, sizes, and the lifetime of a connection without a session."""

import time

from harness import wait_for
from rawzk import CREATE, EXISTS, GET_DATA, MULTI_READ, SET_DATA, create, multi, path_watch, set_data

CFG = {"maxClientCnxns": 3, "minSessionTimeout": 6000, "maxSessionTimeout": 9000, "clientPortListenBacklog": 20}
FLAGS = ["jute.maxbuffer=4096", "zookeeper.nio.sessionlessCnxnTimeout=1000"]


def play(s):
    connections(s)
    for timeout in (0, 5999, 6000, 7500, 9000, 9001):
        line = s.line(f"timeout {timeout}")
        line.connect(timeout=timeout)
        line.bye()
    sizes(s)
    silence(s)


def connections(s):
    lines = [s.session(f"c{n}") for n in range(3)]
    one_too_many = s.line("one too many")
    one_too_many.closes("at once")
    other_way = s.line("by IPv6", host="::1")
    other_way.connect("another address has a count of its own")
    other_way.bye()
    lines[0].bye()
    # A closed connection counts until the server has noticed the close.
    wait_for(lambda: has_place(s.server), 5, "a free place")
    lines[1].bye()
    lines[2].bye()


def has_place(server) -> bool:
    try:
        return "Mode" in server.four_letter("srvr")
    except OSError:
        return False  # closed before the word was sent


def sizes(s):
    line = s.session("sizes")
    line.say("create", CREATE, create("/n", b"x" * 3000))
    line.say("within", SET_DATA, set_data("/n", b"y" * (4096 - 30)))
    line.say("get", GET_DATA, path_watch("/n"))
    line.say("a reply may be longer", MULTI_READ, multi((GET_DATA, path_watch("/n")), (GET_DATA, path_watch("/n"))))
    line.say("over", SET_DATA, set_data("/n", b"y" * 4096))
    line.closes("then")
    again = s.session("again")
    again.say("unchanged", EXISTS, path_watch("/n"))
    again.bye()


def silence(s):
    began = time.monotonic()
    line = s.line("says nothing")
    line.closes("after a while")
    took = time.monotonic() - began
    s.note(f"that while was about the limit: {0.9 < took < 4 or took}")
