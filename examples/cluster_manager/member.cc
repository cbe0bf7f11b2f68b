// A member of a cluster that shares work: member SERVERS ID [ITEM...]. It adds the items, and prints what happens until
// its standard input ends.
#include <iostream>
#include <map>
#include <poll.h>
#include <quoll/cluster.h>

using namespace std::chrono_literals;
using quoll::zk::Client;
using quoll::zk::Cluster;
using quoll::zk::ClusterEvent;

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

// Whether the standard input has ended, or has a line, which ends this program.
bool is_told_to_leave() {
  pollfd input{.fd = 0, .events = POLLIN, .revents = 0};
  return poll(&input, 1, 0) > 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "member SERVERS ID [ITEM...]\n", 2;
  auto client = Client::open({.servers = argv[1], .session_timeout = 6s});
  if (!client) return fail(client.error());
  Cluster cluster(*client, {.path = "/cluster", .id = argv[2]});
  if (const auto in = cluster.join(); !in) return fail(in.error());
  for (int i = 3; i < argc; ++i) {
    if (const auto added = cluster.add_work(argv[i]); !added) return fail(added.error());
  }
  using Kind = ClusterEvent::Kind;
  const std::map<Kind, std::string> words{
      {Kind::joined, "joined"}, {Kind::left, "left"},   {Kind::master, "master"},
      {Kind::begin, "begin"},   {Kind::end, "end"},     {Kind::ended, "ended"},
      {Kind::changed, "news"},  {Kind::missed, "many"}, {Kind::not_master, "member"}};
  while (!is_told_to_leave()) {
    const auto event = cluster.next(100ms);
    if (!event) continue;
    std::cout << words.at(event->kind) << ' ' << event->name << std::endl;
    // Here the program would begin, or stop, to work on the item.
    if (event->kind == Kind::end) cluster.finished(event->name);
    if (event->kind == Kind::ended) return 1;
  }
  const auto left = cluster.leave();
  return left ? 0 : fail(left.error());
}
