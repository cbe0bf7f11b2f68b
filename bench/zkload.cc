// A load generator for any server with the ZooKeeper client protocol.
//
// One thread, one epoll loop, and requests in batches: it must need far less CPU than the server
// that it measures, because both usually run on the same few cores.
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <vector>

#include "connection.h"
#include "histogram.h"
#include "options.h"
#include "wire.h"

namespace zkload {
namespace {

constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Random {
 public:
  std::uint64_t below(std::uint64_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ % limit;
  }

 private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15u;
};

struct Result {
  Histogram latency;
  std::uint64_t nanoseconds = 0;
  double client_cpu = 0;
};

class LoadGenerator {
 public:
  explicit LoadGenerator(const Options& options) : options_(options), data_(options.size, 'x') {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < options.conns; ++i) {
      const auto& [host, port] = options.hosts[static_cast<std::size_t>(i) % options.hosts.size()];
      conns_.push_back(std::make_unique<Connection>(host, port));
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.ptr = conns_.back().get();
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, conns_.back()->fd(), &event);
    }
  }

  Result run() {
    if (options_.mode == Mode::kLoad) return load();
    create_one("/zkload");
    if (options_.mode == Mode::kCreate) {
      // A new parent, so that a second run on the same tree finds no existing names.
      parent_ = "/zkload/run-" + std::to_string(now_ns());
      create_one(parent_);
      allow_existing_ = false;
    } else {
      prepare_keys();
    }
    const auto next = [this](Connection& to, std::uint64_t number, std::uint64_t now) { measured(to, number, now); };
    if (options_.warmup > 0) phase(kForever, options_.warmup, next);
    // Creates continue with the number at which the warm-up stopped.
    return phase(options_.count > 0 ? options_.count : kForever, options_.seconds, next);
  }

 private:
  void create_one(const std::string& path) {
    allow_existing_ = true;
    phase(1, 0, [&](Connection& to, std::uint64_t, std::uint64_t now) { create(to, path, now); });
  }

  void prepare_keys() {
    for (std::uint64_t i = 0; i < options_.keys; ++i) keys_.push_back("/zkload/k" + std::to_string(i));
    allow_existing_ = true;
    phase(options_.keys, 0, [this](Connection& to, std::uint64_t i, std::uint64_t now) { create(to, keys_[i], now); });
    // A node of an earlier run may have another size, and reads check the size.
    phase(options_.keys, 0, [this](Connection& to, std::uint64_t i, std::uint64_t now) { set(to, keys_[i], now); });
    allow_existing_ = false;
  }

  Result load() {
    constexpr std::uint64_t per_parent = 1000;
    const auto parent = [](std::uint64_t i) { return "/load-" + std::to_string(i / per_parent); };
    const std::uint64_t parents = (options_.keys + per_parent - 1) / per_parent;
    phase(parents, 0,
          [&](Connection& to, std::uint64_t i, std::uint64_t now) { create(to, parent(i * per_parent), now); });
    return phase(options_.keys, 0, [&](Connection& to, std::uint64_t i, std::uint64_t now) {
      create(to, parent(i) + "/n" + std::to_string(i % per_parent), now);
    });
  }

  void measured(Connection& to, std::uint64_t, std::uint64_t now) {
    switch (options_.mode) {
      case Mode::kSet:
        return set(to, any_key(), now);
      case Mode::kExists:
        return read(to, kExists, any_key(), now);
      case Mode::kCreate:
        return create(to, parent_ + "/n" + std::to_string(created_++), now);
      case Mode::kMixed:
        if (random_.below(100) >= static_cast<std::uint64_t>(options_.read_percent)) return set(to, any_key(), now);
        [[fallthrough]];
      default:
        return read(to, kGetData, any_key(), now);
    }
  }

  const std::string& any_key() { return keys_[random_.below(keys_.size())]; }
  void create(Connection& to, const std::string& path, std::uint64_t now) {
    encode_create(to.out(), to.expect(kCreate, now), path, data_);
  }
  void set(Connection& to, const std::string& path, std::uint64_t now) {
    encode_set(to.out(), to.expect(kSetData, now), path, data_);
  }
  void read(Connection& to, OpCode op, const std::string& path, std::uint64_t now) {
    encode_read(to.out(), to.expect(op, now), op, path);
  }

