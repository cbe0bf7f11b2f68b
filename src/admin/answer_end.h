// What every answer of the AdminServer in JSON ends with: the command, and what went wrong.
#pragma once

#include <optional>
#include <string_view>

#include "admin/json_text.h"
#include "http/message.h"

namespace quoll::admin {

// Ends the object. Without `error` and without one that a command has written, the field is null.
void end_answer(JsonText& json, std::string_view command, std::optional<std::string_view> error = {});

// An answer with nothing else.
http::Answer failure(std::string_view command, std::string_view why, int status);

}  // namespace quoll::admin
