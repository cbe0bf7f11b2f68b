#!/usr/bin/env python3
"""Runs kazoo's own test suite against a server of either kind and compares the result with the baseline.

kazoo's harness starts `java ... QuorumPeerMain zoo.cfg`; standin/java, first on PATH, starts the
server under test instead. Every test that passes against Apache's server must pass against Quoll.

    run_kazoo_suite.py apache --record    run against Apache and write kazoo_baseline.json
    run_kazoo_suite.py quoll              run against Quoll and compare
    run_kazoo_suite.py quoll --quick      only the quick test files (for CI)

Needs the Python of build/peers/venv. The exit code is 0 if every test that passes in the baseline passes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from harness import HERE, PEERS, can_bind, free_port, quoll_bin, zk_classpath

BASELINE = HERE / "kazoo_baseline.json"
# Test files that use a server and take little time; the others mostly wait.
QUICK = ["test_client", "test_counter", "test_party", "test_queue", "test_watchers", "test_sasl", "test_barrier"]
# Not run. kazoo's start() waits for the connection and then looks whether it is connected; SASL fails after that in
# another thread. If start() looks too late, it reports a time-out instead of AuthFailedError, whatever the server does.
# tests/peers/test_secure_clients.py tries wrong passwords.
RACES = ["test_invalid_sasl_auth"]
# For both kinds: kazoo 2.11 uses DIGEST-MD5, which ZooKeeper 3.9 refuses in FIPS mode.
SERVER_FLAGS = "-Dzookeeper.fips-mode=false"


def port_block(cluster_size: int) -> int:
    """A base port: the ports that kazoo's harness derives from it, ten for each server, are free."""
    for _ in range(100):
        base = free_port() // 100 * 100
        if all(can_bind(base + n) for n in range(10 * cluster_size)):
            return base
    raise OSError("found no free ports in a row")


def suite_env(kind: str, cluster_size: int) -> dict:
    return {
        **os.environ,
        "PATH": f"{HERE / 'standin'}{os.pathsep}{os.environ['PATH']}",
        "PEERS_KIND": kind,
        "PEERS_REAL_JAVA": shutil.which("java") or "java",
        "PEERS_SERVER_FLAGS": SERVER_FLAGS,
        "QUOLL_BIN": str(quoll_bin()) if kind == "quoll" else "",
        "ZOOKEEPER_VERSION": "3.9.5",
        "ZOOKEEPER_CLASSPATH": zk_classpath(),
        "ZOOKEEPER_PATH": str(PEERS / "lib"),
        "ZOOKEEPER_CLUSTER_SIZE": str(cluster_size),
        "ZOOKEEPER_PORT_OFFSET": str(port_block(cluster_size)),
        "ZOOKEEPER_LOCAL_SESSION_RO": "true" if cluster_size > 1 else "false",
        "CI": "true",
    }


def run(kind: str, quick: bool, only: str | None, cluster_size: int, out: Path, minutes: float) -> dict[str, dict]:
    """Runs the suite; returns {test id: {"outcome", "seconds", "message"}}."""
    out.mkdir(parents=True, exist_ok=True)
    report = out / "report.xml"
    report.unlink(missing_ok=True)
    modules = [f"kazoo.tests.{m}" for m in QUICK] if quick else ["kazoo.tests"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--timeout=180", f"--junitxml={report}",
               "-k", " and ".join([f"({only})"] * bool(only) + [f"not {name}" for name in RACES]), "--pyargs", *modules]
    # The suite creates its servers' directories in TMPDIR; with one of its own they can be removed at the end.
    work = Path(tempfile.mkdtemp(prefix="kazoo-suite."))
    env = {**suite_env(kind, cluster_size), "TMPDIR": str(work)}
    with (out / "output.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, cwd=work, stdout=log, stderr=log, start_new_session=True)
        try:
            process.wait(minutes * 60)
        except subprocess.TimeoutExpired:
            print(f"the suite took more than {minutes} minutes and was ended", file=sys.stderr)
        finally:
            # The suite's session holds pytest and its servers, and nothing else.
            end_session(process)
            shutil.rmtree(work, ignore_errors=True)
    return parse(report)


def end_session(process: subprocess.Popen):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def parse(report: Path) -> dict[str, dict]:
    if not report.exists():
        return {}
    results = {}
    for case in ElementTree.parse(report).iter("testcase"):
        outcome, message = "passed", ""
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                outcome, message = child.tag, child.get("message", "")
                if child.tag != "skipped":
                    message = (message + "\n" + (child.text or ""))[-3000:]
        name = f"{case.get('classname')}::{case.get('name')}"
        known = results.get(name)
        # A test can appear twice, for its call and its tear-down; the worse outcome counts.
        if known is None or known["outcome"] == "passed":
            results[name] = {"outcome": outcome, "seconds": float(case.get("time", 0)), "message": message}
    return results


def count(results: dict[str, dict]) -> dict[str, int]:
    outcomes = [r["outcome"] for r in results.values()]
    return {o: outcomes.count(o) for o in sorted(set(outcomes))}


def versions() -> dict:
    java = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    import kazoo.version
    return {"zookeeper": "3.9.5", "kazoo": kazoo.version.__version__, "python": platform.python_version(), "java": java}


def record(results: dict, cluster_size: int):
    stable = {"versions": versions(), "cluster_size": cluster_size, "counts": count(results),
              "tests": {n: r["outcome"] for n, r in sorted(results.items())},
              "reasons": {n: re.sub(r"\s+", " ", r["message"][:200]) for n, r in sorted(results.items())
                          if r["outcome"] == "skipped"}}
    BASELINE.write_text(json.dumps(stable, indent=1) + "\n")
    print(f"wrote {BASELINE}")


def compare(results: dict) -> int:
    """Prints every test of the baseline that does not pass now; returns their number."""
    baseline = json.loads(BASELINE.read_text())["tests"]
    ran_modules = {n.split("::")[0].rsplit(".", 1)[0] for n in results}
    missing = 0
    for name, outcome in baseline.items():
        if outcome != "passed" or name.split("::")[0].rsplit(".", 1)[0] not in ran_modules:
            continue
        now = results.get(name, {"outcome": "not run", "message": ""})
        if now["outcome"] != "passed":
            missing += 1
            print(f"--- {name}: {now['outcome']}, passes against Apache\n{now['message']}\n")
    return missing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["apache", "quoll"])
    parser.add_argument("--quick", action="store_true", help="only the quick test files")
    parser.add_argument("--only", help="pytest -k expression")
    parser.add_argument("--record", action="store_true", help="write the baseline (kind apache, whole suite)")
    parser.add_argument("--cluster-size", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=40, help="ends the run after this long")
    args = parser.parse_args()

    began = time.monotonic()
    out = PEERS / "kazoo" / args.kind
    results = run(args.kind, args.quick, args.only, args.cluster_size, out, args.minutes)
    counts = count(results)
    print(f"kazoo suite against {args.kind}: {counts} in {time.monotonic() - began:.0f} s; log {out}/output.log")
    if args.record:
        record(results, args.cluster_size)
        return 0
    if args.only:
        bad = [n for n, r in results.items() if r["outcome"] in ("failure", "error")]
        print("\n".join(bad))
        missing = len(bad)
    else:
        missing = compare(results)
    passed = counts.get("passed", 0)
    print(f"{passed} passed, {missing} failed")
    return 0 if passed and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
