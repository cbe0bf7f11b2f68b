// A configuration that programs follow: in versions, rolled out to a share of them first, and rolled back.
//
//   <path>/versions/v-<number>  the text of a version; never changed
//   <path>/rollout              "current=3\nprevious=2\ntrial=4\nshare=10\n": 10 % of the programs use version 4, the
//   others 3
//
// Everything that changes what programs use is one write of `rollout`, with the version that was read: two operators
// cannot overwrite each other's decision, one of them is told bad_version. Which programs are in the trial follows from
// their ids and the number of the version: a larger share contains the smaller one, and everybody can compute it.
// - A reader keeps the values that it has as long as it has no connection, and takes the newest ones afterwards.
// - The answer to publish is lost: another version with the same text may exist, which nobody uses.
// - The answer to a change of the rollout is lost: it is read again; if it is not what was written, the failure says
// that it
//   may be applied.
// - A version whose text is not read yet: the reader keeps the old values until it is.
// The newest 20 versions are kept, and those that are in use.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "client/steps.h"
#include "recipes/cache.h"

namespace quoll::recipes {

// Lines "key=value"; those that begin with # are comments. Typed values: why there is none is for a person.
class ConfigValues {
 public:
  ConfigValues() = default;
  // Refuses lines that are neither.
  static std::expected<ConfigValues, std::string> parse(std::string_view text);
  template <typename T>
  using Value = std::expected<T, std::string>;
  [[nodiscard]] Value<std::string> text(const std::string& key) const;
  [[nodiscard]] Value<std::int64_t> integer(const std::string& key) const;
  [[nodiscard]] Value<bool> boolean(const std::string& key) const;  // true or false
  [[nodiscard]] const std::map<std::string, std::string>& all() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

// What `rollout` says; numbers of versions, 0: none.
struct Rollout {
  std::int64_t current = 0;
  std::int64_t previous = 0;
  std::int64_t trial = 0;
  std::int32_t share = 0;  // percent

  static Rollout parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  // The version that a program with this id uses.
  [[nodiscard]] std::int64_t version_for(std::string_view id) const;
  friend bool operator==(const Rollout&, const Rollout&) = default;
};

// For operators. It must be destroyed before the client, and not inside its own functions.
class ConfigurationWriter {
 public:
  ConfigurationWriter(client::Client& client, const client::World& world, std::string path)
      : steps_(client, world), path_(std::move(path)) {}

  // Stores a version, which nobody uses yet; the result is its number. bad_arguments: the text cannot be parsed.
  void publish(std::string text, client::Done<std::int64_t> done);
  // `share` percent of the programs use the version; 100: all of them, and it becomes the current one.
  void roll_out(std::int64_t version, std::int32_t share, client::Done<Rollout> done);
  // Ends a trial; without one, the previous version becomes the current one.
  void roll_back(client::Done<Rollout> done);

 private:
  client::Task<client::Result<std::int64_t>> store(std::string text);
  client::Task<client::Result<void>> prune();
  client::Task<client::Result<Rollout>> change(std::int64_t version, std::int32_t share);
  client::Task<client::Result<client::NodeData>> read();
  client::Steps steps_;
  const std::string path_;
  client::Life life_;
};

// For programs. It must be destroyed before the client, and not inside its own function.
class ConfigurationReader {
 public:
  // `id` of the program decides on trials.
  ConfigurationReader(client::Client& client, const client::World& world, std::string path, std::string id);
  // `then` is called with the values when they are known, and whenever this program's version changes.
  void start(std::function<void(std::int64_t version, const ConfigValues& values)> then);
  [[nodiscard]] std::int64_t version() const { return version_; }
  [[nodiscard]] const ConfigValues& values() const { return values_; }

 private:
  void look();
  Cache cache_;
  const std::string id_;
  std::function<void(std::int64_t, const ConfigValues&)> then_;
  std::int64_t version_ = 0;
  ConfigValues values_;
};

// The path of a version's znode.
std::string version_path(const std::string& path, std::int64_t version);

}  // namespace quoll::recipes
