"""A session without pings: it expires in time, its ephemerals are deleted, watchers get events, and it cannot be resumed."""

import time

from rawzk import CREATE, EXISTS, GET_CHILDREN, PING, XID_PING, create, path_watch

CFG = {"tickTime": 500}
TIMEOUT = 2000
TURN = 0.1  # s


def play(s):
    watcher, silent, pinging = s.session("watcher", timeout=10000), s.session("silent", timeout=TIMEOUT), s.session("pinging", timeout=TIMEOUT)
    silent.say("ephemeral", CREATE, create("/silent", flags=1))
    # Below another parent, because the order in which a session's nodes are deleted is not specified.
    silent.say("parent", CREATE, create("/parent"))
    asked = time.monotonic()
    silent.say("ephemeral below", CREATE, create("/parent/silent", flags=1))
    pinging.say("ephemeral", CREATE, create("/pinging", flags=1))
    watcher.say("watch", EXISTS, path_watch("/silent", True))
    watcher.say("watch children", GET_CHILDREN, path_watch("/", True))
    watcher.raw.socket.settimeout(TURN)
    events, paused = 0, 0.0
    began = last = time.monotonic()
    while events < 2 and last < began + 20:
        pinging.raw.send(PING, xid=XID_PING)
        pinging.raw.recv()
        # If a turn takes longer than its time, the machine was busy with something else.
        now = time.monotonic()
        paused, last = paused + max(0, now - last - TURN), now
        try:
            frame = watcher.raw.recv_frame()
        except TimeoutError:
            continue
        watcher._note("event of the expiry", watcher._text(frame))
        events += 1
    now = time.monotonic()
    # Expiry is rounded up to the next tick, and checked once a tick.
    after, soon = now - asked > (TIMEOUT - 10) / 1000, now - began - paused < (TIMEOUT + 1500) / 1000
    s.note(f"ended after its time-out and soon: {after and soon or (now - asked, now - began, paused)}")
    watcher.raw.socket.settimeout(6)
    silent.closes("the silent connection")
    watcher.say("gone", EXISTS, path_watch("/silent"))
    watcher.say("gone too", EXISTS, path_watch("/parent/silent"))
    watcher.say("the session with pings exists", EXISTS, path_watch("/pinging"))
    back = s.line("silent again")
    back.connect("too late", session_id=silent.session.session_id, passwd=silent.session.passwd)
    back.closes("then")
    pinging.bye()
    watcher.bye()
