"""Reduces an answer to a four-letter word to what must be equal on two servers.

Numbers that depend on the clock, the disk or the process are replaced by placeholders; names, order, punctuation and
all numbers that depend only on the requests stay.
"""

from __future__ import annotations

import re

from transcript import mask_text

# Counts that depend only on the requests, so that they are equal on every server.
EXACT_METRICS = {
    "zk_version", "zk_server_state", "zk_znode_count", "zk_watch_count", "zk_ephemerals_count", "zk_global_sessions",
    "zk_local_sessions", "zk_num_alive_connections", "zk_outstanding_requests", "zk_approximate_data_size",
    "zk_connection_rejected", "zk_diff_count", "zk_snap_count", "zk_auth_failed_count", "zk_ensemble_auth_success",
    "zk_ttl_node_created_count", "zk_ttl_node_deleted_count", "zk_last_client_response_size", "zk_max_client_response_size",
    "zk_min_client_response_size", "zk_stale_sessions_expired", "zk_digest_mismatches_count", "zk_throttled_ops",
    # Without the misses of reply caches: Quoll has no such cache, so its count of misses is 0.
    "zk_response_packet_cache_hits", "zk_response_packet_get_children_cache_hits", "zk_sum_node_changed_watch_count", "zk_cnt_node_changed_watch_count",
    "zk_cnt_node_created_watch_count", "zk_cnt_node_deleted_watch_count", "zk_cnt_node_children_watch_count",
    "zk_bytes_received_count", "zk_commit_count", "zk_looking_count", "zk_connection_drop_probability",
    "zk_large_requests_rejected", "zk_watch_bytes", "zk_response_bytes", "zk_connection_request_count",
    "zk_connection_revalidate_count", "zk_revalidate_count",
    # Without the expired connections that have no session: Apache's server also counts one that has a session, if its thread for
    # idle connections runs before the one that expires sessions.
}
# Without the host's name: Java gets it from the resolver, which may return "localhost".
EXACT_ENVIRONMENT = {"zookeeper.version", "os.name", "os.arch", "os.version", "user.name", "user.home", "user.dir"}


def shape(word: str, answer: str, ports: dict[int, str], workdir: str) -> str:
    """The comparable form of one answer."""
    text = mask_text(answer, ports).replace(workdir, "<workdir>")
    # Both servers print 3.9.5; the build after it differs.
    text = re.sub(r"3\.9\.5-\S+, built on \S+ \S+ UTC", "3.9.5-<build>", text)
    # Apache's server increments the count after it has passed the request on, so the answer may already have decremented it.
    text = re.sub(r"(Outstanding: |zk_outstanding_requests\t)-\d+", r"\g<1>0", text)
    text = re.sub(r"(127\.0\.0\.\d):\d+\b", r"\1:<client>", text)
    special = {"mntr": metrics, "envi": environment, "dump": dump, "cons": connections, "stat": connections, "hash": digests,
               "wchc": watches, "wchp": watches}
    return special.get(word[:4], plain)(text)


def plain(text: str) -> str:
    text = re.sub(r"((?:[dD]ir_?|Log)[sS]ize(?:=|: ))\d+", r"\1<bytes>", text)
    return re.sub(r"Latency min/avg/max: \d+/[\d.E-]+/\d+", "Latency min/avg/max: <n>/<x>/<n>", text)


def number_kind(value: str) -> str:
    if re.fullmatch(r"-?\d+", value):
        return "<int>"
    if re.fullmatch(r"-?\d+\.\d{1,4}|\d\.\d{1,3}E-4", value):
        return "<decimal>"
    return value


def metrics(text: str) -> str:
    out = []
    for line in text.splitlines():
        name, tab, value = line.partition("\t")
        out.append(line if name in EXACT_METRICS else f"{name}{tab}{number_kind(value)}")
    # After the first two, the order of metrics is that of a hash table.
    return "\n".join(out[:2] + sorted(out[2:])) + "\n" * text.endswith("\n")


def environment(text: str) -> str:
    out = []
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if equals and name not in EXACT_ENVIRONMENT:
            value = "<MB>" if re.fullmatch(r"\d+MB", value) else "<text>"
        out.append(name + equals + value)
    return "\n".join(out)


def dump(text: str) -> str:
    """Removes the number of expiry buckets, which depends on the wall clock, and keeps their content."""
    text = re.sub(r"Sets \(\d+\)/\(\d+\)", "Sets (<n>)/(<n>)", text)
    text = re.sub(r"^\d+ expire at <date>:\n", "", text, flags=re.M)
    parts = re.split(r"(?=^Connections dump:)", text, flags=re.M)
    return stanzas(parts[0]) + "\n".join(sorted(set("".join(parts[1:]).split("\n"))))


def watches(text: str) -> str:
    """In these answers every heading is a path or a session, and all may come in any order."""
    return stanzas(text, lambda heading: True)


def stanzas(text: str, in_any_order=lambda heading: heading.startswith(("/", "<session>"))) -> str:
    """Sorts the indented lines below each heading, and the headings of one kind: their order is that of hash tables."""
    found, tail = re.findall(r"^\S.*\n(?:\t.*\n)*", text, flags=re.M), re.search(r"\n*\Z", text).group()
    parts = []
    for part in found:
        head, *indented = part.splitlines()
        parts.append("\n".join([head, *sorted(indented)]))
    runs = []
    for part in parts:
        # Headings that are paths or sessions come in any order; the position of others is fixed.
        if runs and in_any_order(part) and in_any_order(runs[-1][-1]):
            runs[-1].append(part)
        else:
            runs.append([part])
    return "\n".join(part for run in runs for part in sorted(run)) + tail


def connections(text: str) -> str:
    # A request counts as queued until shortly after its reply was sent.
    text = re.sub(r"\b(queued|est|llat|minlat|avglat|maxlat|lresp)=[^,)]+", r"\1=<n>", plain(text))
    # The order of connections is that of a hash table.
    lines = text.split("\n")
    at = [n for n, line in enumerate(lines) if line.startswith(" /")]
    for n, line in zip(at, sorted(lines[n] for n in at)):
        lines[n] = line
    return "\n".join(lines)


def digests(text: str) -> str:
    return re.sub(r": -?[1-9]\d*$", ": <digest>", text, flags=re.M)  # 0 means a server without digests
