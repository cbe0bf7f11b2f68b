"""Starts, stops and queries servers of two kinds, Apache's and Quoll, through one interface.

All tests with real servers use this file, so that a test depends on the kind of server only where it must.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import hashlib
import os
import random
import shlex
import signal
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path
from typing import Callable, Iterable, Sequence

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEERS = Path(os.environ.get("QUOLL_PEERS_DIR", ROOT / "build" / "peers"))
BOTH = ["apache", "quoll"]

QUORUM_PEER_MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
NEWEST = "3.9.5"
# A test server runs only for seconds: with a small heap and without the optimising compiler it starts in half the time.
FAST_JVM = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"]


# ---------------------------------------------------------------- waiting

def wait_for(predicate: Callable, timeout: float, what: str, interval: float = 0.02):
    """Polls `predicate` until it returns a true value, and returns that; a TimeoutError names `what`."""
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout} s for {what}")
        time.sleep(interval)


# ---------------------------------------------------------------- ports

def _ephemeral_floor() -> int:
    """The first ephemeral port: an outgoing connection may take a port from here up while a server is stopped."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 32768


_handed_out: set[int] = set()


def can_bind(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A free port below the ephemeral range, so that it stays free during a restart."""
    # Not seeded by a test: test runs at the same time must not choose the same ports.
    rng = random.SystemRandom()
    low, high = 10240, max(11240, min(_ephemeral_floor(), 32768))
    for _ in range(1000):
        port = rng.randrange(low, high)
        if port not in _handed_out and can_bind(port):
            _handed_out.add(port)
            return port
    raise OSError("found no free port")


def free_ports(count: int) -> list[int]:
    return [free_port() for _ in range(count)]


# ---------------------------------------------------------------- processes

_processes: set[subprocess.Popen] = set()
_PR_SET_PDEATHSIG = 1


def _die_with_parent():
    # A shell starts what runs in the background with SIGINT ignored, and that is inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(args: Sequence[str], **kw) -> subprocess.Popen:
    """Popen; the process is killed at the latest when this process ends."""
    # PR_SET_PDEATHSIG refers to the thread that forked, so it works only for the main thread.
    if threading.current_thread() is threading.main_thread():
        kw.setdefault("preexec_fn", _die_with_parent)
    process = subprocess.Popen([str(a) for a in args], **kw)
    _processes.add(process)
    return process


def _reap(process: subprocess.Popen, how: int, timeout: float) -> int:
    if process.poll() is None:
        process.send_signal(how)
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
        _processes.discard(process)
        raise
    _processes.discard(process)
    return code


def end_all_processes():
    """Ends the processes that this harness started and that still run."""
    for process in list(_processes):
        with contextlib.suppress(Exception):
            _reap(process, signal.SIGKILL, 10)


atexit.register(end_all_processes)


# ---------------------------------------------------------------- Java

def zk_classpath(version: str = NEWEST) -> str:
    """The class path of Apache ZooKeeper with its libraries and our logging configuration."""
    folder, script = (PEERS / "lib", "peers/install.sh") if version == NEWEST else (PEERS / f"lib-{version}", f"ensemble/install_version.sh {version}")
    jars = sorted(folder.glob("*.jar"))
    if not any(j.name == f"zookeeper-{version}.jar" for j in jars):
        raise FileNotFoundError(f"no Apache ZooKeeper {version} in {folder}: run tests/{script}")
    return os.pathsep.join(str(p) for p in [HERE / "conf", *jars])


def _d_flags(jvmflags: Iterable[str]) -> list[str]:
    """Turns `name=value` into `-Dname=value`; other flags stay as they are."""
    return [f if f.startswith("-") else f"-D{f}" for f in jvmflags]


def java_args(main_class: str, args: Sequence[str] = (), jvmflags: Iterable[str] = (),
              classpath: Iterable[os.PathLike | str] = (), log: str = "WARN", version: str = "") -> list[str]:
    path = os.pathsep.join([*map(str, classpath), zk_classpath(version or NEWEST)])
    return ["java", *FAST_JVM, f"-Dpeers.log={log}", *_d_flags(jvmflags), "-cp", path, main_class, *map(str, args)]


def java_run(main_class: str, args: Sequence[str] = (), *, stdin: str | None = None, timeout: float = 120,
             jvmflags: Iterable[str] = (), classpath: Iterable[os.PathLike | str] = (), env: dict | None = None,
             cwd: os.PathLike | str | None = None, log: str = "WARN", merged: bool = False) -> subprocess.CompletedProcess:
    """Runs a Java main class to its end. Logs go to stderr, the program's output to stdout. Does not check the exit code.

    With `merged`, stderr goes to stdout, too, in the order in which it was written.
    """
    process = spawn(java_args(main_class, args, jvmflags, classpath, log), cwd=cwd, text=True,
                    env={**os.environ, **(env or {})},
                    stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT if merged else subprocess.PIPE)
    try:
        out, err = process.communicate(stdin, timeout)
    finally:
        _reap(process, signal.SIGKILL, 10)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def curator_jars() -> list[Path]:
    """Apache Curator with its libraries, without ZooKeeper."""
    jars = sorted((PEERS / "curator").glob("*.jar"))
    if not jars:
        raise FileNotFoundError(f"no Apache Curator in {PEERS / 'curator'}: run tests/peers/install.sh")
    return jars


def compile_java(src_dir: os.PathLike | str, out: os.PathLike | str | None = None, classpath: Iterable[os.PathLike | str] = ()) -> Path:
    """Compiles every .java below `src_dir` against ZooKeeper; returns the class directory. Does nothing if no source changed."""
    sources = sorted(Path(src_dir).rglob("*.java"))
    digest = hashlib.sha256(b"\0".join(s.read_bytes() for s in sources)).hexdigest()
    target = Path(out) if out else PEERS / "classes" / digest[:16]
    stamp = target / ".source-digest"
    if stamp.exists() and stamp.read_text() == digest:
        return target
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["javac", "-nowarn", "-d", str(target), "-cp", os.pathsep.join([*map(str, classpath), zk_classpath()]), *map(str, sources)], check=True)
    stamp.write_text(digest)
    return target


def compile_c(source: os.PathLike | str) -> Path:
    """Compiles a program against Apache's C client; returns its path. Does nothing if the source has not changed."""
    text = Path(source).read_bytes()
    target = PEERS / "c" / f"{Path(source).stem}-{hashlib.sha256(text).hexdigest()[:16]}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        made = target.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-O1", "-DTHREADED", "-o", made, source,
                        "-lzookeeper_mt", "-lpthread"], check=True)
        made.rename(target)
    return target


