#include "admin/answer_end.h"

namespace quoll::admin {

void end_answer(JsonText& json, std::string_view command, std::optional<std::string_view> error) {
  json.field("command", command);
  if (error) {
    json.field("error", *error);
  } else if (!json.has_error()) {
    json.key("error");
    json.null();
  }
  json.end_object();
}

http::Answer failure(std::string_view command, std::string_view why, int status) {
  JsonText json;
  json.begin_object();
  end_answer(json, command, why);
  return {.status = status, .type = "application/json", .text = json.take()};
}

}  // namespace quoll::admin
