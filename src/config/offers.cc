#include "config/offers.h"

#include "config/text.h"

namespace quoll::config {
namespace {

// Whether the text asks for anything but the default: then only is a key that is not offered worth a word.
bool differs_from_default(const Key& key, std::string_view text) {
  switch (key.type) {
    case Type::boolean:
      return parse_bool(text) != parse_bool(key.preset);
    case Type::yes_no:
      return parse_yes_no(text) != parse_yes_no(key.preset);
    case Type::int32:
    case Type::int64:
      return parse_int(text, Digits::any_base) != parse_int(key.preset, Digits::any_base);
    default:
      return !equal_ignoring_case(text, key.preset);
  }
}

// Apache reads the keys of zoo.cfg's own whether they matter or not, and does not start with one it can't read; nor
// with a class it does not have.
bool is_well_formed(Values& values, std::string_view name, const Key& key) {
  if (key.family) return true;
  const auto problems_before = values.report().problems.size();
  if (!key.choices.empty()) (void)values.text(name);
  if (key.place == Place::file && key.type == Type::boolean) (void)values.boolean(name);
  if (key.place == Place::file && key.type == Type::int32) (void)values.int32(name);
  if (key.place == Place::file && key.type == Type::int64) (void)values.int64(name);
  return values.report().problems.size() == problems_before;
}

void check_offer(Values& values, std::string_view name, const Key& key, std::string_view text) {
  if (key.status == Status::honoured || !is_well_formed(values, name, key) || !differs_from_default(key, text)) return;
  if (key.status == Status::no_effect) {
    values.note(Weight::info, name, fmt::format("has no effect: {}", key.note));
  } else if (key.severity == Severity::refuse) {
    values.fault(name, fmt::format("can't be had. {}", key.note));
  } else {
    values.note(Weight::warning, name, fmt::format("is not offered. {}", key.note));
  }
}

}  // namespace

void check_offers(Values& values) {
  constexpr std::string_view kAdmin = "admin.enableServer";
  const bool admin_wanted = values.boolean(kAdmin);
  const auto given = values.all();  // a copy: notes are made while it is walked
  for (const auto& [name, value] : given) {
    const Key* key = find_in_file(name);
    // Server lines are judged by their number, where they are read; without an admin server its details need no word.
    if (key == nullptr || key->name == "server." || name == kAdmin || (!admin_wanted && name.starts_with("admin.")))
      continue;
    check_offer(values, name, *key, value.text);
  }
  // The one key whose default is what we do not offer.
  if (admin_wanted) values.note(Weight::info, kAdmin, fmt::format("is true, as by default. {}", row(kAdmin).note));
}

}  // namespace quoll::config
