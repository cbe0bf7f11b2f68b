#include "server/request_auth.h"

#include <algorithm>

#include "base/utf8.h"
#include "wire/client_frames.h"

namespace quoll::server {

void RequestAuth::add_identity(ClientConnection& to, const Id& id) {
  if (std::find(to.identities.begin(), to.identities.end(), id) == to.identities.end()) to.identities.push_back(id);
}

bool RequestAuth::may_have(const ClientConnection& connection, const auth::Identities& more) const {
  const auth::Identities& has = connection.identities;
  std::size_t count = has.size();
  std::size_t bytes = has.bytes();
  for (const Id& id : more) {
    if (std::find(has.begin(), has.end(), id) != has.end()) continue;
    ++count;
    bytes += id.scheme.size() + id.id.size();
  }
  const Limits& limits = core_.options.limits;
  return count == has.size() || (count <= limits.identities_max && bytes <= limits.identities_bytes_max);
}

bool RequestAuth::has_proven_itself(const ClientConnection& connection) const {
  const auto& schemes = core_.options.enforced_auth.schemes;
  return std::any_of(connection.identities.begin(), connection.identities.end(), [&](const Id& id) {
    return std::find(schemes.begin(), schemes.end(), id.scheme) != schemes.end();
  });
}

bool RequestAuth::is_of_enforced_scheme(std::string_view auth_body) const {
  wire::Reader reader(auth_body, core_.options.limits.buffer_bytes_max);
  const auto decoded = wire::decode_body(OpCode::auth, reader);
  const auto& schemes = core_.options.enforced_auth.schemes;
  return decoded && std::ranges::find(schemes, std::get<AuthRequest>(*decoded).scheme.view()) != schemes.end();
}

bool RequestAuth::admit_transport(ClientConnection& from) {
  const env::TlsPeer* const peer = from.transport().tls();
  if (peer == nullptr || peer->subject.empty() || !core_.options.auth.x509_enabled) return true;
  const auto& super_user = core_.options.auth.x509_super_user;
  if (super_user && *super_user == peer->subject) add_identity(from, Id{"super", peer->subject});
  add_identity(from, Id{"x509", peer->subject});
  return true;
}

bool RequestAuth::handled(ClientConnection& from, const RequestHeader& header, std::string_view body) {
  const auto op = static_cast<OpCode>(header.type);
  if (op == OpCode::sasl) return on_sasl(from, header, body), true;
  const bool may_ask = !core_.options.enforced_auth.enabled || has_proven_itself(from);
  if (op == OpCode::auth && (may_ask || is_of_enforced_scheme(body))) return on_auth(from, header, body), true;
  if (may_ask) return false;
  core_.env.log.error(
      "Closing session 0x{:x} of {}: it has not authenticated by any of the schemes in enforce.auth.schemes",
      static_cast<std::uint64_t>(from.session.value()), from.transport().peer().host);
  from.send_reply(ReplyHeader{header.xid, 0, static_cast<std::int32_t>(Error::session_closed_require_sasl_auth)},
                  nullptr);
  from.close_after_replies();
  return true;
}

void RequestAuth::on_auth(ClientConnection& from, const RequestHeader& header, std::string_view body) {
  wire::Reader reader(body, core_.options.limits.buffer_bytes_max);
  const auto decoded = wire::decode_body(OpCode::auth, reader);
  if (!decoded) return from.drop("an auth packet is truncated");
  const auto& request = std::get<AuthRequest>(*decoded);
  const tree::NodeId key = core_.state.tree.find("/key");
  const auto key_data = key == tree::kNoNode ? base::NullableView() : core_.state.tree.node(key).data();
  const std::string peer_ip = from.identities.empty() ? std::string() : from.identities.front().id;
  auto identities = request.scheme.is_null()
                        ? std::unexpected(Error::auth_failed)
                        : core_.schemes.authenticate(request.scheme.view(), request.auth, peer_ip, key_data);
  if (identities && !may_have(from, *identities)) identities = std::unexpected(Error::auth_failed);
  if (request.scheme.view() == "ensemble" && core_.options.auth.ensemble_enabled) {
    const bool is_checked = !core_.options.auth.ensemble_names.empty() && !request.auth.view().empty();
    Metrics& metrics = stats_.metrics;
    ++(!identities  ? metrics.ensemble_auth_failure
       : is_checked ? metrics.ensemble_auth_success
                    : metrics.ensemble_auth_skipped);
    // No reply, as in Apache's server: after an error reply the client would give up, but it should try another server.
    if (!identities) return from.drop("the client looks for an ensemble of another name (ensembleAuthName)");
  }
  if (!identities) {
    ++stats_.auth_failures;
    core_.env.log.warn("Session 0x{:x} of {}: authentication failed for scheme \"{}\"",
                       static_cast<std::uint64_t>(from.session.value()), from.transport().peer().host,
                       base::escaped(request.scheme.view(), 64));
    from.send_reply(ReplyHeader{header.xid, 0, static_cast<std::int32_t>(Error::auth_failed)}, nullptr);
    return from.close_after_replies();
  }
  for (const Id& id : *identities) add_identity(from, id);
  from.send_reply(ReplyHeader{header.xid, 0, 0}, nullptr);
}

void RequestAuth::on_sasl(ClientConnection& from, const RequestHeader& header, std::string_view body) {
  wire::Reader reader(body, core_.options.limits.buffer_bytes_max);
  const auto decoded = wire::decode_body(OpCode::sasl, reader);
  if (!decoded) return from.drop("a sasl packet is truncated");
  // As in Apache's server, which fails when it takes the token's length.
  if (std::get<SaslRequest>(*decoded).token.is_null()) return from.drop("a sasl token is null");
  ReplyBody reply = SaslReply{};
  std::optional<std::string> token;
  if (sasl_) {
    auto& exchange = exchanges_[from.id()];
    if (exchange == nullptr) exchange = sasl_();
    auto step = exchange->step(std::get<SaslRequest>(*decoded).token.view());
    if (!step) {
      const bool tolerated = core_.options.allow_sasl_failed_clients && !core_.options.enforced_auth.requires_sasl();
      if (!tolerated) return sasl_failed(from, header, step.error());
      core_.env.log.warn("Session 0x{:x}: SASL failed ({}); staying connected (allowSaslFailedClients)",
                         static_cast<std::uint64_t>(from.session.value()), base::escaped(step.error()));
    } else {
      token = std::move(*step);
      if (exchange->is_complete()) {
        const std::string id = exchange->authorization_id();
        add_identity(from, Id{"sasl", id});
        if (core_.options.sasl_super_users.contains(id)) add_identity(from, Id{"super", ""});
      }
    }
  }
  if (token) reply = SaslReply{*token};
  from.send_reply(ReplyHeader{header.xid, 0, 0}, &reply);
}

void RequestAuth::sasl_failed(ClientConnection& from, const RequestHeader& header, std::string_view why) {
  ++stats_.auth_failures;
  core_.env.log.warn("Session 0x{:x} of {}: SASL authentication failed: {}",
                     static_cast<std::uint64_t>(from.session.value()), from.transport().peer().host,
                     base::escaped(why));
  const Error err =
      core_.options.enforced_auth.requires_sasl() ? Error::session_closed_require_sasl_auth : Error::auth_failed;
  const ReplyBody reply = SaslReply{};
  from.send_reply(ReplyHeader{header.xid, 0, static_cast<std::int32_t>(err)}, &reply);
  from.close_after_replies();
}

}  // namespace quoll::server
