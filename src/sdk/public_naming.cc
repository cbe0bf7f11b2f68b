// The installed registry of names (include/quoll/naming.h) on recipes/naming.h.
#include "quoll/naming.h"
#include "recipes/naming.h"
#include "sdk/convert.h"
#include "sdk/hosted.h"
#include "sdk/mailbox.h"
#include "sdk/public_impl.h"

namespace quoll::zk {

namespace {
constexpr std::size_t kNameChangesMax = 10'000;

recipes::Claim inner(const Claim& claim) {
  return {claim.name, claim.owner};
}
Claim outer(recipes::Claim claim) {
  return {std::move(claim.name), std::move(claim.owner)};
}
}  // namespace

class Names::Impl {
 public:
  Impl(sdk::Blocking& client, std::string path)
      : changes(kNameChangesMax, {NameChange::Kind::missed, {}, {}}, client.runtime().virtual_time()),
        names(client, std::move(path)) {}
  void on_change(const recipes::Names& followed, const recipes::NameChange& change) {
    const auto kind = static_cast<NameChange::Kind>(change.kind);
    changes.put({kind, change.name, change.data});
    if (!settled || kind < NameChange::Kind::settled || kind == NameChange::Kind::stale) return;
    auto done = std::exchange(settled, nullptr);
    kind == NameChange::Kind::ended ? done(std::unexpected(*followed.failure())) : done({});
  }
  client::Done<void> settled;  // on the loop
  sdk::Mailbox<NameChange> changes;
  sdk::Hosted<recipes::Names> names;  // ends before what it calls
};

Names::Names(Client& client, std::string path) : impl_(std::make_unique<Impl>(Inside::of(client), std::move(path))) {}
Names::~Names() = default;

Result<Claim> Names::claim(const std::string& name, const std::string& data, Lifetime lifetime) {
  return sdk::to_public<Claim>(
      impl_->names.wait<recipes::Claim>([&](recipes::Names& names, client::Done<recipes::Claim> done) {
        names.claim(name, data, static_cast<recipes::Lifetime>(lifetime), std::move(done));
      }),
      outer);
}

Result<Claim> Names::claim_next(const std::string& prefix, const std::string& data, Lifetime lifetime) {
  return sdk::to_public<Claim>(
      impl_->names.wait<recipes::Claim>([&](recipes::Names& names, client::Done<recipes::Claim> done) {
        names.claim_next(prefix, data, static_cast<recipes::Lifetime>(lifetime), std::move(done));
      }),
      outer);
}

Result<void> Names::change(const Claim& claim, const std::string& data) {
  return impl_->names.wait_void(
      [&](recipes::Names& names, client::Done<void> done) { names.change(inner(claim), data, std::move(done)); });
}

Result<void> Names::release(const Claim& claim) {
  return impl_->names.wait_void(
      [&](recipes::Names& names, client::Done<void> done) { names.release(inner(claim), std::move(done)); });
}

Result<void> Names::evict(const std::string& name) {
  return impl_->names.wait_void(
      [&](recipes::Names& names, client::Done<void> done) { names.evict(name, std::move(done)); });
}

Result<std::optional<std::string>> Names::look_up(const std::string& name) {
  using Data = std::optional<std::string>;
  return sdk::to_public<Data>(impl_->names.wait<Data>([&](recipes::Names& names, client::Done<Data> done) {
    names.look_up(name, std::move(done));
  }),
                              [](Data data) { return data; });
}

Result<void> Names::follow() {
  return impl_->names.wait_void([this](recipes::Names& names, client::Done<void> done) {
    impl_->settled = std::move(done);
    names.follow([this, &names](const recipes::NameChange& change) { impl_->on_change(names, change); });
  });
}

std::map<std::string, std::string> Names::all() const {
  return impl_->names.look([](const recipes::Names& names) { return names.all(); });
}

std::optional<NameChange> Names::next(std::chrono::milliseconds patience) {
  return impl_->changes.next(patience);
}

}  // namespace quoll::zk
