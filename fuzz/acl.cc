// ACL entries, identities and addresses: the lines of the input are scheme, id, the identity's id, and an address.
#include <array>

#include "auth/ip_address.h"
#include "auth/schemes.h"
#include "fuzz/target.h"

using namespace quoll;

namespace {

const auth::Schemes& schemes() {
  static const auth::Schemes all([] {
    auth::Options options;
    options.sasl_enabled = options.x509_enabled = options.ensemble_enabled = options.key_enabled = true;
    options.super_digest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";
    options.x509_super_user = "CN=root";
    options.any_sasl_user_id = "anybody";
    options.ensemble_names = {"one"};
    return options;
  }());
  return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = fuzz::view(data, size);
  std::array<std::string_view, 4> lines;
  for (std::string_view& line : lines) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    line = rest.substr(0, end);
    rest = rest.substr(std::min(end + 1, rest.size()));
  }
  const auto [scheme, id, mine, address] = lines;
  auth::is_valid_ip_pattern(id);
  auth::ip_matches(address, id);
  auth::ip_matches(id, id);
  auth::java_host_address(address);

  const auth::Identities me{Id{"ip", std::string(address)}, Id{std::string(scheme), std::string(mine)}};
  const AclViews asked =
      std::vector<AclView>{AclView{31, scheme, id}, AclView{1, scheme, mine}, AclView{1, scheme, id}};
  const auto fixed = schemes().fix_up(asked, me);
  if (fixed) {
    QUOLL_CHECK(!fixed->empty(), "an accepted list is not empty");
    std::vector<AclView> same;
    for (const Acl& acl : *fixed) same.push_back(AclView{acl.perms, acl.id.scheme, acl.id.id});
    const auto again = schemes().fix_up(same, me);
    // "auth" may be replaced by an id that clients cannot set directly.
    if (scheme != "auth") QUOLL_CHECK(again.has_value(), "an accepted list is accepted again");
    static_cast<void>(schemes().allows(*fixed, 1, me));
  }
  const auto got = schemes().authenticate(scheme, mine, address, id);
  if (got) {
    for (const Id& identity : *got) static_cast<void>(auth::Schemes::user_name(identity));
  }
  return 0;
}
