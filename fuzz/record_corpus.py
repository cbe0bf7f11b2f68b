#!/usr/bin/env python3
"""Generates fuzz/corpus: traffic of Apache's Java client and of kazoo, files of both servers, and a list of special cases.

Run it with the Python of build/peers/venv, after tests/peers/install.sh and a build of the server. Clients send through a proxy that
records what they send; of each target's inputs libFuzzer keeps those that increase the coverage. File names are digests, so a second
run changes little.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "tests" / "peers"), str(ROOT / "tests" / "peers" / "transcripts"), str(ROOT / "tests" / "disk")]

import kazoo_session  # noqa: E402
import rawzk as zk  # noqa: E402
import workload  # noqa: E402
from harness import Server, compile_java, end_kazoo_clients, java_run, kazoo_client  # noqa: E402
from rawclient import RawClient  # noqa: E402

FLAGS = ["zookeeper.DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=", "zookeeper.extendedTypesEnabled=true"]
INPUT_BYTES_MAX = 24 * 1024


class Relay:
    """A proxy between clients and a server; it records what each client sends."""

    def __init__(self, port: int):
        self.port, self.sent = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.hosts = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                kept = bytearray()
                self.sent.append(kept)
                threading.Thread(target=self._pump, args=(client, server, kept), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, bytearray()), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, kept: bytearray):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                kept += chunk
                target.sendall(chunk)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def frames(stream: bytes) -> list[bytes]:
    found, at = [], 0
    while at + 4 <= len(stream):
        length = struct.unpack_from(">i", stream, at)[0]
        if not 0 <= length <= len(stream) - at - 4:
            break
        found.append(stream[at + 4:at + 4 + length])
        at += 4 + length
    return found


class Corpus:
    def __init__(self, folder: Path):
        self.folder = folder

    def add(self, target: str, data: bytes):
        if len(data) <= INPUT_BYTES_MAX:
            place = self.folder / target
            place.mkdir(parents=True, exist_ok=True)
            (place / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)

    def traffic(self, stream: bytes):
        """Adds one connection: the whole stream, pieces of it that are small enough, and each frame."""
        parts = frames(stream)
        if not parts:
            return
        self.add("connect", parts[0])
        whole = [struct.pack(">i", len(p)) + p for p in parts if len(p) < 4096]
        for first in range(1, len(whole), 12):
            self.add("server", whole[0] + b"".join(whole[first:first + 12]))
        for part in parts[1:]:
            self.add("request", part[4:])


def record(corpus: Corpus, scratch: Path):
    with Server("quoll", scratch / "traffic", jvmflags=FLAGS) as server:
        relay = Relay(server.client_port)
        classes = compile_java(ROOT / "tests" / "peers" / "transcripts" / "java")
        java_run("Session", [relay.hosts, "Nodes", "Multis", "Watches", "Security", "Sessions"], classpath=[classes])
        kazoo_session.play(relay.hosts, kazoo_client(relay.hosts), kazoo_client(relay.hosts))
        end_kazoo_clients()
        for stream in relay.sent:
            corpus.traffic(bytes(stream))


def files(corpus: Corpus, scratch: Path):
    """Small data directories of both servers, in each form of compression."""
    for kind in ("apache", "quoll"):
        for method in ("", "gz", "snappy"):
            server = Server(kind, scratch / f"{kind}-{method}", cfg={"preAllocSize": 8},
                            jvmflags=[*FLAGS, f"zookeeper.snapshot.compression.method={method}", "zookeeper.preAllocSize=8"])
            with server:
                small_work(RawClient(server.client_port))
            server.restart()  # the restart writes a snapshot
            server.stop()
            for file in sorted(server.data_dir.rglob("*")):
                if not file.is_file():
                    continue
                data = file.read_bytes()
                if file.name.startswith("log."):
                    corpus.add("log", data.rstrip(b"\0") + b"\0" * 64)
                    for txn in txns(data):
                        corpus.add("txn", txn)
                elif file.name.startswith("snapshot."):
                    corpus.add("snapshot", data)
                elif file.name in ("acceptedEpoch", "currentEpoch", "myid", "quoll.durable"):
                    corpus.add("small_files", data)


def small_work(client: RawClient):
    client.add_auth("digest", workload.OWNER)
    for name in ("_node_types", "_names", "_acls", "_quotas", "_multis", "_failures"):
        getattr(workload, name)(client, "/" + name.strip("_"))


def txns(log: bytes) -> list[bytes]:
    found, at = [], 16
    while at + 12 <= len(log):
        length = struct.unpack_from(">i", log, at + 8)[0]
        if length <= 0:
            break
        found.append(log[at + 12:at + 12 + length])
        at += 12 + length + 1
    return found


# ---------------------------------------------------------------- special cases

BAD_PATHS = ["", "a", "/a/", "//", "/a//b", "/.", "/..", "/a/.", "/a\0b", "/\x01", "/\x7f", "/\x85", "/\ud800", "/\uf8ff", "/\ufff0", "/\uffff",
             "/\U0001f43e", "/zookeeper", "/zookeeper/config", "/zookeeper/quota/q/zookeeper_limits", "/" + "d/" * 3000 + "d", "/" + "x" * 5000]
ACLS = [("world", "anyone"), ("auth", ""), ("digest", "nocolon"), ("digest", "u:p"), ("ip", "1.2.3"), ("ip", "/33"), ("ip", "10.0.0.0/33"),
        ("ip", "::ffff:1.2.3.4"), ("ip", "fe80::/10"), ("ip", "1.2.3.4/-1"), ("sasl", "a@b@c"), ("sasl", "bob/host@REALM"), ("x509", "CN=a,O=b"),
        ("x509", "CN="), ("", ""), ("unknown", "x"), ("key", "7"), ("ip", "1" * 3000), ("super", "x"), ("ensemble", "one")]


def framed(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


def session(*requests: bytes) -> bytes:
    return framed(zk.connect_request()) + b"".join(framed(r) for r in requests)


def request(op: int, body: bytes, xid: int = 1) -> bytes:
    return zk.i32(xid) + zk.i32(op) + body


def catalogue(corpus: Corpus):
    """Inputs that have broken servers before."""
    for length in (0, 1, 3, 0x7FFFFFFF, -0x80000000, -1, 0xFFFFF, 0x100000):
        corpus.add("server", struct.pack(">i", length) + b"\0" * 48)
        corpus.add("server", session() + struct.pack(">i", length) + b"\0" * 16)
    for word in (b"ruok", b"stat", b"conf", b"srvr", b"wchc", b"dump", b"mntr", b"isro", b"gtmk", b"envi", b"crst", b"hash", b"kill", b"GET / HTTP/1.1\r\n\r\n",
                 b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\xff\xf4\xff\xfd\x06", *(b"stmk" + b"\x01" * n for n in range(9))):
        corpus.add("words", word)
        corpus.add("server", word)
        corpus.add("server", session() + word)
    good = zk.connect_request()
    odd = [good[:-1], good + b"x", good[:30], b"", *(zk.connect_request(timeout=t) for t in (0, -1, 0x7FFFFFFF)),
           *(zk.connect_request(last_zxid=z) for z in (-1, 2**63 - 1, -2**63)), zk.connect_request(session_id=77),
           zk.i32(5) + good[4:], *(zk.connect_request(session_id=77, passwd=p) for p in (None, b"", b"1", b"1" * 17, b"1" * 9000))]
    for connect in odd:
        corpus.add("connect", connect)
        corpus.add("server", framed(connect))
    corpus.add("server", framed(good) + framed(good))
    for xid in (-1, -2, -4, -8, 0, 1, 1):
        corpus.add("server", session(request(3, zk.path_watch("/"), xid), request(1, zk.create("/a"), xid)))
    for op in (-1, -10, -11, 0, 10, 13, 23, 99, 108, 2**31 - 1, -2**31):
        corpus.add("server", session(request(op, zk.create("/a"))))
        corpus.add("request", zk.i32(op) + zk.create("/a"))
    for count in (-2, -1, 0, 2**31 - 1):
        odd_acl = zk.text("/a") + zk.buf(b"") + zk.i32(count) + zk.i32(31) + zk.text("world") + zk.text("anyone") + zk.i32(0)
        corpus.add("request", zk.i32(1) + odd_acl)
        corpus.add("request", zk.i32(101) + zk.i64(0) + zk.i32(count) * 3)
        corpus.add("server", session(request(1, odd_acl), request(101, zk.i64(0) + zk.i32(count) * 3)))
    sub = zk.create("/m")
    header = lambda op, done=False, err=-1: zk.i32(op) + zk.flag(done) + zk.i32(err)  # noqa: E731
    for body in (header(14) + header(-1, True), header(1) + sub, header(1, err=7) + sub + header(-1, True), header(13) + zk.check("/a") + header(-1, True),
                 (header(13) + zk.check("/")) * 300 + header(-1, True), header(-1, True), header(4) + zk.path_watch("/") + header(1) + sub + header(-1, True)):
        for op in (14, 22):
            corpus.add("request", zk.i32(op) + body)
            corpus.add("server", session(request(op, body)))
    for path in BAD_PATHS:
        raw = path.encode("utf-8", "surrogatepass")
        corpus.add("path", raw)
        corpus.add("server", session(request(1, zk.create(raw)), request(4, zk.path_watch(raw, True)), request(2, zk.delete(raw))))
    for raw in (b"/\xc0\x80", b"/\xff", b"/\xe2\x82", b"/\xf8\x88\x80\x80\x80", b"/a\xed\xa0\x80\xed\xb0\x80"):
        corpus.add("path", raw)
        corpus.add("server", session(request(1, zk.create(raw))))
    for flags in (-1, 5, 6, 7, 8, 2**31 - 1, -2**31):
        corpus.add("server", session(request(1, zk.create("/f", flags=flags)), request(21, zk.create_ttl("/t", 5, flags=flags))))
    for ttl in (0, -1, 2**40 - 1, 2**40, 2**63 - 1):
        corpus.add("server", session(request(21, zk.create_ttl("/t", ttl)), request(21, zk.create_ttl("/t", ttl, flags=0))))
    corpus.add("server", session(request(1, zk.create("/v", None)), request(5, zk.set_data("/v", b"", -2**31)), request(5, zk.set_data("/v", None))))
    for scheme, text in ACLS:
        corpus.add("acl", "\n".join([scheme, text, text, "10.1.2.3"]).encode())
        corpus.add("acl", "\n".join([scheme, text, "bob", "::1"]).encode())
        for perms in (0, -1, 31, 32):
            corpus.add("server", session(request(1, zk.create("/acl", acl=[(perms, scheme, text)])), request(7, zk.set_acl("/", [(perms, scheme, text)]))))
        corpus.add("server", session(request(100, zk.auth(scheme, text.encode()), -4)))
    corpus.add("server", session(*(request(100, zk.auth("digest", b"u%d:p" % i), -4) for i in range(200))))
    for token in (b"", None, b"x" * 5000, b'username="bob"', b"username=bob,realm=,,nonce="):
        corpus.add("server", session(request(102, zk.buf(token)), request(102, zk.buf(token))))
    for text in ("server.1=a:1:2;3", "server.1=a:1:2:observer;3,server.1=b:1:2;3", "1,1,2", "x" * 4000, "server.x=", "server.1=[::1]:1:2;[::]:3"):
        corpus.add("server", session(request(16, zk.reconfig(joining=text)), request(16, zk.reconfig(leaving=text)), request(16, zk.reconfig(members=text))))


def damaged_files(corpus: Corpus):
    logs = sorted((corpus.folder / "log").glob("*"), key=lambda f: f.stat().st_size)
    log = next(f.read_bytes() for f in logs if len(txns(f.read_bytes())) >= 8)
    entries = txns(log)
    entry = lambda t, add=0: struct.pack(">qi", zlib_adler(t) + add, len(t)) + t + b"B"  # noqa: E731
    head, body = log[:16], [entry(t) for t in entries[:8]]
    txn = lambda i, zxid: entries[i][:12] + struct.pack(">q", zxid) + entries[i][20:]  # noqa: E731
    first = struct.unpack_from(">q", entries[0], 12)[0]
    odd = [*(head[:n] for n in (0, 1, 4, 15)), b"\0" * 4096, b"XXXX" + head[4:] + b"".join(body), head[:7] + b"\3" + head[8:] + b"".join(body),
           head[:8] + b"\0\0\0\0\0\0\0\7" + b"".join(body), head, log.rstrip(b"\0")[:-1]]
    for length in (-1, 0, 1, 2**31 - 1):
        odd.append(head + body[0] + body[1][:8] + struct.pack(">i", length) + body[1][12:] + body[2])
    odd += [head + body[0] + entry(entries[1], 1) + body[2], head + body[0] + body[1][:-1] + b"C" + body[2], head + body[0] + b"\0" * 40 + body[2],
            head + body[0] + body[0] + body[1], head + body[1] + body[0], head + body[0] + body[2], head + body[0] + body[1] + b"garbage" * 20,
            head + body[0] + entry(txn(1, first + 5)), head + body[0] + entry(entries[1][:28] + zk.i32(77) + entries[1][32:]),
            head + body[0] + entry(entries[1] + b"\0" * 12), head + body[0] + entry(entries[1][:-12]), head + body[0] + entry(entries[1][:31])]
    for data in odd:
        corpus.add("log", data)
    for i in range(1, 60):
        corpus.add("txn", entries[3][:i * len(entries[3]) // 60])
    snapshots = sorted((corpus.folder / "snapshot").glob("*"), key=lambda f: f.stat().st_size)
    plain = next(f.read_bytes() for f in snapshots if f.read_bytes()[:4] == b"ZKSN" and f.stat().st_size > 2000)
    odd = [b"", b"XKSN" + plain[4:], *(plain[:16] + struct.pack(">i", n) + plain[20:] for n in (-1, 2**31 - 1)), plain + b"x",
           *(plain[:len(plain) * n // 8] for n in range(1, 8)), *(plain[:n] + bytes([plain[n] ^ 1]) + plain[n + 1:] for n in (len(plain) - 6, len(plain) - 25, 100)),
           gzip.compress(b"\0" * 4_000_000), gzip.compress(plain)[:-9], gzip.compress(plain) + b"x", gzip.compress(gzip.compress(plain)), b"\x1f\x8b", b"\x82SNAPPY\0",
           b"\x82SNAPPY\0" + zk.i32(1) + zk.i32(1) + zk.i32(2**31 - 1), (b"\x82SNAPPY\0" + zk.i32(1) * 2) * 500,
           b"\x82SNAPPY\0" + zk.i32(1) * 2 + (zk.i32(1) + b"\0") * 2000, b"\x82SNAPPY\0" + zk.i32(1) * 2 + zk.i32(6) + b"\xff\xff\xff\x1f\0a"]
    for data in odd:
        corpus.add("snapshot", data)


def zlib_adler(data: bytes) -> int:
    import zlib
    return zlib.adler32(data)


def texts(corpus: Corpus):
    for text in (b"", b" ", b"0", b"1\n", b"-1", b"-2", b"1\r\n", b"9223372036854775808", b"2147483647", b"2147483648", b" 7 ", b"x", b"300", b"255", b"\xff\xfe1\0",
                 b"1" * 5000, b"1\n2\n"):
        corpus.add("small_files", text)
    for text in ("count=5,bytes=10", "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2", "", "count", "count=", "bytes=1,,;count=2", "count=99999999999999999999", "a=b",
                 "count=1=2,bytes=3", "=5", "count=+1", "count=5,bytes=10\n"):
        corpus.add("quota", text.encode())
    basic = "tickTime=2000\ndataDir=/data\nclientPort=2181\n"
    samples = [basic, "\ufeff" + basic, basic.replace("\n", "\r\n"), basic + "server.1=a:2888:3888\nserver.1=b:2888:3888\n", basic + "group.1=1:2\nweight.1=-1\n",
               basic + "server.1=a:2888:2888:observer;2181\ninitLimit=5\nsyncLimit=2\n", basic + "version=\n", basic + "unknownKey=1\n", basic + "maxClientCnxns=x\n",
               basic + "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\njaasLoginRenew=3600000\n", "a\\u00zz=1\n", "a=b\\\n  c\n", "dataDir\n",
               basic + "secureClientPort=2281\nssl.keyStore.location=/x\nssl.keyStore.password=p\n", basic + "autopurge.purgeInterval=1\nsnapCount=1\n",
               basic + "4lw.commands.whitelist=*\nminSessionTimeout=9\nmaxSessionTimeout=1\n", basic + "clientPortAddress=[::1]\nserver.2=[::1]:1:2|b:3:4\n"]
    keys = (ROOT / "docs" / "configuration.md").read_text()
    import re
    names = sorted(set(re.findall(r"^\| `([A-Za-z0-9_.]+)`", keys, re.M)))
    for first in range(0, len(names), 8):
        samples.append(basic + "".join(f"{name}=1\n" for name in names[first:first + 8]))
    for text in samples:
        corpus.add("zoo_cfg", text.encode("utf-8", "surrogatepass"))
    server = 'Server {\n  org.apache.zookeeper.server.auth.DigestLoginModule required\n  user_super="adminsecret"\n  user_bob="bobsecret";\n};\n'
    for text in (server, server * 2, "// c\n" + server + "/* x", server.replace('"adminsecret"', "'a\\n\\101'"), "Server { x.Y sufficient; };", "Server {};", 'Client { a b c="', "{", "",
                 "Server { com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true; };"):
        corpus.add("jaas", text.encode())
    for text in ("\nusername=\"bob\",realm=\"zk-sasl-md5\",nonce=\"x\",nc=00000001,cnonce=\"c\",digest-uri=\"zookeeper/zk-sasl-md5\",response=0,qop=auth", "\n" + "a=b," * 2000,
                 "\nusername=bob,username=bob", "\nusername=\"bob", "\n,,,", "x\ny\nz", "\n=", "\nusername=\"a\\\"b\", charset=utf-8"):
        corpus.add("digest_md5", text.encode())
    for i in range(60):
        corpus.add("records", bytes([i]) + b"\0\0\0\1a" * 30)
        corpus.add("records", bytes([i]) + b"\xff" * 40)


def keep_what_counts(corpus: Corpus, build: Path):
    """Lets libFuzzer choose: of inputs with the same coverage it keeps the smallest."""
    for folder in sorted(corpus.folder.iterdir()):
        kept = HERE / "corpus" / folder.name
        kept.mkdir(parents=True, exist_ok=True)
        known = sorted(kept.glob("finding-*"))
        for old in kept.iterdir():
            if old not in known:
                old.unlink()
        # Merging ignores inputs that make a target fail, so they are checked first.
        tried = subprocess.run([str(build / f"fuzz_{folder.name}"), "-runs=0", f"-artifact_prefix={build}/", str(folder)], capture_output=True, text=True,
                               errors="replace")
        if tried.returncode:
            sys.exit(tried.stderr[-6000:])
        subprocess.run([str(build / f"fuzz_{folder.name}"), "-merge=1", f"-max_len={INPUT_BYTES_MAX}", str(kept), str(folder)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(f"{folder.name:12} {len(list(kept.iterdir())):5} inputs, {sum(f.stat().st_size for f in kept.iterdir()):8} bytes")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Corpus(Path(scratch) / "corpus")
        record(corpus, Path(scratch))
        files(corpus, Path(scratch))
        catalogue(corpus)
        damaged_files(corpus)
        texts(corpus)
        keep_what_counts(corpus, ROOT / "build-fuzz")


if __name__ == "__main__":
    main()
