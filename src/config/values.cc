#include "config/values.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/check.h"
#include "base/utf8.h"
#include "config/meant.h"
#include "config/text.h"

namespace quoll::config {
namespace {

// For messages; not for secrets.
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

bool is_octal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text.size() > 1 && text.starts_with('0') && text.find_first_of("xX") == std::string_view::npos;
}

std::string unit_words(const Key& key) {
  return key.unit.empty() ? std::string() : fmt::format(" {}", key.unit);
}

// A text that is usual for the value that it has. Compared exactly where Apache does so.
bool is_plain_word(const Key& key, std::string_view text) {
  if (key.type == Type::yes_no) return text == "yes" || text == "no";
  if (!key.switch_word.empty()) return text == "true" || text == "false";
  return parse_bool(text).has_value();
}

}  // namespace

Digits digits_of(const Key& key) {
  return key.place == Place::file || key.decimal ? Digits::decimal : Digits::any_base;
}

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
  QUOLL_CHECK(key.type == Type::yes_no || key.type == Type::boolean, name);
  const auto text = effective(name);
  if (is_strict(key)) {
    if (const auto value = parse_bool(text)) return *value;
    fault(name, fmt::format("must be true or false, not {}", shown(text)));
    return *parse_bool(key.preset);
  }
  const bool preset = key.preset == "true" || key.preset == "yes";
  const bool value = key.switch_word.empty() ? equal_ignoring_case(text, "true") : preset != (text == key.switch_word);
  if (find(name) != nullptr && !is_plain_word(key, text)) warn_of_odd_word(name, key, text, value);
  return value;
}

// "forceSync is 'NO', which counts as yes, as in Apache's server: only 'no' does not; write forceSync=no if that is
// meant"
void Values::warn_of_odd_word(std::string_view name, const Key& key, std::string_view text, bool value) {
  const auto word = [&](bool on) { return key.type == Type::yes_no ? (on ? "yes" : "no") : (on ? "true" : "false"); };
  std::string said = fmt::format("is {}, which counts as {}, as in Apache's server: only '{}' does not", shown(text),
                                 word(value), key.switch_word.empty() ? "true" : key.switch_word);
  if (const auto meant = meant_switch(text)) {
    const auto written = fmt::format("{}={}", name, word(*meant));
    said += *meant == value ? fmt::format("; better write {}", written)
                            : fmt::format("; write {} if that is meant", written);
  }
  if (has_comment(text)) said += ". A comment must be on a line of its own";
  note(Weight::warning, name, said);
}

std::int64_t Values::whole_number(std::string_view name, const Key& key, std::string_view text) {
  const auto parsed = parse_int(text, digits_of(key));
  const std::int64_t value = parsed.value_or(0);
  const bool fits = key.type != Type::int32 || (value >= std::numeric_limits<std::int32_t>::min() &&
                                                value <= std::numeric_limits<std::int32_t>::max());
  if (!parsed || !fits) return unreadable_number(name, key, text, parsed.has_value());
  if (digits_of(key) == Digits::any_base && is_octal(text)) {
    note(Weight::warning, name, fmt::format("begins with 0, so that it is octal, as Java reads it: {}", value));
  }
  return in_range(name, key, value);
}

std::int64_t Values::unreadable_number(std::string_view name, const Key& key, std::string_view text, bool too_long) {
  const auto preset = key.preset.empty() ? 0 : *parse_int(key.preset, Digits::decimal);
  std::string hint;
  if (const auto meant = meant_number(key, text); meant && !too_long)
    hint = fmt::format("; write {}={} if that is meant", name, *meant);
  if (has_comment(text)) hint += ". A comment must be on a line of its own";
  if (is_strict(key) && too_long) {
    Key limits = key;
    limits.min = std::max<std::int64_t>(key.min, std::numeric_limits<std::int32_t>::min());
    limits.max = std::min<std::int64_t>(key.max, std::numeric_limits<std::int32_t>::max());
    fault(name, fmt::format("is {}, but {}", text, range_words(limits)));
  } else if (is_strict(key)) {
    fault(name, fmt::format("must be a whole number, not {}{}", shown(text), hint));
  } else {
    note(Weight::warning, name,
         fmt::format("is {}, which is {}: the default is taken, as by Apache's server ({}){}", shown(text),
                     too_long ? "too long a number" : "not a whole number",
                     key.preset.empty() ? std::string(key.preset_words) : fmt::format("{}{}", preset, unit_words(key)),
                     hint));
  }
  return preset;
}

std::int64_t Values::in_range(std::string_view name, const Key& key, std::int64_t value) {
  if (value >= key.min && value <= key.max) return value;
  const auto preset = key.preset.empty() ? 0 : *parse_int(key.preset, Digits::decimal);
  if (key.outside == Outside::fault) {
    fault(name, fmt::format("is {}, but {}", value, range_words(key)));
    return preset;
  }
  const auto taken = key.outside == Outside::preset ? preset : std::clamp(value, key.min, key.max);
  note(Weight::warning, name,
       fmt::format("is {}, which is too {}; {} is taken", value, value < key.min ? "low" : "high", taken));
  return taken;
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
  const Key& key = row(name);
  if (find(name) == nullptr) return std::nullopt;
  const auto value = whole_number(name, key, text);
  // Without a default, no number can replace one that cannot be parsed.
  return parse_int(text, digits_of(key)) ? std::optional(value) : std::nullopt;
}

double Values::real(std::string_view name) {
  const Key& key = row(name);
  QUOLL_CHECK(key.type == Type::real, name);
  const auto text = effective(name);
  const auto value = parse_real(text);
  if (!value) {
    fault(name, fmt::format("must be a number, not {}", shown(text)));
    return *parse_real(key.preset);
  }
  const auto taken = std::clamp(*value, static_cast<double>(key.min), static_cast<double>(key.max));
  if (taken != *value) {
    note(Weight::warning, name,
         fmt::format("is {}, which is too {}; {} is taken", *value, *value < taken ? "low" : "high", taken));
  }
  return taken;
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
  if (key.unreadable == Unreadable::preset) {
    note(Weight::warning, name,
         fmt::format("is {}, which is none of {}: the default is taken, as by Apache's server ({})", shown(text),
                     key.choices, key.preset.empty() ? key.preset_words : key.preset));
  } else {
    fault(name, fmt::format("must be one of {}, not {}", key.choices, shown(text)));
  }
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