  void check(const Pending& asked, const Reply& reply) const {
    const bool tolerated = allow_existing_ && asked.op == kCreate && reply.err == kNodeExists;
    if (reply.err != kOk && !tolerated) {
      throw Failure("op " + std::to_string(asked.op) + " was answered with error " + std::to_string(reply.err));
    }
    if (asked.op == kGetData && (reply.body.size() < 4 || load_big_endian<std::int32_t>(reply.body.data()) !=
                                                              static_cast<std::int32_t>(options_.size))) {
      throw Failure("a read returned data of another size");
    }
  }

  // Keeps the pipeline of every connection full until `limit` requests are sent or `seconds` are over
  // (0: no limit of time), then waits for the outstanding replies. Requests are numbered from 0.
  template <typename Next>
  Result phase(std::uint64_t limit, double seconds, Next&& next) {
    Result result;
    const double cpu_before = cpu_seconds();
    const std::uint64_t start = now_ns();
    const std::uint64_t deadline = seconds > 0 ? start + static_cast<std::uint64_t>(seconds * 1e9) : kForever;
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;

    const auto fill = [&](Connection& conn, std::uint64_t now) {
      while (sent < limit && now < deadline && conn.outstanding() < static_cast<std::size_t>(options_.outstanding)) {
        next(conn, sent++, now);
      }
      conn.flush();
    };
    for (auto& conn : conns_) fill(*conn, start);

    std::vector<epoll_event> events(conns_.size());
    const int longest_wait_ms = 30000;
    while (answered < sent) {
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), longest_wait_ms);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) throw Failure("no reply for 30 seconds");
      for (int i = 0; i < ready; ++i) {
        auto& conn = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        const std::uint64_t before = answered;
        const std::uint64_t now = now_ns();
        const auto on_reply = [&](const Pending& asked, const Reply& reply) {
          check(asked, reply);
          result.latency.add(now - asked.sent_ns);
          ++answered;
        };
        while (conn.receive(on_reply)) {
        }
        // Edge-triggered: this event also means that the rest of an earlier send can be sent.
        if (answered != before || conn.wants_write()) fill(conn, now_ns());
      }
    }
    result.nanoseconds = now_ns() - start;
    result.client_cpu = cpu_seconds() - cpu_before;
    return result;
  }

  const Options options_;
  const std::string data_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> conns_;
  std::vector<std::string> keys_;
  std::string parent_;
  std::uint64_t created_ = 0;
  bool allow_existing_ = false;
  Random random_;
};

void print(const Options& options, const Result& result) {
  const double seconds = static_cast<double>(result.nanoseconds) / 1e9;
  const auto ops = result.latency.count();
  const double rate = static_cast<double>(ops) / seconds;
  const auto us = [&](double share) { return static_cast<double>(result.latency.quantile(share)) / 1e3; };
  std::printf(options.json
                  ? "{\"op\":\"%s\",\"conns\":%d,\"outstanding\":%d,\"size\":%zu,\"seconds\":%.3f,\"ops\":%llu,"
                    "\"ops_per_s\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,"
                    "\"client_cpu_s\":%.3f}\n"
                  : "op %s  conns %d  outstanding %d  size %zu  seconds %.3f  ops %llu\n"
                    "%.1f ops/s  p50 %.1f us  p99 %.1f us  p999 %.1f us  max %.1f us  client cpu %.3f s\n",
              options.mode_name.c_str(), options.conns, options.outstanding, options.size, seconds,
              static_cast<unsigned long long>(ops), rate, us(0.5), us(0.99), us(0.999),
              static_cast<double>(result.latency.max()) / 1e3, result.client_cpu);
}

}  // namespace
}  // namespace zkload

int main(int argc, char** argv) {
  const zkload::Options options = zkload::parse_options(argc, argv);
  try {
    zkload::print(options, zkload::LoadGenerator(options).run());
    return 0;
  } catch (const zkload::Failure& failure) {
    std::fprintf(stderr, "zkload: %s\n", failure.what());
    return 1;
  }
}
