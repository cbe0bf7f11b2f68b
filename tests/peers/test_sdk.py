"""The client library as its users get it: installed, found by CMake and by pkg-config, with an example; with both kinds of server."""

import os
import signal
import subprocess

import pytest
import sdk_package
from harness import ROOT, free_port, quoll_bin, spawn, wait_for
from sdk_package import Program, example, run


@pytest.fixture(scope="module")
def prefix():
    return sdk_package.installed()


@pytest.fixture(scope="module")
def hello():
    return example("client") / "hello"


def test_the_example_works_with_the_installed_package(hello, server):
    for _ in range(2):
        assert run(hello, server.hosts) == "It says: world\nChanged: /hello\nAnd now: NoNode\n"


def test_the_example_says_why_it_cannot_connect(hello):
    port = free_port()
    done = subprocess.run([hello, f"127.0.0.1:{port},nonsense:x"], text=True, capture_output=True, timeout=60)
    assert done.returncode == 1 and '"x" is no port' in done.stderr


@pytest.fixture(scope="module")
def count():
    return example("lock") / "count"


def value(server) -> int:
    return int(run(quoll_bin(), "shell", "-server", server.hosts, "get", "/counter"))


def test_programs_count_under_a_lock_also_when_one_is_stopped(count, server):
    run(count, server.hosts, "1")
    # Three count to the end; one is stopped for longer than its session, and goes on.
    programs = [spawn([str(count), server.hosts, "100"], stderr=subprocess.PIPE, text=True) for _ in range(4)]
    wait_for(lambda: value(server) > 20, 60, "some counting")
    programs[0].send_signal(signal.SIGSTOP)
    assert [program.wait(120) for program in programs[1:]] == [0, 0, 0]
    counted = value(server)
    assert 301 <= counted <= 401
    programs[0].send_signal(signal.SIGCONT)
    assert programs[0].wait(60) in (0, 1)
    # What it had in hand changes nothing: it has lost its session, which it says, or it had never held meanwhile.
    assert value(server) >= counted
    assert value(server) <= 401


def test_a_cache_follows_a_subtree_across_a_restart_of_the_server(server, tmp_path):
    shell = [quoll_bin(), "shell", "-server", server.hosts]
    run(*shell, "create", "/followed", "0")
    follow = Program(tmp_path / "follow.out", example("cache") / "follow", server.hosts, "/followed", 4)
    follow.wait_lines("It has 0 children")
    run(*shell, "create", "/followed/a", "1")
    run(*shell, "set", "/followed/a", "2")
    follow.wait_lines("+ /followed/a 1", "* /followed/a 2")
    server.kill()
    server.start()
    run(*shell, "delete", "/followed/a")
    run(*shell, "set", "/followed", "3")
    assert follow.process.wait(60) == 0
    # The last two were found at the reconnect, or heard of after it.
    assert follow.lines()[:4] == ["It has 0 children", "+ /followed/a 1", "* /followed/a 2", "The connection is lost; changes will be told later"]
    assert set(follow.lines()[4:]) == {"- /followed/a", "* /followed 3"}


@pytest.fixture(scope="module")
def recipes():
    return example("recipes")


def test_ids_are_given_once_to_programs_that_run_together(recipes, server, tmp_path):
    programs = [Program(tmp_path / f"ids{i}.out", recipes / "ids", server.hosts, 50) for i in range(3)]
    assert [program.process.wait(60) for program in programs] == [0, 0, 0]
    rows = [line.split() for program in programs for line in program.lines()]
    for column in range(3):
        assert len({row[column] for row in rows}) == 150
    assert {int(row[2]) for row in rows} == set(range(1, 151))


def test_work_in_a_queue_is_done_also_when_a_worker_is_killed(recipes, server, tmp_path):
    queue = recipes / "queue"
    run(queue, server.hosts, "put", *(f"item{i}" for i in range(40)), "!urgent")
    workers = [Program(tmp_path / f"worker{i}.out", queue, server.hosts, "work", 15) for i in range(3)]
    wait_for(lambda: any(worker.lines() for worker in workers), 30, "some work")
    workers[0].kill()
    assert [worker.process.wait(90) for worker in workers[1:]] == [0, 0]
    done = [line for worker in workers for line in worker.lines()]
    assert set(done) == {*(f"item{i}" for i in range(40)), "!urgent"}
    assert len(done) <= 42
    assert "!urgent" in [worker.lines()[0] for worker in workers if worker.lines()]


def test_programs_begin_and_end_together(recipes, server, tmp_path):
    programs = [Program(tmp_path / f"walker{i}.out", recipes / "rendezvous", server.hosts, "/example/meeting", 3) for i in range(2)]
    for program in programs:
        program.wait_lines("waiting")
    assert all("begin" not in program.lines() for program in programs)
    programs.append(Program(tmp_path / "walker2.out", recipes / "rendezvous", server.hosts, "/example/meeting", 3))
    assert [program.process.wait(60) for program in programs] == [0, 0, 0]
    assert all(program.lines() == ["waiting", "begin", "all have ended"] for program in programs)


