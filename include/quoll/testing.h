// A fake ensemble for tests of programs that use this library: real servers, with a simulated network and disks, inside
// of the test, and with virtual time. Nothing waits in real time, and a seed makes every run the same.
//
//   quoll::testing::Ensemble ensemble({.servers = 3});
//   auto client = ensemble.open();
//   quoll::zk::Lock lock(*client, "/lock");
//   ASSERT_TRUE(lock.acquire());
//   ensemble.stop(ensemble.leader());
//   ensemble.run_for(std::chrono::seconds(5));
//   ASSERT_TRUE(lock.surely_held());
//
// Time passes only in calls that wait: those of this header, and all calls of the library that wait for a result or an
// event, whose deadlines are of virtual time, too. There is no other thread. Callbacks and coroutines of AsyncClient
// run inside of such a call of the test, and must not wait themselves. So:
//   - calls that wait, Watcher::next, caches and all recipes: as they are;
//   - Call::then, Call::wait, co_await: as they are, when time passes;
//   - futures (Call::future, start): Ensemble::get(future) instead of future.get(), which would wait for ever;
//   - completion tokens (quoll/asio.h): the test polls its context in run_until.
// What the program under test takes from the clocks of the system remains real.
//
// The library is quoll::testing, beside quoll::quoll: find_package(quoll COMPONENTS testing).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "quoll/client.h"

namespace quoll::testing {

struct EnsembleOptions {
  int servers = 1;         // 1 to 9, numbered from 1
  std::uint64_t seed = 1;  // decides everything that is random: latencies, which server a client tries first
  // A call that has not returned after this much virtual time ends the process: nothing in the test can end its wait. A
  // test that waits for a lock that itself holds would otherwise never end. Longer than the longest patience.
  std::chrono::milliseconds wait_max = std::chrono::hours(24);
};

// All calls, also those of its clients, come from the thread that made it; others end the process with a message. It
// must outlive its clients.
class QUOLL_API Ensemble {
 public:
  // Returns when all servers serve. Sessions get 4 to 40 s, as with ZooKeeper's tickTime of 2 s.
  explicit Ensemble(const EnsembleOptions& options = {});
  ~Ensemble();
  Ensemble(const Ensemble&) = delete;
  Ensemble& operator=(const Ensemble&) = delete;

  // A client on a machine of its own, which tries all servers. Of `options.servers` only the chroot counts.
  // bad_arguments for TLS and logins, which do not exist here; otherwise as Client::open.
  zk::Result<zk::Client> open(zk::Options options = {});

  // ---- Time

  // Since the ensemble was made.
  [[nodiscard]] std::chrono::milliseconds now() const;
  void run_for(std::chrono::milliseconds time);
  // Until `holds` returns true; false when `patience` has passed before. `holds` is asked after every event, and may
  // make calls that wait.
  bool run_until(const std::function<bool()>& holds, std::chrono::milliseconds patience = std::chrono::minutes(1));
  // The value of a future, for which time passes.
  template <typename T>
  T get(std::future<T> future) {
    wait([&] { return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    return future.get();
  }

  // ---- Servers

  // Kills the server's process. What it had synced to its disk remains.
  void stop(int server);
  // Starts it again. It serves some virtual time later, if there is a quorum.
  void start(int server);
  // All of them.
  void stop();
  void start();
  // The server that leads; 0: none.
  [[nodiscard]] int leader() const;
  // What this server and the others send each other is lost, until heal(). Clients reach it.
  void isolate(int server);

  // ---- Clients

  // What this client and this server send each other is lost, until heal(). 0: all servers.
  void cut_off(zk::Client& client, int server = 0);
  // Ends all that isolate() and cut_off() have begun.
  void heal();
  // Ends the client's connection; it makes another one.
  void disconnect(zk::Client& client);
  // As if its process were stopped (SIGSTOP): it sends and hears nothing, also no time. It goes on with resume(), or
  // with the next call to it, which a stopped process could not make.
  void suspend(zk::Client& client);
  void resume(zk::Client& client);
  // Cuts the client off until its session has expired, lets it through again, and returns when it knows: true. False:
  // no server leads that could end the session, or the client is over already.
  bool expire(zk::Client& client);

 private:
  void wait(const std::function<bool()>& holds);
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::testing
