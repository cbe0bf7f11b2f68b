"""The container's entrypoint: the zoo.cfg that it writes from environment variables, what it refuses and warns of, and servers that it starts."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import harness
import pytest
from harness import ROOT, free_port, quoll_bin, spawn, wait_for

ENTRYPOINT = ROOT / "deploy" / "entrypoint.sh"


class Container:
    """The directories and the environment of a container."""

    def __init__(self, folder: Path, **variables: str):
        self.folder = folder
        self.env = {"PATH": os.environ["PATH"], "HOSTNAME": "pod", "ZOO_CONF_DIR": f"{folder}/conf", "ZOO_DATA_DIR": f"{folder}/data",
                    "ZOO_DATA_LOG_DIR": f"{folder}/datalog", **variables}

    def write(self) -> subprocess.CompletedProcess:
        return subprocess.run([ENTRYPOINT, "--write-only"], env=self.env, text=True, capture_output=True)

    def lines(self) -> list[str]:
        """The lines that it writes, without the comment; nothing is warned of."""
        result = self.write()
        assert (result.returncode, result.stderr) == (0, "")
        return (self.folder / "conf" / "zoo.cfg").read_text().splitlines()[1:]

    def refusal(self) -> str:
        result = self.write()
        assert result.returncode != 0 and not (self.folder / "conf" / "zoo.cfg").exists()
        return result.stderr

    def myid(self) -> str:
        return (self.folder / "data" / "myid").read_text().strip()

    def check(self):
        """The server accepts the configuration without a warning about a key."""
        result = subprocess.run([quoll_bin(), "server", "--check", self.folder / "conf" / "zoo.cfg"], text=True, capture_output=True)
        assert result.returncode == 0, result.stdout + result.stderr
        assert "nknown key" not in result.stdout + result.stderr


def folders(folder: Path) -> list[str]:
    return [f"dataDir={folder}/data", f"dataLogDir={folder}/datalog"]


DEFAULTS = ["tickTime=2000", "initLimit=10", "syncLimit=5", "autopurge.purgeInterval=24"]


def test_without_variables_a_server_runs_alone(tmp_path):
    one = Container(tmp_path)
    assert one.lines() == [*folders(tmp_path), "clientPort=2181", *DEFAULTS]
    assert one.myid() == "1"
    one.check()


def test_docker_librarys_variables(tmp_path):
    one = Container(tmp_path, ZOO_MY_ID="2", ZOO_SERVERS="server.1=zoo1:2888:3888;2181 server.2=0.0.0.0:2888:3888;2181 server.3=zoo3:2888:3888",
                    ZOO_TICK_TIME="1000", ZOO_INIT_LIMIT="7", ZOO_SYNC_LIMIT="3", ZOO_MAX_CLIENT_CNXNS="0", ZOO_STANDALONE_ENABLED="false",
                    ZOO_ADMINSERVER_ENABLED="true", ZOO_AUTOPURGE_PURGEINTERVAL="1", ZOO_AUTOPURGE_SNAPRETAINCOUNT="5",
                    ZOO_4LW_COMMANDS_WHITELIST="srvr, mntr", ZOO_CFG_EXTRA="snapCount=1000 globalOutstandingLimit=2000")
    assert one.lines() == [*folders(tmp_path), "tickTime=1000", "initLimit=7", "syncLimit=3", "maxClientCnxns=0", "autopurge.purgeInterval=1",
                           "autopurge.snapRetainCount=5", "4lw.commands.whitelist=srvr, mntr", "standaloneEnabled=false", "admin.enableServer=true",
                           "server.1=zoo1:2888:3888;2181", "server.2=0.0.0.0:2888:3888;2181", "server.3=zoo3:2888:3888;2181", "snapCount=1000",
                           "globalOutstandingLimit=2000"]
    assert one.myid() == "2"


def test_bitnamis_variables(tmp_path):
    (tmp_path / "secret").write_text("geheim\n")
    one = Container(tmp_path, ZOO_SERVER_ID="2", ZOO_SERVERS="zk-0.zk:2888:3888::1,zk-1.zk:2888:3888::2 zk-2.zk:2888:3888::3", ZOO_PORT_NUMBER="2182",
                    ALLOW_ANONYMOUS_LOGIN="yes", ZOO_LISTEN_ALLIPS_ENABLED="yes", ZOO_AUTOPURGE_INTERVAL="0", ZOO_MAX_CNXNS="100",
                    ZOO_ENABLE_PROMETHEUS_METRICS="yes", ZOO_PROMETHEUS_METRICS_PORT_NUMBER="9141", ZOO_LOG_LEVEL="WARN", ZOO_ENABLE_ADMIN_SERVER="no",
                    ZOO_TLS_CLIENT_ENABLE="true", ZOO_TLS_CLIENT_KEYSTORE_FILE="/tls/k.jks", ZOO_TLS_CLIENT_KEYSTORE_PASSWORD_FILE=f"{tmp_path}/secret",
                    ZOO_RECONFIG_ENABLED="no")
    assert one.lines() == [
        *folders(tmp_path), "maxCnxns=100", "autopurge.purgeInterval=0", "ssl.keyStore.location=/tls/k.jks", "ssl.keyStore.password=geheim",
        "secureClientPort=3181", "admin.enableServer=false", "reconfigEnabled=false", "quorumListenOnAllIPs=true", "tickTime=2000", "initLimit=10",
        "syncLimit=5", "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider", "metricsProvider.httpPort=9141",
        "quoll.log.level=warn", "server.1=zk-0.zk:2888:3888;2182", "server.2=0.0.0.0:2888:3888;2182", "server.3=zk-2.zk:2888:3888;2182"]
    assert (tmp_path / "conf" / "zoo.cfg").stat().st_mode & 0o077 == 0  # a password stands in it


def test_authentication_of_clients_and_of_servers(tmp_path):
    one = Container(tmp_path, ZOO_ENABLE_AUTH="yes", ZOO_SERVER_USERS="alice,bob", ZOO_SERVER_PASSWORDS='one,t"wo', ALLOW_ANONYMOUS_LOGIN="no")
    assert one.lines()[-2:] == ["authProvider.sasl=org.apache.zookeeper.server.auth.SASLAuthenticationProvider", "sessionRequireClientSASLAuth=true"]
    assert 'user_alice="one"\n  user_bob="t\\"wo";' in (tmp_path / "conf" / "zoo_jaas.conf").read_text()
    one.env.update(ZOO_ENABLE_QUORUM_AUTH="yes", ZOO_QUORUM_SERVER_USERS="q", ZOO_QUORUM_SERVER_PASSWORDS="p", ZOO_QUORUM_LEARNER_USER="q",
                   ZOO_QUORUM_LEARNER_PASSWORD="p")
    assert "quorum.auth.serverRequireSasl=true" in one.lines()
    assert 'QuorumLearner {' in (tmp_path / "conf" / "zoo_jaas.conf").read_text()


def test_more_users_than_passwords_are_refused(tmp_path):
    one = Container(tmp_path, ZOO_ENABLE_AUTH="yes", ZOO_SERVER_USERS="alice,bob", ZOO_SERVER_PASSWORDS="one")
    assert "as many passwords as users" in one.refusal()


@pytest.mark.parametrize("variables, said", [
    ({"ZOO_HEAP_SIZE": "1024"}, "ZOO_HEAP_SIZE has no effect: there is no Java heap"),
    ({"ZOO_LOG4J_PROP": "INFO,CONSOLE"}, "ZOO_LOG4J_PROP has no effect"),
    ({"BITNAMI_DEBUG": "true"}, "BITNAMI_DEBUG has no effect"),
    ({"ZOO_TICKTIME": "1"}, "ZOO_TICKTIME is not known and has no effect"),
    ({"ZOO_LOG_LEVEL": "LOUD"}, "ZOO_LOG_LEVEL=LOUD"),
])
def test_a_variable_without_effect_is_warned_of(tmp_path, variables, said):
    result = Container(tmp_path, **variables).write()
    assert result.returncode == 0 and f"entrypoint: warning: {said}" in result.stderr


THREE = "server.1=a:2888:3888;2181 server.2=b:2888:3888;2181 server.3=c:2888:3888;2181"


def test_the_number_of_a_server_is_never_guessed(tmp_path):
    assert "set ZOO_MY_ID" in Container(tmp_path, ZOO_SERVERS=THREE).refusal()
    assert "no server with the number 4" in Container(tmp_path, ZOO_SERVERS=THREE, ZOO_MY_ID="4").refusal()
    assert "nobody could log in" in Container(tmp_path, ALLOW_ANONYMOUS_LOGIN="no").refusal()
    # A pod of a StatefulSet has an ordinal.
    one = Container(tmp_path, ZOO_SERVERS=THREE, HOSTNAME="quoll-2")
    assert one.lines() and one.myid() == "3"
    # From then on the data says whose it is.
    del one.env["HOSTNAME"]
    assert one.lines() and one.myid() == "3"
    one.env["ZOO_MY_ID"] = "1"
    refused = one.write()
    assert refused.returncode == 2 and "is that of server 3" in refused.stderr and one.myid() == "3"


def test_a_configuration_of_ones_own_is_kept_and_its_variables_are_warned_of(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "zoo.cfg").write_text(f"dataDir={tmp_path}/data\nclientPort=2181\n")
    result = Container(tmp_path, ZOO_TICK_TIME="1000").write()
    assert result.returncode == 0 and "is used as it is" in result.stderr
    assert "tickTime" not in (tmp_path / "conf" / "zoo.cfg").read_text()


def test_the_image_declares_what_the_entrypoint_needs():
    text = (ROOT / "deploy" / "Containerfile").read_text()
    for needed in ("COPY --from=build", "deploy/entrypoint.sh", "USER 1000:1000", "HEALTHCHECK", "STOPSIGNAL SIGTERM", "ENTRYPOINT [\"/entrypoint.sh\"]"):
        assert needed in text


@pytest.fixture
def open_folder():
    """A folder with the program that any user may enter, because as root the entrypoint runs the server as another user."""
    folder = Path(tempfile.mkdtemp(prefix="quoll-container-"))
    folder.chmod(0o755)
    shutil.copy(quoll_bin(), folder / "quoll")
    yield folder
    harness.end_all_processes()
    shutil.rmtree(folder)


def test_three_servers_start_as_an_ensemble_and_end_with_sigterm(open_folder):
    clients, quorum, election = [[free_port() for _ in range(3)] for _ in range(3)]
    servers = " ".join(f"server.{n + 1}=127.0.0.1:{quorum[n]}:{election[n]};{clients[n]}" for n in range(3))
    running = []
    for n in range(3):
        one = Container(open_folder / f"quoll-{n}", HOSTNAME=f"quoll-{n}", ZOO_SERVERS=servers, ZOO_STANDALONE_ENABLED="false", ZOO_TICK_TIME="500",
                        ZOO_ADMINSERVER_ENABLED="false", QUOLL=str(open_folder / "quoll"))
        one.folder.mkdir()
        with (open_folder / f"{n}.log").open("wb") as log:
            running.append(spawn([ENTRYPOINT], env=one.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
    def is_healthy(n: int) -> bool:
        return subprocess.run([ENTRYPOINT, "--health"], env={"PATH": os.environ["PATH"], "ZOO_PORT_NUMBER": str(clients[n])}).returncode == 0
    zk = harness.kazoo_client(",".join(f"127.0.0.1:{port}" for port in clients))
    zk.create("/a", b"data")
    zk.stop()
    # The entrypoint has become the server, and not as root.
    for process in running:
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert status.startswith("Name:\tquoll\n") and "\nUid:\t0" not in status
    # One without the others does not serve, and is healthy.
    for process in running[1:]:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(60) for process in running[1:]] == [0, 0]
    assert is_healthy(0) and not is_healthy(1)
    running[0].send_signal(signal.SIGTERM)
    assert running[0].wait(60) == 0


def test_clients_must_log_in_when_authentication_is_on(open_folder):
    port = free_port()
    one = Container(open_folder / "one", ZOO_PORT_NUMBER=str(port), ZOO_ENABLE_AUTH="yes", ZOO_SERVER_USERS="alice", ZOO_SERVER_PASSWORDS="secret",
                    ZOO_ADMINSERVER_ENABLED="false", QUOLL=str(open_folder / "quoll"))
    one.folder.mkdir()
    with (open_folder / "log").open("wb") as log:
        spawn([ENTRYPOINT], env=one.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    wait_for(lambda: not harness.can_bind(port), 60, "the server to listen")

    (open_folder / "jaas").write_text('Client { org.apache.zookeeper.server.auth.DigestLoginModule required username="alice" password="secret"; };')
    (open_folder / "client").write_text(f"java.security.auth.login.config={open_folder}/jaas\n")

    def ls(*options: str) -> subprocess.CompletedProcess:
        return subprocess.run([quoll_bin(), "shell", "-server", f"127.0.0.1:{port}", "-timeout", "5000", *options, "ls", "/"], text=True,
                              capture_output=True, timeout=60)
    assert "zookeeper" in ls("-client-configuration", str(open_folder / "client")).stdout
    refused = ls()
    assert refused.returncode == 1 and "failed to authenticate" in refused.stderr
