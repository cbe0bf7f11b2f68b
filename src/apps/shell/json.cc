#include "apps/shell/json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <tuple>
#include <utility>

#include "apps/shell/text.h"
#include "base/base64.h"
#include "base/utf8.h"

namespace quoll::apps::shell {

namespace {

// Beside Stat's own list of fields, in its order.
constexpr const char* kStatNames[] = {"czxid",    "mzxid",          "ctime",      "mtime",       "version", "cversion",
                                      "aversion", "ephemeralOwner", "dataLength", "numChildren", "pzxid"};
static_assert(std::size(kStatNames) == std::tuple_size_v<decltype(Stat::fields())>);

}  // namespace

boost::json::object to_json(const Stat& stat) {
  boost::json::object object;
  std::apply(
      [&](auto... field) {
        std::size_t i = 0;
        ((object[kStatNames[i++]] = stat.*field), ...);
      },
      Stat::fields());
  return object;
}

boost::json::array to_json(const AclList& acl) {
  boost::json::array list;
  for (const Acl& each : acl)
    list.push_back({{"scheme", each.id.scheme}, {"id", each.id.id}, {"perms", perms_text(each.perms)}});
  return list;
}

boost::json::value data_json(const client::Bytes& data) {
  if (!data) return nullptr;
  if (base::is_valid_utf8(*data)) return boost::json::string(*data);
  return {{"base64", base::base64(*data)}};
}

boost::json::array names_json(const std::vector<std::string>& names) {
  boost::json::array list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

}  // namespace quoll::apps::shell
