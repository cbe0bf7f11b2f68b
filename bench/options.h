// Command line of zkload.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zkload {

enum class Mode { kRead, kSet, kCreate, kExists, kMixed, kLoad };

struct Options {
  std::vector<std::pair<std::string, std::string>> hosts{{"127.0.0.1", "2181"}};
  int conns = 32;
  int outstanding = 16;
  std::size_t size = 100;
  Mode mode = Mode::kRead;
  std::string mode_name = "read";
  std::uint64_t keys = 1000;
  double seconds = 5;
  double warmup = 0;
  std::uint64_t count = 0;  // stop after this many measured operations; 0 = only by time
  int read_percent = 80;
  bool json = false;
};

inline const char* usage() {
  return "zkload --hosts H:P[,H:P...] [--conns 32] [--outstanding 16] [--size 100]\n"
         "       --op read|set|create|exists|mixed|load [--keys 1000] [--seconds 5] [--warmup 0]\n"
         "       [--count N] [--read-percent 80] [--json]\n"
         "Every reply's xid and error code are checked; the first wrong one ends the run with exit status 1.\n"
         "op load creates --keys znodes, 1000 below each parent, and does not delete them.\n";
}

[[noreturn]] inline void usage_error(const std::string& what) {
  std::fprintf(stderr, "zkload: %s\n%s", what.c_str(), usage());
  std::exit(2);
}

inline std::vector<std::pair<std::string, std::string>> parse_hosts(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> hosts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto one = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto colon = one.rfind(':');
    if (colon == std::string_view::npos) usage_error("no port in " + std::string(one));
    hosts.emplace_back(one.substr(0, colon), one.substr(colon + 1));
  }
  if (hosts.empty()) usage_error("no hosts");
  return hosts;
}

inline Mode parse_mode(const std::string& name) {
  if (name == "read") return Mode::kRead;
  if (name == "set") return Mode::kSet;
  if (name == "create") return Mode::kCreate;
  if (name == "exists") return Mode::kExists;
  if (name == "mixed") return Mode::kMixed;
  if (name == "load") return Mode::kLoad;
  usage_error("unknown op " + name);
}

inline Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--json") {
      options.json = true;
      continue;
    }
    if (flag == "--help") {
      std::fputs(usage(), stdout);
      std::exit(0);
    }
    if (i + 1 == argc) usage_error("no value for " + flag);
    const std::string value = argv[++i];
    if (flag == "--hosts")
      options.hosts = parse_hosts(value);
    else if (flag == "--conns")
      options.conns = std::atoi(value.c_str());
    else if (flag == "--outstanding")
      options.outstanding = std::atoi(value.c_str());
    else if (flag == "--size")
      options.size = std::strtoul(value.c_str(), nullptr, 10);
    else if (flag == "--op")
      options.mode = parse_mode(options.mode_name = value);
    else if (flag == "--keys")
      options.keys = std::strtoull(value.c_str(), nullptr, 10);
    else if (flag == "--seconds")
      options.seconds = std::atof(value.c_str());
    else if (flag == "--warmup")
      options.warmup = std::atof(value.c_str());
    else if (flag == "--count")
      options.count = std::strtoull(value.c_str(), nullptr, 10);
    else if (flag == "--read-percent")
      options.read_percent = std::atoi(value.c_str());
    else
      usage_error("unknown option " + flag);
  }
  if (options.conns < 1 || options.outstanding < 1 || options.keys < 1) {
    usage_error("conns, outstanding and keys must be at least 1");
  }
  return options;
}

}  // namespace zkload
