"""What a service manager hears from a server, in systemd's protocol."""

import signal
import socket

from harness import Server


def test_the_manager_hears_when_the_server_is_ready_and_when_it_stops(tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(60)
        server = Server("quoll", tmp_path / "server", env={"NOTIFY_SOCKET": str(path)}).start(wait=False)
        assert manager.recv(100) == b"READY=1"
        assert server.serving()  # at once: ready means that the port is open and the data is read
        server.signal(signal.SIGTERM)
        assert manager.recv(100) == b"STOPPING=1"
        assert server.wait_end() == 0


def test_a_server_whose_manager_is_gone_goes_on_and_says_so(tmp_path):
    with Server("quoll", tmp_path / "server", env={"NOTIFY_SOCKET": str(tmp_path / "gone")}) as server:
        assert server.serving()
    assert "The service manager can't be told READY=1" in server.log_text()
