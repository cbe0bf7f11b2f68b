# What people and CI run. `make` or `make help` lists it.
# Variables: BUILD=folder of the build (build), JOBS=compilations at once (all cores), MINUTES and TARGET of fuzz.
BUILD ?= build
JOBS ?= $(shell nproc)
MINUTES ?= 1
CONFIGURE = cmake -S . -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo

export QUOLL_BIN ?= $(abspath $(BUILD))/quoll

.DEFAULT_GOAL := help
.PHONY: help packages server install build run test test-all unit test-peers differential test-kazoo test-kafka test-programs test-config test-disk test-kill test-power test-trouble test-load test-vm sim fuzz bench format lint rooms sanitize clean

help: ## lists these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

packages: ## installs the packages a build needs (Debian 12; root or sudo)
	@tools/install_packages.sh build

server: packages ## builds the server, $(BUILD)/quoll, and nothing else
	@$(CONFIGURE) -B $(BUILD) -Wno-dev --log-level=WARNING
	@cmake --build $(BUILD) -j $(JOBS) --target quoll

PREFIX ?= /usr/local
install: server ## installs the program: PREFIX=/usr/local, and DESTDIR= for packagers
	@install -D -m 755 $(BUILD)/quoll $(DESTDIR)$(PREFIX)/bin/quoll
	@install -D -m 644 conf/zoo_sample.cfg $(DESTDIR)$(PREFIX)/share/quoll/zoo_sample.cfg
	@install -D -m 644 docs/configuration.md $(DESTDIR)$(PREFIX)/share/doc/quoll/configuration.md
	@install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/quoll/LICENSE
	@echo "Installed $(DESTDIR)$(PREFIX)/bin/quoll; start it with: quoll server zoo.cfg (a sample: $(PREFIX)/share/quoll/zoo_sample.cfg)"

build: packages ## builds everything: the server, all tests and tools
	@$(CONFIGURE) -B $(BUILD) -Wno-dev --log-level=WARNING
	@cmake --build $(BUILD) -j $(JOBS)

run: ## installs packages, builds the server, and runs it on port 2181 with its data under ./data
	@$(MAKE) --no-print-directory server
	@tools/run_server.sh $(BUILD)/quoll

test: ## installs, builds, and passes everything that CI runs
	@tools/install_packages.sh build lint peers trouble
	@tools/run_tests.py --build $(BUILD) --jobs $(JOBS)

test-all: ## passes all that CI runs, and then all that is long or measures: load, kills, power cuts, kazoo, Kafka, lint of all files, fuzzing (2 hours)
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-load test-kill test-power test-trouble test-kazoo test-kafka differential sanitize lint fuzz

unit: build ## builds and runs the unit tests
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

test-peers: build ## every test beside Apache's server and with its clients, without kazoo's suite (3 minutes)
	@tests/peers/run.sh quoll

differential: build ## 200,000 requests over 50 seeds to Apache's server and ours: no difference that is not listed (10 minutes)
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/differential/bar.py

test-kazoo: build ## kazoo's whole test suite against Quoll (4 minutes)
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/peers/run_kazoo_suite.py quoll

test-kafka: build ## Kafka brokers and clients on Quoll
	@tests/peers/install.sh
	@tests/kafka/install.sh
	@build/peers/venv/bin/python -m pytest -p no:cacheprovider tests/kafka -k quoll

test-programs: build ## two textbook programs, a lock and a group, on Quoll
	@tests/peers/install.sh
	@build/peers/venv/bin/python -m pytest -p no:cacheprovider tests/programs -k quoll

test-disk: build ## data directories handed from one server to the other, and damaged ones
	@tests/peers/install.sh
	@build/peers/venv/bin/python -m pytest -p no:cacheprovider tests/disk

test-config: build ## 70 configurations to Apache's server and ours, and what a plain Debian 12 can do with make (10 minutes, as root)
	@tests/peers/install.sh
	@QUOLL_LONG=1 build/peers/venv/bin/python -m pytest -p no:cacheprovider -rs tests/config

