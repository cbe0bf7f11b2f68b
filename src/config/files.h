// The two files besides zoo.cfg that say what a server is: dataDir/myid and the one that dynamicConfigFile names. The
// caller reads them, so that this room asks no system.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace quoll::config {

struct Files {
  // nullopt: there is no regular file of that name. The error is a sentence for a person. Empty: no file is read.
  std::function<std::expected<std::optional<std::string>, std::string>(const std::string& path)> read;
};

}  // namespace quoll::config
