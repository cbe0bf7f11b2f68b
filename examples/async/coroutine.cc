// Many calls under way at once, without a thread for each: coroutine SERVERS COUNT.
#include <cstdlib>
#include <iostream>
#include <quoll/async.h>

using namespace std::chrono_literals;
using quoll::zk::AsyncClient;
using quoll::zk::Result;
using quoll::zk::Task;

// Creates a znode and changes it until it says "done"; gives the number of changes.
Task<Result<int>> count_up(AsyncClient& client, std::string path, int count) {
  const auto created = co_await client.create(path, "0").within(10s);
  if (!created) co_return std::unexpected(created.error());
  for (int i = 1; i <= count; ++i) {
    const auto got = co_await client.get(path);
    if (!got) co_return std::unexpected(got.error());
    const auto set = co_await client.set(path, std::to_string(i), got->stat.version);
    if (!set) co_return std::unexpected(set.error());
  }
  const auto removed = co_await client.remove(path);
  if (!removed) co_return std::unexpected(removed.error());
  co_return count;
}

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "coroutine SERVERS COUNT\n", 2;
  auto client = quoll::zk::Client::open({.servers = argv[1]});
  if (!client) return std::cerr << client.error().text << '\n', 1;
  AsyncClient async(*client);
  std::vector<std::future<Result<int>>> results;
  for (int i = 0; i < 100; ++i)
    results.push_back(start(count_up(async, "/coroutine-" + std::to_string(i), std::atoi(argv[2]))));
  int sum = 0;
  for (auto& each : results) {
    const auto result = each.get();
    if (!result) return std::cerr << result.error().text << '\n', 1;
    sum += *result;
  }
  std::cout << sum << " changes\n";
  // A call that is told to stop. It ends with RequestTimeout, or with its answer (NoNode) if that came first.
  std::stop_source stop;
  auto gone = async.get("/coroutine-0").until(stop.get_token()).future();
  stop.request_stop();
  std::cout << name(gone.get().error().code) << '\n';
}
