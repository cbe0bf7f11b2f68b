// A test of a program that uses locks, with a fake ensemble: no server, no port, and no waiting in real time.
#include <chrono>
#include <iostream>
#include <quoll/lock.h>
#include <quoll/testing.h>

using namespace std::chrono_literals;
using quoll::zk::Client;
using quoll::zk::Lock;
using quoll::zk::Operation;

// The program under test: adds one to a counter, under a lock.
bool count(Client& client, Lock& lock) {
  const auto old = client.get("/counter");
  return old && lock.write({Operation::set("/counter", std::to_string(std::stol(*old->data) + 1))});
}

int failures = 0;
void expect(bool is_so, const char* what) {
  std::cout << (is_so ? "ok: " : "FAILED: ") << what << '\n';
  failures += is_so ? 0 : 1;
}

int main() {
  quoll::testing::Ensemble ensemble({.servers = 3});
  auto one = ensemble.open({.session_timeout = 10s});
  auto other = ensemble.open({.session_timeout = 10s});
  if (!one || !other || !one->create("/counter", "0")) return 1;
  Lock ours(*one, "/lock");
  Lock theirs(*other, "/lock");
  expect(ours.acquire() && count(*one, ours), "a holder counts");
  expect(!theirs.acquire(1h), "nobody else gets the lock within an hour");

  ensemble.stop(ensemble.leader());
  ensemble.run_until([&] { return ensemble.leader() != 0; });
  ensemble.run_for(5s);
  expect(ours.surely_held() && count(*one, ours), "the lock is held across a change of the leader");

  ensemble.stop();
  ensemble.run_for(8s);
  expect(!ours.surely_held(), "without a server nobody holds surely");
  ensemble.start();
  ensemble.run_for(20s);
  expect(ours.surely_held() && count(*one, ours), "the servers are back before the session has expired");

  ensemble.expire(*one);
  expect(!count(*one, ours), "whose session has expired changes nothing");
  expect(theirs.acquire() && count(*other, theirs), "the next one holds");
  expect(*other->get("/counter")->data == "4", "all that was counted is there");
  std::cout << std::chrono::duration_cast<std::chrono::minutes>(ensemble.now()).count() << " minutes have passed\n";
  return failures == 0 ? 0 : 1;
}
