#include "config/values.h"

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"
#include "config/text.h"

namespace quoll::config {
namespace {

// For messages; never of a secret.
std::string shown(std::string_view text) {
  return "'" + base::escaped(text, 80) + "'";
}

std::string range_words(const Key& key) {
  const bool has_min = key.min != Key{}.min;
  const bool has_max = key.max != Key{}.max;
  if (has_min && has_max) return fmt::format("must be from {} to {}", key.min, key.max);
  if (has_min) return fmt::format("must be {} or more", key.min);
  return fmt::format("must be {} or less", key.max);
}

Digits digits_of(const Key& key) {
  return key.place == Place::file ? Digits::decimal : Digits::any_base;
}

}  // namespace

void Values::give(std::string_view name, Given given) {
  given_.insert_or_assign(std::string(name), std::move(given));
}

const Given* Values::find(std::string_view name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? nullptr : &found->second;
}

void Values::fault(std::string_view name, std::string_view why) {
  const auto* given = find(name);
  const auto place = given != nullptr ? given->place + ": " : std::string();
  report_.problems.push_back(
      {std::string(name), given != nullptr ? given->line : 0, fmt::format("{}{} {}", place, name, why)});
}

void Values::note(Weight weight, std::string_view name, std::string_view what) {
  const auto* given = find(name);
  const auto place = given != nullptr ? given->place + ": " : std::string();
  report_.notices.push_back(
      {weight, std::string(name), given != nullptr ? given->line : 0, fmt::format("{}{} {}", place, name, what)});
}

std::string_view Values::effective(std::string_view name) {
  read_.emplace(name);
  const auto* given = find(name);
  return given != nullptr ? std::string_view(given->text) : row(name).preset;
}

bool Values::boolean(std::string_view name) {
  const Key& key = row(name);
  const bool words = key.type == Type::yes_no;
  QUOLL_CHECK(words || key.type == Type::boolean, name);
  const auto parse = words ? parse_yes_no : parse_bool;
  const auto text = effective(name);
  if (const auto value = parse(text)) return *value;
  fault(name, fmt::format("must be {}, not {}", words ? "yes or no" : "true or false", shown(text)));
  return *parse(key.preset);
}

std::int64_t Values::whole_number(std::string_view name, const Key& key, std::string_view text) {
  const auto fallback = key.preset.empty() ? 0 : *parse_int(key.preset, Digits::decimal);
  const auto value = parse_int(text, digits_of(key));
  if (!value) {
    fault(name, fmt::format("must be a whole number, not {}", shown(text)));
    return fallback;
  }
  const auto max =
      key.type == Type::int32 ? std::min<std::int64_t>(key.max, std::numeric_limits<std::int32_t>::max()) : key.max;
  const auto min =
      key.type == Type::int32 ? std::max<std::int64_t>(key.min, std::numeric_limits<std::int32_t>::min()) : key.min;
  if (*value < min && key.below == Below::raised && *value >= std::numeric_limits<std::int32_t>::min()) {
    note(Weight::warning, name, fmt::format("is {}, which is too low; {} is taken", *value, min));
    return min;
  }
  if (*value < min || *value > max) {
    Key limits = key;
    limits.min = min;
    limits.max = max;
    fault(name, fmt::format("is {}, but {}", *value, range_words(limits)));
    return fallback;
  }
  if (digits_of(key) == Digits::any_base && text.size() > 1 && text.starts_with('0') &&
      text.find_first_of("xX") == std::string_view::npos) {
    note(Weight::warning, name, fmt::format("begins with 0, so that it is octal, as Java reads it: {}", *value));
  }
  return *value;
}

std::int32_t Values::int32(std::string_view name) {
  QUOLL_CHECK(row(name).type == Type::int32, name);
  return static_cast<std::int32_t>(whole_number(name, row(name), effective(name)));
}

std::int64_t Values::int64(std::string_view name) {
  QUOLL_CHECK(row(name).type == Type::int64, name);
  return whole_number(name, row(name), effective(name));
}

std::optional<std::int64_t> Values::maybe_int(std::string_view name) {
  const auto text = effective(name);
  if (find(name) == nullptr) return std::nullopt;
  return whole_number(name, row(name), text);
}

double Values::real(std::string_view name) {
  const Key& key = row(name);
  QUOLL_CHECK(key.type == Type::real, name);
  const auto text = effective(name);
  const auto value = parse_real(text);
  if (!value) {
    fault(name, fmt::format("must be a number, not {}", shown(text)));
  } else if (*value < static_cast<double>(key.min) || *value > static_cast<double>(key.max)) {
    fault(name, fmt::format("is {}, but {}", *value, range_words(key)));
  } else {
    return *value;
  }
  return *parse_real(key.preset);
}

std::int64_t Values::duration_ms(std::string_view name) {
  const auto text = effective(name);
  if (const auto value = parse_duration_ms(text)) return std::max<std::int64_t>(*value, 0);
  fault(name, fmt::format("must be a number of hours, or a number with ms, s, m, h or d, not {}", shown(text)));
  return 0;
}

std::string Values::chosen(std::string_view name, const Key& key, std::string_view text) {
  if (key.choices.empty() || text.empty()) return std::string(text);
  for (const auto choice : split(key.choices, ' ')) {
    if (equal_ignoring_case(choice, text)) return std::string(choice);
  }
  fault(name, fmt::format("must be one of {}, not {}", key.choices, shown(text)));
  return std::string(key.type == Type::list ? std::string_view() : key.preset);
}

std::string Values::text(std::string_view name) {
  const Key& key = row(name);
  const auto text = effective(name);
  return chosen(name, key, text.empty() ? key.preset : text);
}

std::optional<std::string> Values::maybe_text(std::string_view name) {
  auto value = text(name);
  if (value.empty()) return std::nullopt;
  return value;
}

std::vector<std::string> Values::list(std::string_view name) {
  const Key& key = row(name);
  std::vector<std::string> words;
  for (const auto& word : comma_list(effective(name))) {
    if (auto value = chosen(name, key, word); !value.empty()) words.push_back(std::move(value));
  }
  return words;
}

Secret Values::secret(std::string_view name) {
  QUOLL_CHECK(row(name).type == Type::secret, name);
  return Secret(std::string(effective(name)));
}

}  // namespace quoll::config
