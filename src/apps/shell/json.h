// What the shell has read, as JSON values.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "client/operations.h"
#include "types/acl.h"
#include "types/stat.h"

namespace quoll::apps::shell {

// The fields have the names of org.apache.zookeeper.data.Stat; zxids and the owner are numbers.
boost::json::object to_json(const Stat& stat);
boost::json::array to_json(const AclList& acl);
// Data that is valid UTF-8 is a text, null is null, and anything else is {"base64": "..."}.
boost::json::value data_json(const client::Bytes& data);
boost::json::array names_json(const std::vector<std::string>& names);

}  // namespace quoll::apps::shell
