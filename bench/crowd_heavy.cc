// Few clients that own much: a million watches and four-letter words about them, a million children, 200,000
// ephemerals. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include "crowds.h"
#include "histogram.h"
#include "plain_socket.h"

namespace zkload {

namespace {

constexpr std::int32_t kTimeoutMs = 40'000;
constexpr std::uint64_t kInOneMulti = 500;

PlainSocket session(const Arguments& arguments) {
  PlainSocket one(arguments.port(), 1);
  one.ask_for_session(kTimeoutMs);
  one.take_session();
  return one;
}

void ping(PlainSocket& one) {
  std::string request;
  encode_header_only(request, kPingXid, kPing);
  one.send(request);
  one.receive_reply();
}

void create_many(PlainSocket& one, const std::string& parent, std::uint64_t count, std::int32_t flags) {
  std::string request;
  encode_create(request, 1, parent, "");
  one.send(request);
  one.receive_frame();  // it may exist already
  for (std::uint64_t i = 0; i < count; i += kInOneMulti) {
    request.clear();
    encode_creates(request, 2, parent + "/node-", i, std::min(count, i + kInOneMulti), flags);
    one.send(request);
    one.receive_reply();
  }
}

// Calls `ask` repeatedly until standard input ends; it returns the bytes of an answer. Then prints how long answers
// took.
template <typename Ask>
void ask_until_over(const Arguments& arguments, Ask&& ask) {
  const int pause_ms = static_cast<int>(arguments.number("pause-ms", 20));
  say_ready();
  Histogram taken;
  std::uint64_t bytes = 0;
  while (!is_over(pause_ms)) {
    const std::uint64_t before = now_ns();
    bytes = ask();
    taken.add(now_ns() - before);
  }
  std::printf("{\"answers\":%llu,\"bytes\":%llu,\"p50_ms\":%.1f,\"max_ms\":%.1f}\n",
              static_cast<unsigned long long>(taken.count()), static_cast<unsigned long long>(bytes),
              static_cast<double>(taken.quantile(0.5)) / 1e6, static_cast<double>(taken.max()) / 1e6);
}

}  // namespace

void leave_watches(const Arguments& arguments) {
  const std::uint64_t count = arguments.number("count", 1'000'000);
  const std::uint64_t conns = arguments.number("conns", 20);
  std::vector<PlainSocket> all;
  for (std::uint64_t i = 0; i < conns; ++i) all.push_back(session(arguments));
  // Watches for creation: the znodes need not exist.
  std::string requests;
  for (std::uint64_t i = 0; i < count;) {
    PlainSocket& one = all[i / 1000 % conns];
    requests.clear();
    std::uint64_t asked = 0;
    for (; asked < 1000 && i < count; ++asked, ++i)
      encode_read(requests, 1, kExists, "/watched/by-somebody/" + std::to_string(i), true);
    one.send(requests);
    for (; asked > 0; --asked) one.receive_frame();
  }
  say_ready();
  while (!is_over(5000)) {
    for (PlainSocket& one : all) ping(one);
  }
  std::printf("{\"watches\":%llu}\n", static_cast<unsigned long long>(count));
}

void ask_words(const Arguments& arguments) {
  const std::string word = arguments.text("word", "wchp");
  ask_until_over(arguments, [&] {
    PlainSocket one(arguments.port(), 1);
    one.send(word);
    return one.receive_to_the_end();
  });
}

void make_children(const Arguments& arguments) {
  PlainSocket one = session(arguments);
  create_many(one, "/many", arguments.number("count", 1'000'000), kPersistent);
  say_ready();
}

void list_children(const Arguments& arguments) {
  PlainSocket one = session(arguments);
  std::string request;
  encode_read(request, 1, kGetChildren, "/many");
  ask_until_over(arguments, [&] {
    one.send(request);
    return one.receive_reply().size();
  });
}

void own_ephemerals(const Arguments& arguments) {
  PlainSocket one = session(arguments);
  create_many(one, "/fleeting", arguments.number("count", 200'000), kEphemeral);
  say_ready();
  while (!is_over(5000)) ping(one);
  const std::uint64_t before = now_ns();
  std::string request;
  encode_header_only(request, 3, kCloseSession);
  one.send(request);
  one.receive_reply();
  std::printf("{\"close_ms\":%.1f}\n", static_cast<double>(now_ns() - before) / 1e6);
}

}  // namespace zkload
