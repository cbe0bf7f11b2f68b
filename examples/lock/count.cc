// Adds one to a counter, many times, under a lock that all programs share: count SERVERS TIMES.
#include <cstdlib>
#include <iostream>
#include <quoll/lock.h>

using quoll::zk::Client;
using quoll::zk::Code;
using quoll::zk::Fate;
using quoll::zk::Lock;
using quoll::zk::Operation;

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "count SERVERS TIMES\n", 2;
  auto client = Client::open({.servers = argv[1], .session_timeout = std::chrono::seconds(6)});
  if (!client) return fail(client.error());
  const auto created = client->create("/counter", "0");
  if (!created && created.error().code != Code::node_exists) return fail(created.error());
  Lock lock(*client, "/counter-lock");
  for (int left = std::atoi(argv[2]); left > 0;) {
    if (const auto token = lock.acquire(); !token) return fail(token.error());
    // Without versions: the lock alone keeps others out, and the server checks that it is still held.
    const auto old = client->get("/counter");
    if (old) {
      const auto written =
          lock.write({Operation::set("/counter", std::to_string(std::stol(old->data.value_or("0")) + 1))});
      // This program cannot know whether a write whose answer is lost has counted, and says so.
      if (written) --left;
      if (!written && written.error().fate == Fate::may_be_applied) return fail(written.error());
    }
    lock.release();
  }
}
