// The prober sends requests at fixed times, even if earlier ones are not answered yet, so that a pause of the server
// shows in the latency of every request that was sent during it.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include "connection.h"
#include "crowds.h"
#include "histogram.h"
#include "standstill.h"

namespace zkload {

namespace {

constexpr std::uint64_t kMs = 1'000'000;

struct Stream {
  Stream(const Arguments& arguments, std::uint64_t interval)
      : connection("127.0.0.1", std::to_string(arguments.port())), interval_ns(interval) {}
  Connection connection;
  std::uint64_t interval_ns;
  std::uint64_t due_ns = 0;
  std::vector<Span> asked_and_answered;

  void take_replies() {
    const std::uint64_t now = now_ns();
    const auto on_reply = [&](const Pending& asked, const Reply& reply) {
      if (reply.err != kOk) throw Failure("the prober was answered with error " + std::to_string(reply.err));
      asked_and_answered.push_back({asked.sent_ns, now});
    };
    while (connection.receive(on_reply)) {
    }
  }

  // The server's part of the latency: without the time in which the whole machine paused.
  Histogram latency(const Standstill& standstill) const {
    Histogram sum;
    for (const Span& span : asked_and_answered) sum.add(span.end_ns - span.begin_ns - standstill.within(span));
    return sum;
  }
};

void make_key(const Arguments& arguments, const std::string& path) {
  Connection connection("127.0.0.1", std::to_string(arguments.port()));
  encode_create(connection.out(), connection.expect(kCreate, 0), path, std::string(100, 'x'));
  connection.flush();
  while (connection.outstanding() > 0) {
    pollfd wait{connection.fd(), POLLIN, 0};
    ::poll(&wait, 1, 1000);
    connection.receive([](const Pending&, const Reply&) {});
  }
}

void print(const char* name, const Histogram& latency, const char* behind) {
  const auto ms = [&](double share) { return static_cast<double>(latency.quantile(share)) / 1e6; };
  std::printf("\"%s\":{\"count\":%llu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}%s", name,
              static_cast<unsigned long long>(latency.count()), ms(0.5), ms(0.99),
              static_cast<double>(latency.max()) / 1e6, behind);
}

void print(const Standstill& standstill) {
  std::uint64_t sum = 0, longest = 0;
  for (const Span& span : standstill.spans()) {
    sum += span.end_ns - span.begin_ns;
    longest = std::max(longest, span.end_ns - span.begin_ns);
  }
  std::printf("\"standstill\":{\"count\":%zu,\"sum_ms\":%.3f,\"max_ms\":%.3f}", standstill.spans().size(),
              static_cast<double>(sum) / 1e6, static_cast<double>(longest) / 1e6);
}

}  // namespace

void probe(const Arguments& arguments) {
  const std::string key = "/probe";
  const std::string data(100, 'y');
  make_key(arguments, key);
  Stream reads(arguments, arguments.number("read-every-ms", 2) * kMs);
  Stream writes(arguments, arguments.number("write-every-ms", 5) * kMs);
  reads.due_ns = writes.due_ns = now_ns();
  Standstill standstill;
  say_ready();
  const auto answered = [&] { return reads.connection.outstanding() == 0 && writes.connection.outstanding() == 0; };
  // How late the prober itself is, because of other processes or of pauses of the machine.
  Histogram lateness;
  bool over = false;
  std::uint64_t give_up_ns = 0;
  while (!over || !answered()) {
    const std::uint64_t now = now_ns();
    if (over && now > give_up_ns) throw Failure("no reply for 30 seconds");
    if (!over && now >= reads.due_ns) {
      lateness.add(now - reads.due_ns);
      encode_read(reads.connection.out(), reads.connection.expect(kGetData, now), kGetData, key);
      reads.connection.flush();
      reads.due_ns = reads.due_ns + reads.interval_ns;
    }
    if (!over && now >= writes.due_ns) {
      encode_set(writes.connection.out(), writes.connection.expect(kSetData, now), key, data);
      writes.connection.flush();
      writes.due_ns = writes.due_ns + writes.interval_ns;
    }
    const std::uint64_t next = std::min(reads.due_ns, writes.due_ns);
    const std::uint64_t wait_ns = over ? 10 * kMs : next > now ? next - now : 0;
    pollfd sockets[] = {
        {reads.connection.fd(), POLLIN, 0}, {writes.connection.fd(), POLLIN, 0}, {over ? -1 : 0, POLLIN, 0}};
    const timespec wait{0, static_cast<long>(wait_ns)};
    ::ppoll(sockets, 3, &wait, nullptr);
    if (sockets[0].revents != 0) reads.take_replies();
    if (sockets[1].revents != 0) writes.take_replies();
    if (sockets[2].revents != 0) {
      over = true;
      give_up_ns = now_ns() + 30'000 * kMs;
    }
  }
  standstill.end();
  std::printf("{");
  print("reads", reads.latency(standstill), ",");
  print("writes", writes.latency(standstill), ",");
  print("lateness", lateness, ",");
  print(standstill);
  std::printf("}\n");
}

}  // namespace zkload
