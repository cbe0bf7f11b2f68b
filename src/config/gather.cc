#include "config/gather.h"

#include <algorithm>
#include <span>

#include "base/utf8.h"
#include "config/text.h"

namespace quoll::config {
namespace {

constexpr std::string_view kPrefix = "zookeeper.";

std::string did_you_mean(std::string_view name) {
  const auto near = nearest_key(name);
  return near.empty() ? std::string() : fmt::format("; is {} meant?", near);
}

void warn(Values& values, std::string_view name, int line, std::string text) {
  values.report().notices.push_back({Weight::warning, std::string(name), line, std::move(text)});
}

// Apache reads fsync.warningthresholdms without the prefix if the property with the prefix is not set.
constexpr std::string_view kOldFsyncName = "fsync.warningthresholdms";

std::string key_name_of(const Key& key, std::string_view property) {
  if (key.place == Place::anywhere) property.remove_prefix(kPrefix.size());
  return std::string(property);
}

// An unknown property is either a misspelt one of Quoll's, which gets a warning, or one of Java, of logging or of
// another program. The latter are reported together in one line (`others`).
void unknown_flag(std::string_view property, std::vector<std::string>& others, Values& values) {
  if (property.starts_with(kPrefix)) {
    const auto name = property.substr(kPrefix.size());
    const Key* key = find_in_file(name);
    const auto why = key != nullptr && key->place == Place::file ? std::string(" is read from zoo.cfg alone")
                     : key != nullptr && key->place == Place::flag
                         ? fmt::format(" is read as -D{}, without zookeeper.", name)
                         : " is not a known property" + did_you_mean(name);
    warn(values, name, 0, fmt::format("-D{}{}; it is ignored", base::escaped(property, 120), why));
    return;
  }
  const auto near = nearest_key(property);
  const auto wanted = near.empty() ? std::string() : property_name(row(near));
  if (wanted.empty()) {
    others.push_back("-D" + base::escaped(property, 120));
  } else {
    warn(values, property, 0, fmt::format("-D{} is ignored; is -D{} meant?", base::escaped(property, 120), wanted));
  }
}

void tell_of_others(std::vector<std::string> others, Values& values) {
  constexpr std::string_view kJmx = "-Dcom.sun.management.jmxremote";
  const auto jmx = std::ranges::stable_partition(others, [&](const auto& one) { return !one.starts_with(kJmx); });
  const auto say = [&](std::span<const std::string> names, std::string_view why) {
    if (names.empty()) return;
    values.report().notices.push_back(
        {Weight::info, "", 0,
         fmt::format("{} {} no effect: {}", fmt::join(names, " "), names.size() == 1 ? "has" : "have", why)});
  };
  say({others.begin(), jmx.begin()}, "the server has no key of this name");
  say({jmx.begin(), jmx.end()}, "Quoll has no JMX; read its metrics by the four-letter word mntr");
}

void ignored_line(const Property& entry, std::string_view name, std::string_view place, Values& values) {
  const Key* flag = find_in_file(name);
  std::string why;
  if (flag != nullptr) {
    why = fmt::format("is read from the command line alone, as -D{}; set it in SERVER_JVMFLAGS", name);
  } else if (name.starts_with(kPrefix) && find_in_file(name.substr(kPrefix.size())) != nullptr) {
    why = fmt::format("is written {} in a file, without zookeeper.", base::escaped(name.substr(kPrefix.size()), 120));
  } else {
    why = "is not a known key" + did_you_mean(name);
  }
  warn(values, name, entry.line, fmt::format("{}: {} {}; the line is ignored", place, base::escaped(name, 120), why));
}

}  // namespace

void gather_environment(const Environment& environment, Values& values) {
  // zkServer.sh converts this variable to -Dzookeeper.datadir.autocreate=false.
  const auto found = environment.find("ZOO_DATADIR_AUTOCREATE_DISABLE");
  if (found != environment.end() && !found->second.empty()) {
    values.give("datadir.autocreate", {"false", "ZOO_DATADIR_AUTOCREATE_DISABLE", 0});
  }
}

void gather_flags(const Flags& flags, Values& values) {
  const bool has_new_name =
      std::ranges::any_of(flags, [](const auto& f) { return f.first == "zookeeper.fsync.warningthresholdms"; });
  std::vector<std::string> others;
  for (const auto& [property, value] : flags) {
    const Key* key = find_property(property);
    // Apache trims values of zoo.cfg and, of properties, only lists and paths: " true" is not true, and a password may
    // end with a blank.
    const bool as_it_is =
        key != nullptr && (key->type == Type::secret || key->type == Type::boolean || key->type == Type::yes_no ||
                           key->type == Type::int32 || key->type == Type::int64);
    const auto text = as_it_is ? std::string_view(value) : trimmed(value);
    const Given given{std::string(text), "-D" + base::escaped(property, 120), 0};
    if (property == kOldFsyncName) {
      if (!has_new_name) values.give(kOldFsyncName, given);
    } else if (key != nullptr) {
      values.give(key_name_of(*key, property), given);
    } else {
      unknown_flag(property, others, values);
    }
  }
  tell_of_others(std::move(others), values);
}

void gather_file(const Properties& file, std::string_view file_name, Values& values) {
  for (const auto& warning : file.warnings)
    warn(values, "", warning.line, fmt::format("{}:{}: {}", file_name, warning.line, warning.text));
  for (const auto& entry : file.entries) {
    const auto name = trimmed(entry.key);
    const auto place = fmt::format("{}:{}", file_name, entry.line);
    const Key* key = find_in_file(name);
    if (key == nullptr || key->place == Place::flag) {
      ignored_line(entry, name, place, values);
      continue;
    }
    const auto* earlier = values.find(name);
    Given given{std::string(trimmed(entry.value)), place, entry.line};
    if (earlier != nullptr && earlier->line == 0 && earlier->text != given.text) {
      values.report().notices.push_back({Weight::warning, std::string(name), entry.line,
                                         fmt::format("{}: {} takes precedence over {}", place, name, earlier->place)});
    }
    values.give(name, std::move(given));
  }
}

}  // namespace quoll::config
