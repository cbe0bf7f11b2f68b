// The texts given for keys by all sources, and functions that parse them by type as Apache's server does. What prevents
// its start is a fault here; where it silently uses the default or "no", so does this, with a warning. After a fault
// the default is returned, so that one run finds all mistakes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/keys.h"
#include "config/report.h"
#include "config/secret.h"
#include "config/text.h"

namespace quoll::config {

// Integer.parseInt accepts decimal numbers; Integer.getInteger (Integer.decode) accepts hexadecimal and octal ones too.
Digits digits_of(const Key& key);

struct Given {
  std::string text;   // trimmed
  std::string place;  // for people: "zoo.cfg:12", "-D on the command line"
  int line = 0;       // in the configuration file, or 0
};

class Values {
 public:
  // The later of two values counts. `name` is the full name, also for keys of a family. Empty place: see Given.
  void give(std::string_view name, Given given);
  [[nodiscard]] const Given* find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, Given, std::less<>>& all() const { return given_; }

  // Each parses the key of that name, whose type in the table must match, and returns the default if it is not given.
  bool boolean(std::string_view name);  // Type::boolean or yes_no
  std::int32_t int32(std::string_view name);
  std::int64_t int64(std::string_view name);
  double real(std::string_view name);
  std::int64_t duration_ms(std::string_view name);
  std::string text(std::string_view name);  // for a key with choices: spelled as in the table
  std::vector<std::string> list(std::string_view name);
  Secret secret(std::string_view name);
  std::optional<std::int64_t> maybe_int(std::string_view name);
  std::optional<std::string> maybe_text(std::string_view name);

  // Reports that the key's value is invalid, with its place. `why` completes the sentence "zoo.cfg:12: key ...".
  void fault(std::string_view name, std::string_view why);
  void note(Weight weight, std::string_view name, std::string_view what);

  // The keys that have been read; a test compares them with the table's honoured keys.
  [[nodiscard]] const std::set<std::string, std::less<>>& read() const { return read_; }
  Report& report() { return report_; }

 private:
  std::string_view effective(std::string_view name);
  std::int64_t whole_number(std::string_view name, const Key& key, std::string_view text);
  std::int64_t unreadable_number(std::string_view name, const Key& key, std::string_view text, bool too_long);
  std::int64_t in_range(std::string_view name, const Key& key, std::int64_t value);
  void warn_of_odd_word(std::string_view name, const Key& key, std::string_view text, bool value);
  std::string chosen(std::string_view name, const Key& key, std::string_view text);

  std::map<std::string, Given, std::less<>> given_;
  std::set<std::string, std::less<>> read_;
  Report report_;
};

}  // namespace quoll::config
