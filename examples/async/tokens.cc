// Calls on an executor of the program's own, with Boost.Asio: tokens SERVERS.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
#include <quoll/asio.h>
#include <thread>

using boost::asio::use_awaitable;
using quoll::zk::async;

boost::asio::awaitable<void> work(quoll::zk::AsyncClient& client, std::thread::id own) {
  const auto created = co_await async(client.create("/tokens", "hello"), use_awaitable);
  std::cout << (created ? created->path : created.error().text) << '\n';
  const auto got = co_await async(client.get("/tokens"), use_awaitable);
  std::cout << (got ? got->data.value_or("") : got.error().text) << '\n';
  std::cout << (std::this_thread::get_id() == own ? "on the program's thread" : "elsewhere") << '\n';
  (void)co_await async(client.remove("/tokens"), use_awaitable);
}

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "tokens SERVERS\n", 2;
  boost::asio::io_context loop;  // before the client, whose thread uses it
  auto client = quoll::zk::Client::open({.servers = argv[1]});
  if (!client) return std::cerr << client.error().text << '\n', 1;
  quoll::zk::AsyncClient calls(*client);
  boost::asio::co_spawn(loop, work(calls, std::this_thread::get_id()), boost::asio::detached);
  // A function is a token, too; the loop runs as long as a call is under way.
  async(calls.exists("/nothing"), [](const quoll::zk::Result<std::optional<quoll::zk::Stat>>& found) {
    std::cout << (found && *found ? "There is something\n" : "There is nothing\n");
  });
  loop.run();
}
