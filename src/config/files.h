// The two files beside zoo.cfg that define a server: dataDir/myid and the one named by dynamicConfigFile. The caller
// reads them, so that this room makes no system calls.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace quoll::config {

struct Files {
  // nullopt: there is no regular file of that name. The error is a sentence for people. If the function is empty, no
  // file is read.
  std::function<std::expected<std::optional<std::string>, std::string>(const std::string& path)> read;
};

}  // namespace quoll::config
