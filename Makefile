# The commands for developers and CI. `make` or `make help` lists them.
# Variables: BUILD=build directory (build), JOBS=parallel compilations (all cores), MINUTES and TARGET for fuzz.
BUILD ?= build
JOBS ?= $(shell nproc)
MINUTES ?= 1
CONFIGURE = cmake -S . -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo

export QUOLL_BIN ?= $(abspath $(BUILD))/quoll

.DEFAULT_GOAL := help
.PHONY: help packages server install deb build run run-ensemble test test-all unit test-peers test-ensemble test-planted differential test-kazoo test-kafka test-programs test-config test-disk test-kill mixed test-power test-trouble test-load test-vm test-packages takeover sim sim-ensemble fuzz bench format lint rooms sanitize clean

help: ## lists these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

packages: ## installs the packages that a build needs (Debian 12; root or sudo)
	@tools/install_packages.sh build

server: packages ## builds only the server, $(BUILD)/quoll
	@$(CONFIGURE) -B $(BUILD) -Wno-dev --log-level=WARNING
	@cmake --build $(BUILD) -j $(JOBS) --target quoll

PREFIX ?= /usr/local
install: server ## installs the program and the client library: PREFIX=/usr/local, and DESTDIR= for packagers
	@install -D -m 755 $(BUILD)/quoll $(DESTDIR)$(PREFIX)/bin/quoll
	@install -D -m 644 conf/zoo_sample.cfg $(DESTDIR)$(PREFIX)/share/quoll/zoo_sample.cfg
	@install -D -m 644 docs/configuration.md $(DESTDIR)$(PREFIX)/share/doc/quoll/configuration.md
	@install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/quoll/LICENSE
	@cmake -S src/sdk/package -B $(BUILD)/sdk -G Ninja -Wno-dev --log-level=WARNING -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	@cmake --build $(BUILD)/sdk -j $(JOBS)
	@cmake --install $(BUILD)/sdk
	@echo "Installed $(DESTDIR)$(PREFIX)/bin/quoll; start it with: quoll server zoo.cfg (a sample: $(PREFIX)/share/quoll/zoo_sample.cfg)"

deb: packages ## builds the Debian packages quoll and quoll-zookeeper-compat in $(BUILD)/deb
	@tools/install_packages.sh package
	@JOBS=$(JOBS) tools/make_deb.sh $(BUILD)/deb

build: packages ## builds everything: the server, all tests and tools
	@$(CONFIGURE) -B $(BUILD) -Wno-dev --log-level=WARNING
	@cmake --build $(BUILD) -j $(JOBS)

run: ## installs packages, builds the server, and runs it on port 2181 with its data in ./data
	@$(MAKE) --no-print-directory server
	@tools/run_server.sh $(BUILD)/quoll

run-ensemble: ## the same with three servers as one ensemble, on the ports 2181 to 2183 with their data in ./data/1 to 3
	@$(MAKE) --no-print-directory server
	@tools/run_ensemble.sh $(BUILD)/quoll

test: ## installs packages, builds, and runs everything that CI runs
	@tools/install_packages.sh build lint peers trouble
	@tools/run_tests.py --build $(BUILD) --jobs $(JOBS)

test-all: ## runs what CI runs, then all long tests and measurements: load, kills, power failures, kazoo, Kafka, lint of all files, fuzzing (2 hours)
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-load test-planted test-kill test-power test-trouble test-kazoo test-kafka differential sanitize lint fuzz

test-planted: build ## plants all bugs in ensembles that the simulator must find, those that take long too (8 minutes)
	@$(BUILD)/sim/ensemble/planted_ensemble_test

unit: build ## builds and runs the unit tests
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

test-peers: build ## runs the tests with Apache's server and its clients, without kazoo's suite (3 minutes)
	@tests/peers/run.sh quoll

test-ensemble: build ## runs ensembles of three, of Quoll's and of Apache's servers in every mix (20 minutes)
	@tests/peers/install.sh
	@build/peers/venv/bin/python -m pytest -p no:cacheprovider -rs tests/ensemble/test_three.py tests/ensemble/test_run.py

differential: build ## sends 200,000 random requests to Apache's server and to Quoll, and fails on any unlisted difference (10 minutes)
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/differential/bar.py

test-kazoo: build ## runs kazoo's whole test suite against one server and against three (8 minutes)
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/peers/run_kazoo_suite.py quoll
	@build/peers/venv/bin/python tests/peers/run_kazoo_suite.py quoll --cluster-size 3

test-kafka: build ## runs Kafka brokers and clients on Quoll
	@tests/peers/install.sh
	@tests/kafka/install.sh
	@build/peers/venv/bin/python -m pytest -p no:cacheprovider tests/kafka -k quoll

test-programs: build ## runs two textbook programs, a lock and a group, on Quoll
	@tests/peers/install.sh
	@build/peers/venv/bin/python -m pytest -p no:cacheprovider tests/programs -k quoll

test-disk: build ## moves data directories between Apache's server and Quoll, and damages them
	@tests/peers/install.sh
	@build/peers/venv/bin/python -m pytest -p no:cacheprovider tests/disk

test-config: build ## starts Apache's server and Quoll with 70 configurations, and tries make on a plain Debian 12 (10 minutes, as root)
	@tests/peers/install.sh
	@QUOLL_LONG=1 build/peers/venv/bin/python -m pytest -p no:cacheprovider -rs tests/config

