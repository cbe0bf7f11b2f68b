// A row of the table of configuration keys, and the functions that rows are written with.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace quoll::config {

enum class Type { boolean, yes_no, int32, int64, real, text, secret, path, list, java_class, duration };

// Where Apache reads a key.
enum class Place {
  file,      // zoo.cfg only
  anywhere,  // zoo.cfg, where it becomes the Java property zookeeper.<name>, or -Dzookeeper.<name>
  flag,      // -D<name> only: Apache ignores it in zoo.cfg
};

enum class Status { honoured, no_effect, not_offered };
// For keys that are not offered: whether the server may start without what they ask for.
enum class Severity { warn, refuse };
// Where the status counts. A key about other servers has no effect on a server that runs alone, as in Apache's.
enum class Scope { everywhere, ensembles };
// What happens to a number outside of its range: an error, the nearest number in the range, or the default.
enum class Outside { fault, nearest, preset };
// What happens to a text that cannot be parsed as the key's type. Where Apache uses Integer.parseInt or similar, its
// start fails; where it uses Integer.getInteger or similar it silently takes the default, and with Boolean.getBoolean
// false.
enum class Unreadable { by_place, fault, preset };

struct Key {
  std::string_view name;  // as in zoo.cfg, or in -D for Place::flag; for a family the common prefix, with its dot
  Place place = Place::file;
  Type type = Type::text;
  std::string_view preset;  // the default as text of `type`; empty: not set
  std::string_view what;    // one sentence for people
  std::string_view group;   // heading in the documentation
  std::string_view unit;
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  Outside outside = Outside::fault;
  Unreadable unreadable =
      Unreadable::by_place;  // by_place: an error for zoo.cfg's own keys and for fractions, otherwise the default
  bool decimal = false;      // a property that Apache does not read as hexadecimal or octal
  // For a boolean: the only text, compared exactly, that changes it from its default. Empty: "true" in any case is
  // true, and everything else is false.
  std::string_view switch_word;
  std::string_view choices;       // allowed texts, separated by blanks and compared without case; empty: any
  std::string_view preset_words;  // printed instead of an empty preset
  bool family = false;            // stands for every key that begins with `name`
  Status status = Status::honoured;
  Severity severity = Severity::warn;
  Scope scope = Scope::everywhere;
  std::string_view note;  // no_effect: why; not_offered: what to do instead

  // The functions that rows are written with: each returns the row with one more property set.
  [[nodiscard]] constexpr Key in(std::string_view u) const {
    Key k = *this;
    k.unit = u;
    return k;
  }
  [[nodiscard]] constexpr Key between(std::int64_t lo, std::int64_t hi) const {
    Key k = *this;
    k.min = lo;
    k.max = hi;
    return k;
  }
  [[nodiscard]] constexpr Key at_least(std::int64_t lo) const {
    Key k = *this;
    k.min = lo;
    return k;
  }
  // A smaller number is raised, a larger one lowered, with a warning.
  [[nodiscard]] constexpr Key kept_in(std::int64_t lo,
                                      std::int64_t hi = std::numeric_limits<std::int64_t>::max()) const {
    Key k = between(lo, hi);
    k.outside = Outside::nearest;
    return k;
  }
  // A smaller number is replaced by the default, with a warning.
  [[nodiscard]] constexpr Key preset_below(std::int64_t lo) const {
    Key k = at_least(lo);
    k.outside = Outside::preset;
    return k;
  }
  [[nodiscard]] constexpr Key strict() const {
    Key k = *this;
    k.unreadable = Unreadable::fault;
    return k;
  }
  [[nodiscard]] constexpr Key lenient() const {
    Key k = *this;
    k.unreadable = Unreadable::preset;
    return k;
  }
  [[nodiscard]] constexpr Key in_decimal() const {
    Key k = *this;
    k.decimal = true;
    return k;
  }
  [[nodiscard]] constexpr Key only_by(std::string_view word) const {
    Key k = *this;
    k.switch_word = word;
    return k;
  }
  [[nodiscard]] constexpr Key one_of(std::string_view c) const {
    Key k = *this;
    k.choices = c;
    return k;
  }
  [[nodiscard]] constexpr Key else_(std::string_view words) const {
    Key k = *this;
    k.preset_words = words;
    return k;
  }
  [[nodiscard]] constexpr Key each() const {
    Key k = *this;
    k.family = true;
    return k;
  }
  [[nodiscard]] constexpr Key in_ensembles() const {
    Key k = *this;
    k.scope = Scope::ensembles;
    return k;
  }
  [[nodiscard]] constexpr Key no_effect(std::string_view why) const {
    Key k = *this;
    k.status = Status::no_effect;
    k.note = why;
    return k;
  }
  [[nodiscard]] constexpr Key warned(std::string_view instead) const {
    Key k = *this;
    k.status = Status::not_offered;
    k.severity = Severity::warn;
    k.note = instead;
    return k;
  }
  [[nodiscard]] constexpr Key refused(std::string_view instead) const {
    Key k = *this;
    k.status = Status::not_offered;
    k.severity = Severity::refuse;
    k.note = instead;
    return k;
  }
};

constexpr Key in_file(std::string_view name, Type type, std::string_view preset, std::string_view what) {
  return {.name = name, .place = Place::file, .type = type, .preset = preset, .what = what};
}
constexpr Key anywhere(std::string_view name, Type type, std::string_view preset, std::string_view what) {
  return {.name = name, .place = Place::anywhere, .type = type, .preset = preset, .what = what};
}
constexpr Key by_flag(std::string_view name, Type type, std::string_view preset, std::string_view what) {
  return {.name = name, .place = Place::flag, .type = type, .preset = preset, .what = what};
}

// Whether a text that cannot be parsed prevents the start, as in Apache's server.
inline bool is_strict(const Key& key) {
  if (key.unreadable != Unreadable::by_place) return key.unreadable == Unreadable::fault;
  return key.place == Place::file || key.type == Type::real;
}

// Why a key of Scope::ensembles has no effect on a server that runs alone.
inline constexpr std::string_view kAlone = "it concerns ensembles only, and this server runs alone";

// The Java property of the key; empty if there is none.
inline std::string property_name(const Key& key) {
  if (key.place == Place::file) return {};
  return key.place == Place::anywhere ? "zookeeper." + std::string(key.name) : std::string(key.name);
}

}  // namespace quoll::config
