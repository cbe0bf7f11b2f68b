// A configuration that programs follow: in versions, rolled out to a share of them first, and rolled back.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "quoll/client.h"

namespace quoll::zk {

// One version: lines "key=value"; lines that begin with # are comments. What is wrong with a value is text for a
// person.
struct QUOLL_API ConfigurationVersion {
  std::int64_t number = 0;
  std::map<std::string, std::string> values;

  [[nodiscard]] std::expected<std::string, std::string> text(const std::string& key) const;
  [[nodiscard]] std::expected<std::int64_t, std::string> integer(const std::string& key) const;
  [[nodiscard]] std::expected<bool, std::string> boolean(const std::string& key) const;
};

// For programs. Any thread may use it, several at once. The client must outlive it.
class QUOLL_API Configuration {
 public:
  // `id`, of this program, decides whether it takes part in a trial.
  Configuration(Client& client, std::string path, std::string id);
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  // The version that this program uses now; nothing if it is not known yet.
  [[nodiscard]] std::optional<ConfigurationVersion> now() const;
  // Waits until it changes, also for the first one; nothing after `patience`.
  std::optional<ConfigurationVersion> next(std::chrono::milliseconds patience);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Numbers of versions; 0: none.
struct Rollout {
  std::int64_t current = 0;
  std::int64_t previous = 0;
  std::int64_t trial = 0;  // used by `share` percent of the programs
  std::int32_t share = 0;
};

// For operators. bad_version: another operator has been faster; look, and decide again.
class QUOLL_API ConfigurationWriter {
 public:
  ConfigurationWriter(Client& client, std::string path);
  ~ConfigurationWriter();
  ConfigurationWriter(const ConfigurationWriter&) = delete;
  ConfigurationWriter& operator=(const ConfigurationWriter&) = delete;

  // Stores a version, which nobody uses yet, and gives its number. bad_arguments: the text cannot be parsed.
  Result<std::int64_t> publish(const std::string& text);
  // `share` percent of the programs use the version; 100: all, and it becomes the current one.
  Result<Rollout> roll_out(std::int64_t version, std::int32_t share = 100);
  // Ends a trial; without one, the previous version becomes the current one.
  Result<Rollout> roll_back();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
