#include "config/offers.h"

#include "config/text.h"

namespace quoll::config {
namespace {

// Apache always reads zoo.cfg's own keys and fails to start if it cannot parse one, or if it does not have a class. A
// property that it cannot parse has the default where it is used, and so it has here.
bool asks_for_more(Values& values, std::string_view name, const Key& key, std::string_view text) {
  if (key.family) return true;
  const bool is_read = key.place == Place::file || key.status == Status::not_offered;
  const auto problems_before = values.report().problems.size();
  bool differs = differs_from_default(key, text);
  if (!key.choices.empty()) {
    if (text.empty() && key.place == Place::file) values.fault(name, fmt::format("must be one of {}", key.choices));
    differs = !equal_ignoring_case(values.text(name), key.preset);
  } else if (is_read && key.type == Type::boolean) {
    differs = values.boolean(name) != (key.preset == "true");
  } else if (is_read && (key.type == Type::int32 || key.type == Type::int64)) {
    differs = values.maybe_int(name).value_or(0) != parse_int(key.preset, Digits::decimal);
  }
  return differs && values.report().problems.size() == problems_before;
}

bool is_for_tls_clients(const Key& key) {
  return key.name.starts_with("ssl.") && !key.name.starts_with("ssl.quorum.");
}

struct Offer {
  bool has_tls = false;  // on a client port
  bool runs_alone = true;
  bool has_admin_tls = false;
};

void check_offer(Values& values, std::string_view name, const Key& key, std::string_view text, const Offer& offer) {
  const bool is_of_admin = offer.has_admin_tls && key.name.starts_with("ssl.quorum.");
  const bool is_idle = key.scope == Scope::ensembles && offer.runs_alone && !is_of_admin;
  if (key.status == Status::honoured) {
    if (is_idle && (key.family || differs_from_default(key, text)))
      values.note(Weight::info, name, fmt::format("has no effect: {}", kAlone));
    return;
  }
  if (!asks_for_more(values, name, key, text)) return;
  if (is_idle || key.status == Status::no_effect) {
    values.note(Weight::info, name, fmt::format("has no effect: {}", is_idle ? kAlone : key.note));
  } else if (is_for_tls_clients(key) && !offer.has_tls) {
    values.note(Weight::info, name, "has no effect: it counts with TLS for clients only");
  } else if (key.severity == Severity::refuse) {
    values.fault(name, fmt::format("is not supported. {}", key.note));
  } else {
    values.note(Weight::warning, name, fmt::format("is not offered. {}", key.note));
  }
}

}  // namespace

bool differs_from_default(const Key& key, std::string_view text) {
  switch (key.type) {
    case Type::boolean:
    case Type::yes_no: {
      const bool preset = key.preset == "true" || key.preset == "yes";
      return key.switch_word.empty() ? equal_ignoring_case(text, "true") != preset : text == key.switch_word;
    }
    case Type::int32:
    case Type::int64: {
      const auto value = parse_int(text, digits_of(key));
      return value && value != parse_int(key.preset, Digits::decimal);
    }
    default:
      return !equal_ignoring_case(text, key.preset);
  }
}

void check_offers(Values& values, const Settings& settings) {
  constexpr std::string_view kAdmin = "admin.enableServer";
  const bool admin_wanted = values.boolean(kAdmin);
  const Offer offer{settings.network.secure_client || settings.tls.on_client_port, settings.ensemble.runs_alone(),
                    settings.admin.https != Https::none};
  const auto given = values.all();  // a copy, because notes are added during the loop
  for (const auto& [name, value] : given) {
    const Key* key = find_in_file(name);
    // Without an admin server its other keys need no message.
    if (key == nullptr || (!admin_wanted && name.starts_with("admin."))) continue;
    check_offer(values, name, *key, value.text, offer);
  }
}

}  // namespace quoll::config