def test_services_are_found_and_gone_with_their_programs(recipes, server, tmp_path):
    service = recipes / "service"

    def found() -> list[str]:
        return [line.split()[0] for line in run(service, server.hosts, "db").splitlines()]
    assert found() == []
    offers = [Program(tmp_path / f"offer{port}.out", service, server.hosts, "db", port) for port in (1001, 1002)]
    for offer in offers:
        offer.wait_lines("offered")
    assert sorted(found()) == ["127.0.0.1:1001", "127.0.0.1:1002"]
    assert offers[0].end_input() == 0
    assert found() == ["127.0.0.1:1002"]
    offers[1].kill()
    wait_for(lambda: found() == [], 30, "the instance to go with its session")


def test_a_name_has_one_owner_and_is_free_when_its_program_is_killed(recipes, server, tmp_path):
    names = recipes / "names"
    watcher = Program(tmp_path / "watcher.out", names, server.hosts, "watch")
    owner = Program(tmp_path / "owner.out", names, server.hosts, "claim", "printer", "room12")
    owner.wait_lines("printer")
    watcher.wait_lines("+ printer room12")
    assert run(names, server.hosts, "list") == "printer room12\n"
    taken = subprocess.run([names, server.hosts, "claim", "printer", "room13"], text=True, capture_output=True, timeout=60)
    assert taken.returncode == 1 and "NodeExists" in taken.stderr
    assert len({run(names, server.hosts, "next", "job") for _ in range(3)}) == 3
    owner.kill()
    watcher.wait_lines("- printer room12")
    assert watcher.end_input() == 0


def test_a_configuration_is_followed_and_rolled_back(recipes, server, tmp_path):
    settings = recipes / "settings"
    run(settings, server.hosts, "publish", "limit=10")
    followers = [Program(tmp_path / f"follower{i}.out", settings, server.hosts, "follow", f"host{i}") for i in range(4)]
    for follower in followers:
        follower.wait_lines("limit 10")
    assert run(settings, server.hosts, "publish", "limit=20", 50).endswith("for 50 %\n")
    wait_for(lambda: any("limit 20" in follower.lines() for follower in followers), 30, "a trial")
    run(settings, server.hosts, "back")
    for follower in followers:
        wait_for(lambda follower=follower: follower.lines()[-1] == "limit 10", 30, "the old value")
    refused = subprocess.run([settings, server.hosts, "publish", "nonsense"], text=True, capture_output=True, timeout=60)
    assert refused.returncode == 1 and 'line 1 is "nonsense": write key=value' in refused.stderr


def test_coroutines_and_futures_have_many_calls_under_way(server):
    changes, stopped = run(example("async") / "coroutine", server.hosts, 10).splitlines()
    assert changes == "1000 changes"
    # The answer may arrive before the request to stop.
    assert stopped in ("RequestTimeout", "NoNode")


def test_completion_tokens_run_on_the_executor_of_the_program(server):
    lines = run(example("async") / "tokens", server.hosts).splitlines()
    assert sorted(lines) == sorted(["There is nothing", "/tokens", "hello", "on the program's thread"])


@pytest.mark.skipif(not sdk_package.WITH_TESTING, reason="QUOLL_TESTING=OFF: compiling quoll::testing for the package takes minutes")
def test_a_program_is_tested_with_a_fake_ensemble_without_waiting():
    lines = run(example("testing") / "lock_test").splitlines()
    assert len([line for line in lines if line.startswith("ok: ")]) == 8
    assert int(lines[-1].removesuffix(" minutes have passed")) >= 60


@pytest.mark.skipif(not sdk_package.WITH_TESTING, reason="QUOLL_TESTING=OFF: compiling quoll::testing for the package takes minutes")
def test_the_library_for_tests_exports_only_its_interface(prefix):
    symbols = run("nm", "-DC", "--defined-only", prefix / "lib" / "libquoll_testing.so.0")
    assert "quoll::testing::Ensemble::open" in symbols
    foreign = [line for line in symbols.splitlines() if "quoll::testing::" not in line]
    assert not foreign, foreign[:20]


def test_pkg_config_finds_it(prefix, tmp_path, server):
    env = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "quoll", env=env).split()
    run("g++", ROOT / "examples" / "client" / "hello.cc", *flags, f"-Wl,-rpath,{prefix}/lib", "-o", tmp_path / "hello")
    assert "It says: world" in run(tmp_path / "hello", server.hosts)


def test_the_library_has_a_versioned_name_and_exports_only_its_interface(prefix):
    assert (prefix / "lib" / "libquoll.so.0").exists()
    assert "SONAME" in (dynamic := run("readelf", "-dW", prefix / "lib" / "libquoll.so")) and "libquoll.so.0" in dynamic
    symbols = run("nm", "-DC", "--defined-only", prefix / "lib" / "libquoll.so")
    assert "quoll::zk::Client::open" in symbols
    foreign = [line for line in symbols.splitlines() if "quoll::zk::" not in line]
    assert not foreign, foreign[:20]


def test_the_headers_compile_alone_without_boost(prefix, tmp_path):
    for header in sorted((prefix / "include" / "quoll").glob("*.h")):
        if header.name == "asio.h":  # for programs that use Boost.Asio
            continue
        (tmp_path / "one.cc").write_text(f"#include <quoll/{header.name}>\n")
        files = run("g++", "-std=c++23", "-Wall", "-Wextra", "-Werror", "-M", f"-I{prefix}/include", tmp_path / "one.cc")
        assert "quoll/types.h" in files and "boost" not in files