def quoll_bin() -> Path:
    binary = Path(os.environ.get("QUOLL_BIN", ROOT / "build" / "quoll"))
    if not binary.exists():
        raise FileNotFoundError(f"no {binary}: build it, or set QUOLL_BIN, or run with -k apache")
    return binary


# ---------------------------------------------------------------- servers

class Server:
    """A server of a given kind in a directory of its own.

    `cfg` adds zoo.cfg keys to the defaults below; a value None removes a default.
    `version` is that of an older Apache server (tests/ensemble/install_version.sh); by default it is 3.9.5.
    `jvmflags` are system properties, as `name=value` or `-Dname=value`.
    The directory contains zoo.cfg, server.log and, unless `cfg` names another, data/.
    """

    def __init__(self, kind: str, workdir, cfg: dict | None = None, jvmflags: Iterable[str] = (),
                 client_port: int | None = None, env: dict | None = None, version: str = ""):
        if kind not in BOTH:
            raise ValueError(f"kind {kind!r} is not one of {BOTH}")
        self.kind = kind
        self.version = version
        self.workdir = Path(workdir)
        self.extra_cfg = dict(cfg or {})
        self.jvmflags = list(jvmflags)
        self.client_port = int(client_port or self.extra_cfg.get("clientPort") or free_port())
        self.env = dict(env or {})
        self.process: subprocess.Popen | None = None
        self.workdir.mkdir(parents=True, exist_ok=True)

    # -- files and settings

    @property
    def cfg(self) -> dict:
        settings = {
            "dataDir": self.workdir / "data",
            "clientPort": self.client_port,
            "tickTime": 2000,
            "admin.enableServer": "false",
            "4lw.commands.whitelist": "*",
        }
        settings.update(self.extra_cfg)
        return {k: v for k, v in settings.items() if v is not None}

    @property
    def cfg_path(self) -> Path:
        return self.workdir / "zoo.cfg"

    @property
    def log_path(self) -> Path:
        return self.workdir / "server.log"

    @property
    def data_dir(self) -> Path:
        return Path(self.cfg["dataDir"])

    @property
    def data_log_dir(self) -> Path:
        return Path(self.cfg.get("dataLogDir", self.data_dir))

    @property
    def hosts(self) -> str:
        return f"127.0.0.1:{self.client_port}"

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def returncode(self) -> int | None:
        return self.process.poll() if self.process else None

    def log_text(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # -- start and stop

    def write_cfg(self):
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.data_log_dir.mkdir(parents=True, exist_ok=True)
        self.cfg_path.write_text("".join(f"{k}={v}\n" for k, v in self.cfg.items()))

    def command(self) -> tuple[list[str], dict]:
        """The command line and the environment to start it with."""
        env = {**os.environ, **self.env}
        flags = _d_flags(self.jvmflags)
        if self.kind == "apache":
            return java_args(QUORUM_PEER_MAIN, [self.cfg_path], flags, log="INFO", version=self.version), env
        inherited = env.get("SERVER_JVMFLAGS", "")
        env["SERVER_JVMFLAGS"] = " ".join([inherited, *flags]).strip()
        return [str(quoll_bin()), "server", str(self.cfg_path)], env

    def start(self, wait: bool = True, timeout: float = 60) -> "Server":
        """Starts it; with `wait`, returns when it serves clients."""
        if self.alive():
            raise RuntimeError(f"{self} runs already")
        self.write_cfg()
        args, env = self.command()
        with self.log_path.open("ab") as log:
            log.write(f"### start {self.kind}: {shlex.join(map(str, args[-3:]))}\n".encode())
            log.flush()
            self.process = spawn(args, env=env, cwd=self.workdir, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            self.wait_serving(timeout)
        return self

    def wait_serving(self, timeout: float = 60):
        def ready():
            if not self.alive():
                raise RuntimeError(f"{self} ended with code {self.returncode}:\n{self.log_text()[-4000:]}")
            return self.serving()
        wait_for(ready, timeout, f"{self} to serve", interval=0.05)

    def serving(self) -> bool:
        """Does it answer a client?

        It tries to resume a session that does not exist: the refusal proves that the whole server
        works, and unlike a new session it creates no transaction. The timeout is short, because
        Apache's server sometimes never answers a connection that was opened while it starts.
        """
        request = struct.pack(">iqiqi16s?", 0, 0, 4000, 1, 16, bytes(16), True)
        try:
            with socket.create_connection(("127.0.0.1", self.client_port), 1) as s:
                s.sendall(struct.pack(">i", len(request)) + request)
                return len(s.recv(4)) == 4
        except OSError:
            return False

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int):
        if self.alive():
            self.process.send_signal(number)

    def stop(self, timeout: float = 30) -> int | None:
        """Sends SIGTERM and waits for the end; returns the exit code."""
        return _reap(self.process, signal.SIGTERM, timeout) if self.process else None

    def kill(self) -> int | None:
        """Sends SIGKILL and waits for the end."""
        return _reap(self.process, signal.SIGKILL, 10) if self.process else None

    def restart(self, wait: bool = True) -> "Server":
        self.stop()
        return self.start(wait)

    def wait_end(self, timeout: float = 30) -> int:
        """Waits for a server that is expected to end by itself; returns its exit code."""
        code = self.process.wait(timeout)
        _processes.discard(self.process)
        return code

    def swap(self, kind: str) -> "Server":
        """Stops it and returns a server of `kind`, not yet started, with the same directory, port and settings."""
        self.stop()
        return Server(kind, self.workdir, self.extra_cfg, self.jvmflags, self.client_port, self.env)

    def four_letter(self, cmd: str | bytes, timeout: float = 10, then_finish: bool = False) -> str:
        """Sends a four-letter word and returns the whole answer. Raises OSError if the server resets the connection.
        then_finish: shuts down its sending side after the word, as Java's FourLetterWordMain does."""
        data = cmd if isinstance(cmd, bytes) else cmd.encode()
        with socket.create_connection(("127.0.0.1", self.client_port), timeout) as s:
            s.sendall(data)
            if then_finish:
                s.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := s.recv(65536):
                answer += chunk
        return answer.decode("utf-8", "replace")

    def __enter__(self) -> "Server":
        if not self.alive():
            self.start()
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            pass  # _reap has killed it

    def __repr__(self):
        return f"<{self.kind} server at {self.hosts}, pid {self.pid}>"


# ---------------------------------------------------------------- kazoo

_kazoo_clients: list = []


def kazoo_client(server: Server | str, **kw):
    """A started kazoo client; it is stopped at the end of the test if the test did not stop it."""
    from kazoo.client import KazooClient

    kw.setdefault("timeout", 10)
    client = KazooClient(hosts=server if isinstance(server, str) else server.hosts, **kw)
    _kazoo_clients.append(client)
    client.start(timeout=30)
    return client


def end_kazoo_clients():
    while _kazoo_clients:
        client = _kazoo_clients.pop()
        with contextlib.suppress(Exception):
            client.stop()
        with contextlib.suppress(Exception):
            client.close()
