// The installed services and configurations (include/quoll) on those of the room recipes.
#include "quoll/configuration.h"
#include "quoll/discovery.h"
#include "recipes/configuration.h"
#include "recipes/discovery.h"
#include "sdk/hosted.h"
#include "sdk/mailbox.h"
#include "sdk/public_impl.h"

namespace quoll::zk {

using client::Done;

// ---- services

namespace {

ServiceInstance to_public(const recipes::ServiceInstance& from) {
  return {from.name,     from.id,      from.address,       from.port,
          from.ssl_port, from.payload, from.registered_ms, from.is_enabled};
}

recipes::ServiceInstance to_internal(const ServiceInstance& from) {
  return {from.name,     from.id,      from.address,       from.port,
          from.ssl_port, from.payload, from.registered_ms, from.is_enabled};
}

}  // namespace

class Service::Impl : public sdk::Hosted<recipes::Service> {
  using Hosted::Hosted;
};
Service::Service(Client& client, const std::string& base, std::string name, Choice how)
    : impl_(std::make_unique<Impl>(Inside::of(client), base, std::move(name), static_cast<recipes::Choice>(how))) {}
Service::~Service() {
  (void)withdraw();
}
Result<void> Service::start() {
  return impl_->wait_void([](recipes::Service& service, Done<void> done) { service.start(std::move(done)); });
}
Result<void> Service::offer(const ServiceInstance& instance) {
  return impl_->wait_void(
      [&](recipes::Service& service, Done<void> done) { service.offer(to_internal(instance), std::move(done)); });
}
Result<void> Service::withdraw() {
  return impl_->wait_void([](recipes::Service& service, Done<void> done) { service.withdraw(std::move(done)); });
}
std::vector<ServiceInstance> Service::instances() const {
  return impl_->look([](const recipes::Service& service) {
    std::vector<ServiceInstance> all;
    for (const recipes::ServiceInstance& each : service.instances()) all.push_back(to_public(each));
    return all;
  });
}
std::optional<ServiceInstance> Service::choose() {
  return impl_->look([](recipes::Service& service) -> std::optional<ServiceInstance> {
    const auto chosen = service.choose();
    if (!chosen) return std::nullopt;
    return to_public(*chosen);
  });
}
void Service::done(const ServiceInstance& instance) {
  impl_->with([&](recipes::Service& service) { service.done(instance.id); });
}

// ---- configurations

namespace {

constexpr std::size_t kVersionsWaitingMax = 100;

// The parser of values, for one of them.
recipes::ConfigValues one_of(const std::map<std::string, std::string>& values, const std::string& key) {
  const auto found = values.find(key);
  if (found == values.end()) return {};
  return recipes::ConfigValues::parse(key + "=" + found->second).value_or(recipes::ConfigValues());
}

Rollout to_public(const recipes::Rollout& from) {
  return {from.current, from.previous, from.trial, from.share};
}

}  // namespace

std::expected<std::string, std::string> ConfigurationVersion::text(const std::string& key) const {
  return one_of(values, key).text(key);
}
std::expected<std::int64_t, std::string> ConfigurationVersion::integer(const std::string& key) const {
  return one_of(values, key).integer(key);
}
std::expected<bool, std::string> ConfigurationVersion::boolean(const std::string& key) const {
  return one_of(values, key).boolean(key);
}

class Configuration::Impl {
 public:
  Impl(sdk::Blocking& client, std::string path, std::string id)
      : versions(kVersionsWaitingMax, {}, client.runtime().virtual_time()),
        reader(client, std::move(path), std::move(id)) {
    reader.with([this](recipes::ConfigurationReader& made) {
      made.start(
          [this](std::int64_t version, const recipes::ConfigValues& values) { versions.put({version, values.all()}); });
    });
  }
  sdk::Mailbox<ConfigurationVersion> versions;
  sdk::Hosted<recipes::ConfigurationReader> reader;  // ends before what it calls
};
Configuration::Configuration(Client& client, std::string path, std::string id)
    : impl_(std::make_unique<Impl>(Inside::of(client), std::move(path), std::move(id))) {}
Configuration::~Configuration() = default;
std::optional<ConfigurationVersion> Configuration::now() const {
  return impl_->reader.look([](const recipes::ConfigurationReader& reader) -> std::optional<ConfigurationVersion> {
    if (reader.version() == 0) return std::nullopt;
    return ConfigurationVersion{reader.version(), reader.values().all()};
  });
}
std::optional<ConfigurationVersion> Configuration::next(std::chrono::milliseconds patience) {
  auto version = impl_->versions.next(patience);
  // Some were not taken in time; the newest one follows.
  if (version && version->number == 0) version = impl_->versions.next(patience);
  return version;
}

class ConfigurationWriter::Impl : public sdk::Hosted<recipes::ConfigurationWriter> {
 public:
  using Hosted::Hosted;
  template <typename MakeCall>
  Result<Rollout> wait_rollout(MakeCall make) {
    auto result = wait<recipes::Rollout>(std::move(make));
    if (!result) return std::unexpected(sdk::to_public(std::move(result.error())));
    return to_public(*result);
  }
};
ConfigurationWriter::ConfigurationWriter(Client& client, std::string path)
    : impl_(std::make_unique<Impl>(Inside::of(client), std::move(path))) {}
ConfigurationWriter::~ConfigurationWriter() = default;
Result<std::int64_t> ConfigurationWriter::publish(const std::string& text) {
  return impl_->wait_number(
      [&](recipes::ConfigurationWriter& writer, Done<std::int64_t> done) { writer.publish(text, std::move(done)); });
}
Result<Rollout> ConfigurationWriter::roll_out(std::int64_t version, std::int32_t share) {
  return impl_->wait_rollout([&](recipes::ConfigurationWriter& writer, Done<recipes::Rollout> done) {
    writer.roll_out(version, share, std::move(done));
  });
}
Result<Rollout> ConfigurationWriter::roll_back() {
  return impl_->wait_rollout(
      [](recipes::ConfigurationWriter& writer, Done<recipes::Rollout> done) { writer.roll_back(std::move(done)); });
}

}  // namespace quoll::zk
