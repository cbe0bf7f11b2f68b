#include "recipes/discovery.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "recipes/unique.h"

namespace quoll::recipes {

namespace json = boost::json;

namespace {

json::value number_or_null(const std::optional<std::int32_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

std::optional<std::int32_t> number_of(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return static_cast<std::int32_t>(value->as_int64());
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::uint64_t weight_of(const ServiceInstance& instance) {
  const std::string text = instance.payload.value_or("");
  std::uint32_t weight = 1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), weight);
  return parsed.ec == std::errc() ? weight : 1;
}

}  // namespace

std::string to_json(const ServiceInstance& instance) {
  json::object object;
  object["name"] = instance.name;
  object["id"] = instance.id;
  object["address"] = instance.address;
  object["port"] = number_or_null(instance.port);
  object["sslPort"] = number_or_null(instance.ssl_port);
  object["payload"] = instance.payload ? json::value(*instance.payload) : json::value(nullptr);
  object["registrationTimeUTC"] = instance.registered_ms;
  object["serviceType"] = "DYNAMIC";
  object["uriSpec"] = nullptr;
  object["enabled"] = instance.is_enabled;
  return json::serialize(object);
}

std::optional<ServiceInstance> from_json(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  const json::object& object = value.as_object();
  ServiceInstance instance;
  instance.name = text_of(object, "name");
  instance.id = text_of(object, "id");
  instance.address = text_of(object, "address");
  instance.port = number_of(object, "port");
  instance.ssl_port = number_of(object, "sslPort");
  const json::value* const payload = object.if_contains("payload");
  if (payload != nullptr && !payload->is_null())
    instance.payload = payload->is_string() ? std::string(payload->as_string()) : json::serialize(*payload);
  const json::value* const registered = object.if_contains("registrationTimeUTC");
  if (registered != nullptr && registered->is_int64()) instance.registered_ms = registered->as_int64();
  const json::value* const enabled = object.if_contains("enabled");
  instance.is_enabled = enabled == nullptr || !enabled->is_bool() || enabled->as_bool();
  if (instance.name.empty() || instance.id.empty()) return std::nullopt;
  return instance;
}

// ---- choosing

std::size_t Chooser::index_of_choice(const std::vector<ServiceInstance>& instances) {
  switch (how_) {
    case Choice::round_robin:
      return next_++ % instances.size();
    case Choice::random:
      return random_.below(instances.size());
    case Choice::weighted: {
      std::uint64_t sum = 0;
      for (const ServiceInstance& each : instances) sum += weight_of(each);
      std::uint64_t at = random_.below(sum);
      for (std::size_t i = 0; i < instances.size(); ++i) {
        if (at < weight_of(instances[i])) return i;
        at -= weight_of(instances[i]);
      }
      return 0;
    }
    case Choice::sticky: {
      const auto same = std::ranges::find(instances, last_id_, &ServiceInstance::id);
      return same != instances.end() ? static_cast<std::size_t>(same - instances.begin())
                                     : random_.below(instances.size());
    }
    case Choice::least_loaded:
      break;
  }
  const auto least =
      std::ranges::min_element(instances, {}, [this](const ServiceInstance& each) { return uses_[each.id]; });
  return static_cast<std::size_t>(least - instances.begin());
}

std::optional<ServiceInstance> Chooser::choose(std::vector<ServiceInstance> instances) {
  std::erase_if(instances, [](const ServiceInstance& each) { return !each.is_enabled; });
  // Uses of instances that are gone are done.
  std::erase_if(uses_, [&](const auto& use) {
    return std::ranges::find(instances, use.first, &ServiceInstance::id) == instances.end();
  });
  if (instances.empty()) return std::nullopt;
  ServiceInstance chosen = instances[index_of_choice(instances)];
  last_id_ = chosen.id;
  ++uses_[chosen.id];
  return chosen;
}

void Chooser::done(const std::string& id) {
  const auto use = uses_.find(id);
  if (use != uses_.end() && use->second > 0) --use->second;
}

// ---- the service

Service::Service(client::Client& client, const client::World& world, const std::string& base, std::string name,
                 Choice how)
    : world_(world), name_(std::move(name)), chooser_(how, world.random), members_(client, world, base + "/" + name_) {}

void Service::start(client::Done<void> done) {
  started_ = std::move(done);
  members_.start([this](const MemberChange& change) {
    if (!started_) return;
    if (change.kind == MemberChange::Kind::settled) std::exchange(started_, nullptr)({});
    if (change.kind == MemberChange::Kind::ended)
      std::exchange(started_, nullptr)(std::unexpected(*members_.failure()));
  });
}

void Service::offer(ServiceInstance instance, client::Done<void> done) {
  instance.name = name_;
  instance.registered_ms = world_.clock.wall_ms();
  if (instance.id.empty()) instance.id = uuid(world_.random);
  const std::string id = instance.id;
  members_.join(id, to_json(instance), 0, std::move(done));
}

std::vector<ServiceInstance> Service::instances() const {
  std::vector<ServiceInstance> all;
  for (const Member& each : members_.list()) {
    if (auto instance = from_json(each.data)) all.push_back(std::move(*instance));
  }
  return all;
}

}  // namespace quoll::recipes
