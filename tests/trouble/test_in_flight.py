"""Clients that read nothing, and a server with a low limit of bytes in flight."""

import struct

import harness
from jute import Writer
from rawclient import GET_DATA, SET_DATA, ConnectionLost, RawClient, set_body

MOST = 4 << 20
ADD_WATCH = 106


def start(tmp_path) -> harness.Server:
    return harness.Server("quoll", tmp_path, {"maxClientCnxns": 0, "quoll.bytesInFlightMax": MOST}).start()


def memory_bytes(server) -> int:
    return int(open(f"/proc/{server.pid}/statm").read().split()[1]) * 4096


def facts(server) -> dict[str, str]:
    return dict(line.split("\t", 1) for line in server.four_letter("mntr").splitlines())


def test_unread_replies_take_little_memory_and_all_come_in_order_when_they_are_read_quoll(tmp_path):
    server = start(tmp_path)
    good = RawClient(server.client_port)
    good.create("/n", bytes(100_000))
    before = memory_bytes(server)
    body = Writer().text("/n").bool(False).done()
    crowd = [RawClient(server.client_port, timeout_ms=40000) for _ in range(20)]
    asked = [[client.send(GET_DATA, body) for _ in range(200)] for client in crowd]
    harness.wait_for(lambda: "zk_quoll_bytes_in_flight" in facts(server), 30, "the limit is reached")
    for _ in range(100):
        assert len(good.get("/n")[0]) == 100_000
    # The clients request 20 * 200 * 100,000 bytes; each connection alone may have 4 MiB of unread output.
    assert memory_bytes(server) - before < 2 * MOST + 20 * 200_000
    for client, xids in zip(crowd, asked):
        for xid in xids:
            reply = client.receive()
            assert (reply.xid, reply.err, len(reply.body.buffer())) == (xid, 0, 100_000)
    assert "zk_quoll_connections_given_up" not in facts(server)


def test_unread_events_close_the_connection_with_the_most_quoll(tmp_path):
    server = start(tmp_path)
    writer = RawClient(server.client_port)
    path = "/" + "n" * 1000
    writer.create(path)
    watch = Writer().text(path).int(0).done()
    crowd = [RawClient(server.client_port, timeout_ms=40000) for _ in range(4)]
    for client in crowd:
        client.must(ADD_WATCH, watch)
    # It gets many events and sends nothing, so its timeout is long: it must not expire before the limit is reached.
    reader = RawClient(server.client_port, timeout_ms=40000)
    reader.must(ADD_WATCH, watch)
    told = 0
    while "connections with the most" not in server.log_text():
        assert told < 200_000
        writer.multi([(SET_DATA, set_body(path, b""))] * 200)
        for _ in range(200):
            assert struct.unpack(">i", reader.receive_frame()[:4]) == (-1,)
        told += 200
    assert int(facts(server)["zk_quoll_connections_given_up"]) in range(1, 5)
    reader.ping()
    lost = 0
    for client in crowd:
        try:
            client.ping()
        except ConnectionLost:
            lost += 1
    assert lost in range(1, 5)
