#include "store/myid.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "store/small_file.h"

namespace quoll::store {

std::expected<std::optional<ServerId>, std::string> read_myid(env::Disk& disk, const std::string& data_dir) {
  constexpr std::int64_t kIdMax = 255;
  const std::string path = data_dir + "/myid";
  const auto text = read_small_file(disk, path);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  const std::string_view line = first_line(**text);
  const auto number = decimal(line);
  if (!number || *number < 0 || *number > kIdMax) {
    return std::unexpected(fmt::format("{} must hold this server's number, 1 to {}, in its first line, and holds {}",
                                       path, kIdMax,
                                       line.empty() ? "nothing" : fmt::format("\"{}\"", base::escaped(line))));
  }
  return ServerId{*number};
}

}  // namespace quoll::store
