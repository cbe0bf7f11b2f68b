"""Tests of the harness: a server starts, answers, stops, is killed, and keeps its data."""

from harness import kazoo_client


def test_server_serves_and_stops(server):
    assert server.alive()
    assert server.four_letter("ruok") == "imok"
    assert "Mode: standalone" in server.four_letter("srvr")
    # After SIGTERM Java's exit code is 128 + 15. Quoll's is 0: it has not failed.
    assert server.stop() == {"apache": 143, "quoll": 0}[server.kind]
    assert not server.alive()


def test_data_survives_kill_and_restart(server):
    client = kazoo_client(server)
    client.create("/kept", b"value")
    server.kill()
    server.start()
    fresh = kazoo_client(server)
    assert fresh.get("/kept")[0] == b"value"


def test_starting_leaves_no_transaction_behind(server):
    assert "Zxid: 0x0\n" in server.four_letter("srvr")
