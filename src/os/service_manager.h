// Tells the service manager that started this process, such as systemd, how far it is: sd_notify's protocol, which is
// one datagram to the socket that the variable NOTIFY_SOCKET names.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace quoll::os {

// `socket`: the value of NOTIFY_SOCKET, a path, or a name in the abstract namespace after "@". If it is empty nobody
// waits for the message, and nothing is done. `state`: lines such as "READY=1". The error is a sentence for people.
std::expected<void, std::string> notify_service_manager(const std::string& socket, std::string_view state);

}  // namespace quoll::os