test-kill: build ## kills the server 100 times under load and looks for a broken promise
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/disk/kill_loop.py --kind quoll --kills 100

CUTS ?= 100
test-power: ## cuts the power CUTS times (100) on two kinds of disk that forget what was not fsynced
	@tools/install_packages.sh trouble
	@$(MAKE) --no-print-directory build
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/trouble/power_loop.py --cuts $(CUTS)
	@build/peers/venv/bin/python tests/trouble/power_loop.py --cuts $(CUTS) --ext4

test-trouble: ## power cuts, failing and full disks, a stopped process, no descriptors, no memory (10 minutes)
	@tools/install_packages.sh trouble
	@$(MAKE) --no-print-directory build
	@tests/peers/install.sh
	@QUOLL_LONG=1 QUOLL_POWER_SECONDS=60 build/peers/venv/bin/python -m pytest -p no:cacheprovider -rs tests/trouble

test-load: build ## crowds of many kinds: others' p99 stays below 50 ms, and memory within a bound (5 minutes)
	@tests/load/run.py

test-vm: ## 50,000 connections, and power cuts on ext4 and xfs, in a virtual machine of its own (30 minutes where it is emulated)
	@tools/install_packages.sh vm
	@$(MAKE) --no-print-directory build
	@tests/vm/run.py

sim: packages ## histories on the simulated world: SEED=n replays one, HOURS=n runs on all cores (default: a minute)
	@$(CONFIGURE) -B $(BUILD) -Wno-dev --log-level=WARNING
	@cmake --build $(BUILD) -j $(JOBS) --target simulate
	@tools/simulate.py --build $(BUILD) --jobs $(JOBS) $(if $(SEED),--seed $(SEED)) $(if $(HOURS),--hours $(HOURS)) $(if $(WORKLOAD),--workload $(WORKLOAD))

fuzz: ## fuzzes every decoder, or TARGET=one, for MINUTES=1 each, a job a core; findings in build-fuzz/findings
	@tools/install_packages.sh build lint
	@tools/fuzz.py --minutes $(MINUTES) --jobs $(JOBS) $(if $(TARGET),--target $(TARGET))

bench: build ## operations a second beside Apache's server
	@tests/peers/install.sh
	@build/peers/venv/bin/python bench/side_by_side.py

format: ## formats all C++ files
	@tools/install_packages.sh lint
	@git ls-files '*.cc' '*.h' | xargs clang-format-19 -i

rooms: ## checks that includes and links follow docs/rooms.txt
	@tools/check_rooms.py

lint: rooms ## rooms, format, and clang-tidy over every file (long)
	@tools/install_packages.sh build lint
	@git ls-files '*.cc' '*.h' | xargs clang-format-19 --dry-run -Werror
	@tools/lint.py --jobs $(JOBS)

sanitize: packages ## unit tests under ASan and UBSan, and the threads of os under TSan
	@$(CONFIGURE) -B build-asan -Wno-dev -DQUOLL_SANITIZE=address,undefined
	@cmake --build build-asan -j $(JOBS)
	@ctest --test-dir build-asan --output-on-failure -j $(JOBS)
	@$(CONFIGURE) -B build-tsan -Wno-dev -DQUOLL_SANITIZE=thread
	@cmake --build build-tsan -j $(JOBS) --target $$(cmake --build build-tsan --target help | grep -q '^os_test:' && echo os_test || echo quoll_os)
	@! test -x build-tsan/src/os/os_test || build-tsan/src/os/os_test

clean: ## removes the builds, but not the peers that tests downloaded
	@find build -mindepth 1 -maxdepth 1 ! -name peers ! -name kafka -exec rm -rf {} + 2>/dev/null || true
	@rm -rf build-asan build-tsan build-lint build-fuzz
