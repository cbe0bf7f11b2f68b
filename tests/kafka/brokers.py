"""Kafka brokers and a Kafka client, each in its own process."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import harness

HERE = Path(__file__).resolve().parent
KAFKA = Path(os.environ.get("QUOLL_KAFKA_DIR", harness.ROOT / "build" / "kafka"))
JVM = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{KAFKA}/lib/*"]


def settings(number: int, port: int, zookeeper: str, folder: Path) -> dict:
    return {
        "broker.id": number,
        "listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "log.dirs": folder / "logs",
        "zookeeper.connect": zookeeper,
        "zookeeper.session.timeout.ms": 12000,
        "offsets.topic.replication.factor": 2,
        "offsets.topic.num.partitions": 4,
        "min.insync.replicas": 1,
        "group.initial.rebalance.delay.ms": 0,
        "replica.lag.time.max.ms": 10000,
        # The default needs too much memory here.
        "log.cleaner.dedupe.buffer.size": 4194304,
        "num.network.threads": 2,
        "num.io.threads": 4,
    }


class Broker:
    def __init__(self, number: int, zookeeper: str, folder: Path):
        self.number, self.folder, self.port = number, folder, harness.free_port()
        folder.mkdir(parents=True)
        lines = settings(number, self.port, zookeeper, folder).items()
        (folder / "server.properties").write_text("".join(f"{k}={v}\n" for k, v in lines))
        self.process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self):
        with (self.folder / "broker.log").open("ab") as log:
            command = [*JVM, "-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                       "-Dorg.slf4j.simpleLogger.showDateTime=true", "kafka.Kafka", self.folder / "server.properties"]
            self.process = harness.spawn(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def alive(self) -> bool:
        return self.process.poll() is None

    def log(self) -> str:
        return (self.folder / "broker.log").read_text(errors="replace")


class Work:
    """KafkaWork.java: one JVM that executes all commands."""

    def __init__(self, brokers: list[Broker], folder: Path):
        self.log = (folder / "work.log").open("wb")
        bootstrap = ",".join(b.address for b in brokers)
        self.process = harness.spawn([*JVM, "-Xmx256m", HERE / "KafkaWork.java", bootstrap],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, bufsize=1)

    def begin(self, command: str):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def result(self) -> str:
        answer = self.process.stdout.readline().strip()
        if not answer.startswith("OK "):
            raise AssertionError(f"Kafka's client: {answer or 'ended'}; see {self.log.name}")
        return answer[3:]

    def do(self, command: str) -> str:
        self.begin(command)
        return self.result()

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)
