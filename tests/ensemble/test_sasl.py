"""SASL between servers: Apache's and Quoll's with the same JAAS file, in any mix."""

import contextlib
import socket
import struct
import subprocess

import pytest

from harness import quoll_bin, wait_for
from test_secure import ports, tls
from test_three import fill, write

MODULE = "org.apache.zookeeper.server.auth.DigestLoginModule required"
# Apache's servers 3.9 refuse DIGEST-MD5 between each other otherwise.
NO_FIPS = "zookeeper.fips-mode=false"
STEPS = [{"quorum.auth.enableSasl": "true"}, {"quorum.auth.learnerRequireSasl": "true"}, {"quorum.auth.serverRequireSasl": "true"}]
SASL = {key: value for step in STEPS for key, value in step.items()}
WRONG = "SASL has failed: wrong password for user \"member\""
REFUSED = "it refused user \"member\" or the password"


def jaas(password: str = "secret", users: str = 'user_member="secret"') -> str:
    return f'QuorumServer {{ {MODULE} {users}; }};\nQuorumLearner {{ {MODULE} username="member" password="{password}"; }};\n'


def give(member, text: str):
    """Its JAAS file."""
    path = member.workdir / "servers.jaas"
    path.write_text(text)
    flag = f"java.security.auth.login.config={path}"
    if flag not in member.jvmflags:
        member.jvmflags += [flag, NO_FIPS]


def with_sasl(made, **passwords: str):
    for member in made:
        give(member, jaas(passwords.get(f"of_{member.number}", "secret")))
    return made


@pytest.mark.parametrize("kinds", [("quoll",) * 3, ("apache", "quoll", "quoll"), ("apache", "apache", "quoll"), ("quoll", "apache", "apache")],
                         ids=["QQQ", "JQQ", "JJQ", "QJJ"])
def test_servers_of_both_kinds_authenticate_to_each_other(make_ensemble, kinds):
    three = with_sasl(make_ensemble(kinds, cfg=SASL)).start()
    leader = three.settle()
    client = three.client()
    fill(client, "/before", 30)
    leader.kill()
    three.settle(*(member.number for member in three if member is not leader))
    fill(client, "/while", 30)
    leader.wipe()
    leader.start(wait=False)
    three.settle()
    write(client, "/after")
    assert three.differences() == []
    for member in three:
        if member.kind == "quoll":
            assert "has authenticated as member" in member.log_text()


@pytest.mark.parametrize("kinds", [("quoll",) * 3, ("apache", "quoll", "quoll")], ids=["QQQ", "JQQ"])
def test_servers_authenticate_over_tls(make_ensemble, kinds):
    three = with_sasl(make_ensemble(kinds, cfg={**SASL, **tls()})).start()
    three.settle()
    fill(three.client(), "/data", 30)
    assert three.differences() == []


@pytest.mark.parametrize("kinds", [("quoll",) * 3, ("apache", "apache", "quoll"), ("quoll", "quoll", "apache")], ids=["QQQ", "JJQ", "QQJ"])
def test_a_server_with_a_wrong_password_stays_outside(make_ensemble, kinds):
    three = with_sasl(make_ensemble(kinds, cfg=SASL), of_3="guess").start()
    three.settle(1, 2)
    client = three.client(1, 2)
    fill(client, "/goes-on", 30)
    for member in three:
        if member.kind == "quoll":
            line = REFUSED if member.number == 3 else WRONG
            wait_for(lambda: line in member.log_text(), 30, f"the line {line!r} of {member}")
    three.wait_role(3, "looking")
    assert "guess" not in "".join(member.log_text() for member in three)
    three[3].kill()
    give(three[3], jaas())
    three[3].start(wait=False)
    three.settle()
    write(client, "/all")
    assert three.differences() == []


@pytest.mark.parametrize("kinds", [("quoll",) * 3, ("apache", "quoll", "quoll"), ("quoll", "apache", "apache")], ids=["QQQ", "JQQ", "QJJ"])
def test_an_ensemble_is_changed_to_sasl_server_by_server(make_ensemble, kinds):
    three = with_sasl(make_ensemble(kinds)).start()
    three.settle()
    client = three.client()
    write(client, "/data", b"0")
    three.change(STEPS, client)
    assert three.differences() == []


def test_a_member_without_sasl_and_strangers_are_refused_with_a_line(make_ensemble):
    three = with_sasl(make_ensemble(("quoll",) * 3, cfg=SASL))
    three[3].extra_cfg.update(dict.fromkeys(SASL, "false"))
    three.start()
    leader = three.settle(1, 2)
    hello = struct.pack(">qqi", -65536, 3, 3) + b"x:1"
    info = struct.pack(">iqi", 11, 0, 20) + struct.pack(">qiq", 3, 0x10000, 0) + struct.pack(">i", -1)
    begun = struct.pack(">qii", 0x5F2435013501EDCC, 0, 0)
    lie = struct.pack(">qii", 0x5F2435013501EDCC, 0, 2**31 - 1)
    for port, sent in zip(ports(leader) * 2, [info, hello + b"\0" * 40, begun + lie, hello + begun + lie]):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as stranger, contextlib.suppress(ConnectionError):
            stranger.sendall(sent)
            while stranger.recv(4096):
                pass
    for line in ("which quorum.auth.serverRequireSasl demands", "a token of SASL of an impossible length"):
        wait_for(lambda: line in leader.log_text(), 30, f"the line {line!r}")
    three.wait_role(3, "looking")
    assert three.settle(1, 2) is leader
    write(three.client(1, 2), "/goes-on")


@pytest.mark.parametrize("text, line", [
    (None, "needs a JAAS file with the sections QuorumServer and QuorumLearner"),
    (jaas().splitlines()[0], 'has no section "QuorumLearner" (quorum.auth.learner.saslLoginContext)'),
    (jaas().splitlines()[1], 'has no section "QuorumServer" (quorum.auth.server.saslLoginContext)'),
    (jaas().replace(MODULE, "com.sun.security.auth.module.Krb5LoginModule required"), "asks for Kerberos (Krb5LoginModule), which is not offered yet"),
    (jaas().replace('username="member" ', ""), 'section QuorumLearner has no username="..." and password="..."'),
], ids=["no-file", "no-learner", "no-server", "kerberos", "no-name"])
def test_a_server_does_not_start_without_its_sections(make_ensemble, text, line):
    member = make_ensemble(("quoll",) * 3, cfg=SASL)[1]
    if text is not None:
        give(member, text)
    member.start(wait=False)
    wait_for(lambda: not member.alive(), 30, "its end")
    assert member.returncode == 1
    assert line in member.log_text()
    checked = subprocess.run([quoll_bin(), "migrate", "check", member.cfg_path], env=member.command()[1], text=True, capture_output=True)
    assert [found for found in checked.stdout.splitlines() if found.startswith("OBSTACLE") and line in found], checked.stdout