CYCLES ?= 30
mixed: build ## kills, stops, wipes and cuts off members of mixed ensembles under load: CYCLES=30 (10 seconds each)
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/ensemble/mixed.py --cycles $(CYCLES)

test-kill: build ## kills the server 100 times under load and checks that no acknowledged write is lost
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/disk/kill_loop.py --kind quoll --kills 100

CUTS ?= 100
test-power: ## makes CUTS power failures (100) on two kinds of disk that lose what was not fsynced
	@tools/install_packages.sh trouble
	@$(MAKE) --no-print-directory build
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/trouble/power_loop.py --cuts $(CUTS)
	@build/peers/venv/bin/python tests/trouble/power_loop.py --cuts $(CUTS) --ext4

test-trouble: ## tests power failures, failing and full disks, a stopped process, no descriptors, no memory (10 minutes)
	@tools/install_packages.sh trouble
	@$(MAKE) --no-print-directory build
	@tests/peers/install.sh
	@QUOLL_LONG=1 QUOLL_POWER_SECONDS=60 build/peers/venv/bin/python -m pytest -p no:cacheprovider -rs tests/trouble

test-load: build ## loads the server with many kinds of clients; checks memory and that the p99 latency of others is below 50 ms (5 minutes)
	@tests/load/run.py

test-vm: ## tests 50,000 connections, and power failures on ext4 and xfs, in a virtual machine (30 minutes if it is emulated)
	@tools/install_packages.sh vm
	@$(MAKE) --no-print-directory build
	@tests/vm/run.py

test-packages: deb ## installs, runs, upgrades and removes the packages in a plain Debian 12, beside Debian's zookeeper (as root; 10 minutes)
	@tests/peers/install.sh
	@QUOLL_LONG=1 QUOLL_DEBS=$(abspath $(BUILD))/deb build/peers/venv/bin/python -m pytest -p no:cacheprovider -rs tests/deploy

takeover: server ## replaces Apache's servers of running ensembles by Quoll's and back, under clients; no loss is allowed (5 minutes)
	@tests/peers/install.sh
	@build/peers/venv/bin/python tests/ensemble/takeover.py

sim: packages ## runs random histories in the simulator: SEED=n replays one, HOURS=n runs on all cores (default: a minute)
	@$(CONFIGURE) -B $(BUILD) -Wno-dev --log-level=WARNING
	@cmake --build $(BUILD) -j $(JOBS) --target simulate
	@tools/simulate.py --build $(BUILD) --jobs $(JOBS) $(if $(SEED),--seed $(SEED)) $(if $(HOURS),--hours $(HOURS)) $(if $(WORKLOAD),--workload $(WORKLOAD))

sim-ensemble: packages ## runs random histories of ensembles in the simulator: SEED=n replays one, HOURS=n runs on all cores (default: a minute)
	@$(CONFIGURE) -B $(BUILD) -Wno-dev --log-level=WARNING
	@cmake --build $(BUILD) -j $(JOBS) --target simulate_ensemble
	@tools/simulate.py --program quoll_sim_ensemble --build $(BUILD) --jobs $(JOBS) $(if $(SEED),--seed $(SEED)) $(if $(HOURS),--hours $(HOURS)) $(if $(WORKLOAD),--workload $(WORKLOAD))

fuzz: ## fuzzes every decoder, or only TARGET, for MINUTES=1 each, one job per core; findings in build-fuzz/findings
	@tools/install_packages.sh build lint
	@tools/fuzz.py --minutes $(MINUTES) --jobs $(JOBS) $(if $(TARGET),--target $(TARGET))

bench: build ## compares operations per second with Apache's server
	@tests/peers/install.sh
	@build/peers/venv/bin/python bench/side_by_side.py

format: ## formats all C++ files
	@tools/install_packages.sh lint
	@git ls-files '*.cc' '*.h' | xargs clang-format-19 -i

rooms: ## checks that includes and links follow docs/rooms.txt
	@tools/check_rooms.py

lint: rooms ## checks rooms and format, and runs clang-tidy on every file (long)
	@tools/install_packages.sh build lint
	@git ls-files '*.cc' '*.h' | xargs clang-format-19 --dry-run -Werror
	@tools/lint.py --jobs $(JOBS)

sanitize: packages ## runs the unit tests with ASan and UBSan, and those of os with TSan
	@$(CONFIGURE) -B build-asan -Wno-dev -DQUOLL_SANITIZE=address,undefined
	@cmake --build build-asan -j $(JOBS)
	@ctest --test-dir build-asan --output-on-failure -j $(JOBS)
	@$(CONFIGURE) -B build-tsan -Wno-dev -DQUOLL_SANITIZE=thread
	@cmake --build build-tsan -j $(JOBS) --target $$(cmake --build build-tsan --target help | grep -q '^os_test:' && echo os_test || echo quoll_os)
	@! test -x build-tsan/src/os/os_test || build-tsan/src/os/os_test

clean: ## removes the builds, but not the downloads for tests
	@find build -mindepth 1 -maxdepth 1 ! -name peers ! -name kafka -exec rm -rf {} + 2>/dev/null || true
	@rm -rf build-asan build-tsan build-lint build-fuzz
