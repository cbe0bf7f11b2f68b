// What a tool for files prints: lines for people, or JSON, one object for each thing.
#pragma once

#include <cstdint>
#include <expected>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

#include "admin/json_text.h"
#include "store/data_dirs.h"

namespace quoll::apps::files {

inline constexpr int kGood = 0;
inline constexpr int kBad = 1;
inline constexpr int kUnreadable = 3;

enum class Form { text, json };

// "0x1f".
inline std::string hex(std::int64_t number) {
  return fmt::format("0x{:x}", static_cast<std::uint64_t>(number));
}
// "2026-11-30T09:35:15.000Z".
std::string time_text(std::int64_t wall_ms);
// For a terminal: without control characters, and cut at `bytes_max` bytes.
std::string shown(std::string_view text, std::size_t bytes_max = 200);

void print_json(admin::JsonText& json);
// Prints to standard error and returns kUnreadable.
int complain(std::string_view what);

// A file named by a person; its zxid is that of its name, or 0.
std::expected<store::StoreFile, std::string> file_of(env::Disk& disk, const std::string& path);

int show_log(env::Disk& disk, const std::vector<std::string>& paths, Form form, std::int64_t from, std::int64_t to);
int log_stats(env::Disk& disk, const std::vector<std::string>& paths, Form form);
int verify_logs(env::Disk& disk, const std::vector<std::string>& paths, Form form);

int show_snapshot(env::Disk& disk, const std::string& path, Form form);
int snapshot_stats(env::Disk& disk, const std::string& path, Form form);
int verify_snapshots(env::Disk& disk, const std::vector<std::string>& paths, Form form);
int snapshot_tree(env::Disk& disk, const std::string& path, int depth, Form form);
int snapshot_diff(env::Disk& disk, const std::string& before, const std::string& after, Form form);

// Says whether a server would start with these directories and what it would hold; changes nothing.
int verify_data(env::Disk& disk, const std::string& data_dir, const std::string& log_dir, Form form);
// Makes the changes to the log that a start would make: cuts off a torn end, which is kept in a file of its own.
int repair_logs(env::Disk& disk, const std::string& data_dir, const std::string& log_dir, Form form);

}  // namespace quoll::apps::files
