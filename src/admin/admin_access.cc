#include "admin/admin_access.h"

#include "auth/ip_address.h"
#include "types/acl.h"

namespace quoll::admin {

namespace {

bool has_all_permissions(const server::Core& core, const auth::Identities& identities) {
  const auto& list = core.state.tree.acl_of(tree::kRoot);
  for (const std::int32_t one : {perm::kRead, perm::kWrite, perm::kCreate, perm::kDelete, perm::kAdmin}) {
    if (!core.schemes.allows(list, one, identities)) return false;
  }
  return true;
}

}  // namespace

Verdict admit(Guard guard, const http::Request& request, const server::Core& core, server::ServerStats& stats) {
  if (guard == Guard::none) return {};
  const std::string peer = auth::java_host_address(request.peer.host);
  if (!request.authorization) {
    if (guard == Guard::root_acl && has_all_permissions(core, {Id{"ip", peer}})) return {};
    return {401, "Auth info is missing for the command"};
  }
  const std::string_view given = *request.authorization;
  const std::size_t blank = given.find(' ');
  const std::string_view scheme = given.substr(0, blank);
  const std::string_view data = blank == std::string_view::npos ? "" : given.substr(blank + 1);
  if (data.contains(' ')) return {401, "Not authenticated"};
  const auto identities = core.schemes.authenticate(scheme, data, peer, base::NullableView());
  if (!identities || identities->empty()) {
    ++stats.auth_failures;
    return {401, "Not authenticated"};
  }
  if (!has_all_permissions(core, *identities)) return {403, "Not authorized"};
  return {};
}

}  // namespace quoll::admin
