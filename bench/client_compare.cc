// The throughput of this project's client and of ZooKeeper's C client (libzookeeper-mt), in turn, in one process:
// client_compare HOST:PORT SECONDS ROUNDS OUTSTANDING. Each has one connection, reads a znode of 100 bytes, and begins
// a new call whenever one is answered. The cost is the processor time of the whole process for a call.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <quoll/async.h>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>
#include <zookeeper/zookeeper.h>

namespace {

using Clock = std::chrono::steady_clock;
constexpr const char* kPath = "/client-compare";

struct Figure {
  double ops_per_s = 0;
  double cpu_us = 0;  // for a call
};

double cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

[[noreturn]] void quit(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

// Counts answers; begins no new call after the end, and waits until none is under way.
class Meter {
 public:
  // True if another call is to be made.
  bool answered() {
    ++count_;
    if (running_) return true;
    if (--under_way_ == 0) {
      const std::lock_guard lock(mutex_);
      idle_.notify_all();
    }
    return false;
  }
  void started(int count) { under_way_ = count; }
  Figure measure(double seconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const long before = count_;
    const double cpu = cpu_s();
    const auto began = Clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const double calls = static_cast<double>(count_ - before);
    const double took = std::chrono::duration<double>(Clock::now() - began).count();
    const double used = cpu_s() - cpu;
    running_ = false;
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return under_way_ == 0; });
    return {calls / took, used / calls * 1e6};
  }

 private:
  std::atomic<long> count_ = 0;
  std::atomic<int> under_way_ = 0;
  std::atomic<bool> running_ = true;
  std::mutex mutex_;
  std::condition_variable idle_;
};

// ---- ours

void read_again(quoll::zk::AsyncClient& client, Meter& meter) {
  client.get(kPath).then([&](const quoll::zk::Result<quoll::zk::NodeData>& got) {
    if (!got || got->data->size() != 100) quit("ours: " + (got ? std::string("wrong data") : got.error().text));
    if (meter.answered()) read_again(client, meter);
  });
}

Figure ours(const std::string& hosts, double seconds, int outstanding) {
  auto client = quoll::zk::Client::open({.servers = hosts});
  if (!client) quit(client.error().text);
  quoll::zk::AsyncClient async(*client);
  Meter meter;
  meter.started(outstanding);
  for (int i = 0; i < outstanding; ++i) read_again(async, meter);
  return meter.measure(seconds);
}

// ---- theirs

zhandle_t* handle = nullptr;

void on_data(int code, const char*, int length, const Stat*, const void* meter) {
  if (code != ZOK || length != 100) quit(std::string("theirs: ") + zerror(code));
  if (!static_cast<Meter*>(const_cast<void*>(meter))->answered()) return;
  if (zoo_aget(handle, kPath, 0, on_data, meter) != ZOK) quit("theirs: a call was refused");
}

Figure theirs(const std::string& hosts, double seconds, int outstanding) {
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  handle = zookeeper_init(hosts.c_str(), nullptr, 30'000, nullptr, nullptr, 0);
  while (zoo_state(handle) != ZOO_CONNECTED_STATE) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  Meter meter;
  meter.started(outstanding);
  for (int i = 0; i < outstanding; ++i) {
    if (zoo_aget(handle, kPath, 0, on_data, &meter) != ZOK) quit("theirs: a call was refused");
  }
  const Figure figure = meter.measure(seconds);
  zookeeper_close(handle);
  return figure;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) quit("client_compare HOST:PORT SECONDS ROUNDS OUTSTANDING");
  const std::string hosts = argv[1];
  const double seconds = std::atof(argv[2]);
  {
    auto client = quoll::zk::Client::open({.servers = hosts});
    if (!client) quit(client.error().text);
    (void)client->create(kPath, std::string(100, 'x'));
  }
  std::vector<double> ratios;
  std::vector<double> costs;
  for (int round = 0; round < std::atoi(argv[3]); ++round) {
    const Figure c = theirs(hosts, seconds, std::atoi(argv[4]));
    const Figure q = ours(hosts, seconds, std::atoi(argv[4]));
    std::printf("round %d  C client %9.0f/s %6.2f us   ours %9.0f/s %6.2f us   ratio %.2f, of cost %.2f\n", round + 1,
                c.ops_per_s, c.cpu_us, q.ops_per_s, q.cpu_us, q.ops_per_s / c.ops_per_s, c.cpu_us / q.cpu_us);
    ratios.push_back(q.ops_per_s / c.ops_per_s);
    costs.push_back(c.cpu_us / q.cpu_us);
  }
  std::printf("median ratio of throughput %.2f, of cost %.2f\n", median(ratios), median(costs));
}
