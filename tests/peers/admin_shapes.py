"""Asks an AdminServer, and reduces its JSON to what must be equal on two servers.

Keys, their order and the types of their values stay, and so do the values that depend only on the requests. Numbers that
depend on the clock, the disk or the process become placeholders.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

# Numbers of these names are the same on every server.
EXACT = {"node_count", "last_processed_zxid", "tracemask", "server_id", "tick_time", "max_client_cnxns", "min_session_timeout", "max_session_timeout",
         "client_port_listen_backlog", "num_connections", "num_paths", "num_total_watches", "session_timeout", "myid", "leader_id", "sid",
         "synced_observers", "digest_version", "num_alive_client_connections", "auth_failed_count", "interest_ops", "znode_count", "watch_count",
         "ephemerals_count", "approximate_data_size", "global_sessions", "last_cxid", "last_zxid", "zab_epoch", "zab_counter", "quorum_size",
         "learners", "synced_followers"}
# Text of these names differs between machines or programs.
TEXTS = {"version", "zookeeper.version", "timestamp", "established", "initial_configuration", "remote_socket_address", "data_dir", "data_log_dir"}


def get(port: int, path: str, headers: dict[str, str] | None = None, method: str = "GET", body: bytes | None = None) -> tuple[int, dict, bytes]:
    """Status, header fields and body of an answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers or {}, method=method, data=body)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as e:
        return e.code, dict(e.headers), e.read()


def masked(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {("<number>" if k.lstrip("-").isdigit() and int(k) > 1000 else k): masked(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [masked(v, key) for v in value]
    if key in TEXTS:
        return f"<{key}>"
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if key in EXACT:
        return value
    return "<int>" if isinstance(value, int) else "<fraction>"


def shape(text: bytes) -> Any:
    """Pairs of keys and values in their order, so that the order is compared, too."""
    return masked(json.loads(text))


def layout(text: bytes) -> str:
    """The answer with its numbers and strings removed: indentation and separators must be the same for people and line-based tools."""
    return "\n".join(line.split(" : ")[0] if not line.rstrip(",").endswith(("{", "}", "[ ]")) else line for line in text.decode().split("\n"))
