"""A session that falls silent: it ends in time, its ephemerals go, others are told, and it cannot come back."""

import time

from rawzk import CREATE, EXISTS, GET_CHILDREN, PING, XID_PING, create, path_watch

CFG = {"tickTime": 500}
TIMEOUT = 2000


def play(s):
    watcher, silent, pinging = s.session("watcher", timeout=10000), s.session("silent", timeout=TIMEOUT), s.session("pinging", timeout=TIMEOUT)
    silent.say("ephemeral", CREATE, create("/silent", flags=1))
    # Below another parent: in which order a session's nodes go is not specified.
    silent.say("parent", CREATE, create("/parent"))
    silent.say("ephemeral below", CREATE, create("/parent/silent", flags=1))
    pinging.say("ephemeral", CREATE, create("/pinging", flags=1))
    watcher.say("watch", EXISTS, path_watch("/silent", True))
    watcher.say("watch children", GET_CHILDREN, path_watch("/", True))
    began = time.monotonic()
    watcher.raw.socket.settimeout(0.1)
    told = 0
    while told < 2 and time.monotonic() < began + 20:
        pinging.raw.send(PING, xid=XID_PING)
        pinging.raw.recv()
        try:
            frame = watcher.raw.recv_frame()
        except TimeoutError:
            continue
        watcher._note("told of the end", watcher._text(frame))
        told += 1
    took = (time.monotonic() - began) * 1000
    # Expiry is rounded up to the next tick, and checked once a tick.
    s.note(f"ended after its time-out and soon: {TIMEOUT - 200 < took < TIMEOUT + 1500 or took}")
    watcher.raw.socket.settimeout(6)
    silent.closes("the silent connection")
    watcher.say("gone", EXISTS, path_watch("/silent"))
    watcher.say("gone too", EXISTS, path_watch("/parent/silent"))
    watcher.say("who pings stays", EXISTS, path_watch("/pinging"))
    back = s.line("silent again")
    back.connect("too late", session_id=silent.session.session_id, passwd=silent.session.passwd)
    back.closes("then")
    pinging.bye()
    watcher.bye()
