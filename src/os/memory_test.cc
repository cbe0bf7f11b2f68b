// Where the memory limit of the process is read from.
#include "os/memory.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace quoll::os {
namespace {

namespace fs = std::filesystem;

struct Memory : ::testing::Test {
  Memory() { write("proc/meminfo", "MemFree: 7 kB\nMemTotal:       1000 kB\nMemAvailable: 9 kB\n"); }
  ~Memory() override { fs::remove_all(root); }
  void write(const std::string& file, const std::string& text) {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  }
  fs::path root = fs::path(::testing::TempDir()) / ("memory" + std::to_string(::getpid()));
};

TEST_F(Memory, without_a_limit_it_is_the_machines_memory) {
  EXPECT_EQ(memory_bytes(root), 1'024'000);
  write("proc/self/cgroup", "0::/a.slice/b.service\nnonsense\n1:name=x:/\n");
  write("sys/fs/cgroup/a.slice/b.service/memory.max", "max\n");
  EXPECT_EQ(memory_bytes(root), 1'024'000);
}

TEST_F(Memory, the_control_group_and_its_ancestors_limit_it) {
  write("proc/self/cgroup", "0::/a.slice/b.service\n");
  write("sys/fs/cgroup/a.slice/b.service/memory.max", "500000\n");
  EXPECT_EQ(memory_bytes(root), 500'000);
  write("sys/fs/cgroup/a.slice/memory.max", "400000\n");
  EXPECT_EQ(memory_bytes(root), 400'000);
  // As a process in a container sees its own group.
  write("sys/fs/cgroup/memory.max", "300000\n");
  EXPECT_EQ(memory_bytes(root), 300'000);
}

TEST_F(Memory, so_does_the_amount_from_which_on_a_group_is_slowed_down) {
  write("proc/self/cgroup", "0::/a.slice\n");
  write("sys/fs/cgroup/a.slice/memory.max", "500000\n");
  write("sys/fs/cgroup/a.slice/memory.high", "450000\n");
  EXPECT_EQ(memory_bytes(root), 450'000);
}

TEST_F(Memory, control_groups_of_version_1_limit_it) {
  write("proc/self/cgroup", "5:cpu:/docker\n4:memory:/docker/x\n0::/\n");
  write("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "200000\n");
  EXPECT_EQ(memory_bytes(root), 200'000);
}

TEST_F(Memory, what_is_used_grows_with_what_is_allocated) {
  const std::int64_t before = memory_used_bytes(INT64_MAX);
  EXPECT_GT(before, 1 << 20);
  const std::string large(64 << 20, 'x');
  EXPECT_GT(memory_used_bytes(INT64_MAX), before + (60 << 20));
  EXPECT_GT(memory_used_bytes(0), 60 << 20) << large[0];
  EXPECT_LE(memory_used_bytes(0), memory_used_bytes(INT64_MAX) + (1 << 20));
}

TEST_F(Memory, this_process_has_some) {
  EXPECT_GT(memory_bytes(), 64 << 20);
}

}  // namespace
}  // namespace quoll::os
