#include "sim/trial/encode.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trial/plain_text.h"

namespace quoll::sim {

namespace {

AclViews views_of(const AclList& acl) {
  std::vector<AclView> views;
  for (const Acl& entry : acl) views.push_back(AclView{entry.perms, entry.id.scheme, entry.id.id});
  return views;
}

Paths views_of(const std::vector<std::string>& paths) {
  std::vector<NullableView> views;
  for (const std::string& path : paths) views.emplace_back(path);
  return views;
}

void put_body(const Ask& ask, wire::Writer& writer) {
  switch (ask.op) {
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container:
      return writer.put(CreateRequest{ask.path, ask.data, views_of(ask.acl), ask.flags});
    case OpCode::create_ttl:
      return writer.put(CreateTtlRequest{ask.path, ask.data, views_of(ask.acl), ask.flags, ask.ttl_ms});
    case OpCode::remove:
      return writer.put(DeleteRequest{ask.path, ask.version});
    case OpCode::set_data:
      return writer.put(SetDataRequest{ask.path, ask.data, ask.version});
    case OpCode::set_acl:
      return writer.put(SetAclRequest{ask.path, views_of(ask.acl), ask.version});
    case OpCode::check:
      return writer.put(CheckVersionRequest{ask.path, ask.version});
    case OpCode::exists:
    case OpCode::get_data:
    case OpCode::get_children:
    case OpCode::get_children2:
      return writer.put(WatchedReadRequest{ask.path, ask.watch});
    case OpCode::get_acl:
    case OpCode::sync:
    case OpCode::get_ephemerals:
    case OpCode::get_all_children_number:
    case OpCode::delete_container:
      return writer.put(PathRequest{ask.path});
    case OpCode::add_watch:
    case OpCode::check_watches:
    case OpCode::remove_watches:
      return writer.put(WatchTypeRequest{ask.path, ask.type});
    case OpCode::set_watches:
      return writer.put(SetWatchesRequest{ask.relative_zxid, views_of(ask.data_watches), views_of(ask.exist_watches),
                                          views_of(ask.child_watches)});
    case OpCode::set_watches2:
      return writer.put(SetWatches2Request{ask.relative_zxid, views_of(ask.data_watches), views_of(ask.exist_watches),
                                           views_of(ask.child_watches), views_of(ask.persistent_watches),
                                           views_of(ask.recursive_watches)});
    case OpCode::multi:
    case OpCode::multi_read:
      for (const Ask& part : ask.parts) {
        writer.put(MultiHeader{static_cast<std::int32_t>(part.op), false, -1});
        put_body(part, writer);
      }
      return writer.put(MultiHeader{-1, true, -1});
    default:
      return;
  }
}

std::string names_of(std::vector<std::string_view> names) {
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, " "));
}

template <typename T>
T taken(wire::Reader& reader) {
  T record;
  reader.get(record);
  return record;
}

std::string said(const PathReply& reply) {
  return reply.path.str();
}
std::string said(const PathStatReply& reply) {
  return reply.path.str() + " " + text_of(reply.stat);
}
std::string said(const StatReply& reply) {
  return text_of(reply.stat);
}
std::string said(const DataReply& reply) {
  return short_of(reply.data.view()) + " " + text_of(reply.stat);
}
std::string said(const AclReply& reply) {
  return text_of(reply.acl) + " " + text_of(reply.stat);
}
std::string said(const NamesReply& reply) {
  return names_of(reply.names);
}
std::string said(const NamesStatReply& reply) {
  return names_of(reply.names) + " " + text_of(reply.stat);
}

std::string parts_text(wire::Reader& reader) {
  std::string text;
  for (auto header = taken<MultiHeader>(reader); reader.ok() && !header.done; header = taken<MultiHeader>(reader)) {
    switch (static_cast<OpCode>(header.type)) {
      case OpCode::create:
        text += fmt::format("(1 {})", said(taken<PathReply>(reader)));
        break;
      case OpCode::create2:
        text += fmt::format("(15 {})", said(taken<PathStatReply>(reader)));
        break;
      case OpCode::set_data:
        text += fmt::format("(5 {})", said(taken<StatReply>(reader)));
        break;
      case OpCode::get_data:
        text += fmt::format("(4 {})", said(taken<DataReply>(reader)));
        break;
      case OpCode::get_children:
        text += fmt::format("(8 {})", said(taken<NamesReply>(reader)));
        break;
      case OpCode::error:
        text += fmt::format("(-1 err{})", taken<ErrorReply>(reader).err);
        break;
      default:
        text += fmt::format("({} )", header.type);
    }
  }
  return text;
}

}  // namespace

std::string encoded(const Ask& ask) {
  std::string body;
  wire::Writer writer(body);
  put_body(ask, writer);
  return body;
}

std::string answer_text(const Ask& ask, const Arrival& reply) {
  wire::Reader reader(reply.body);
  std::string text;
  if (reply.err != Error::ok) return reply.body.empty() ? "" : "a body behind an error";
  switch (ask.op) {
    case OpCode::create:
    case OpCode::sync:
      text = said(taken<PathReply>(reader));
      break;
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl:
      text = said(taken<PathStatReply>(reader));
      break;
    case OpCode::set_data:
    case OpCode::set_acl:
    case OpCode::exists:
      text = said(taken<StatReply>(reader));
      break;
    case OpCode::get_data:
      text = said(taken<DataReply>(reader));
      break;
    case OpCode::get_acl:
      text = said(taken<AclReply>(reader));
      break;
    case OpCode::get_children:
      text = said(taken<NamesReply>(reader));
      break;
    case OpCode::get_children2:
      text = said(taken<NamesStatReply>(reader));
      break;
    case OpCode::get_all_children_number:
      text = std::to_string(taken<CountReply>(reader).count);
      break;
    case OpCode::get_ephemerals: {
      const auto paths = taken<StringsReply>(reader);
      text = names_of({paths.strings.begin(), paths.strings.end()});
      break;
    }
    case OpCode::who_am_i:
      for (const ClientInfo& info : taken<WhoAmIReply>(reader).client_info)
        text += info.auth_scheme + "=" + info.user + " ";
      break;
    case OpCode::add_watch:
      text = fmt::format("err{}", taken<ErrorReply>(reader).err);
      break;
    case OpCode::multi:
    case OpCode::multi_read:
      text = parts_text(reader);
      break;
    default:
      break;
  }
  if (!reader.ok()) return "a body cut short";
  return reader.remaining() == 0 ? text : text + " and more bytes";
}

std::string logged_text(const TxnBody& body) {
  struct Text {
    std::string operator()(const CreateTxn& t) {
      return fmt::format("create {} cv{}", t.path.view(), t.parent_cversion);
    }
    std::string operator()(const CreateContainerTxn& t) {
      return fmt::format("create {} cv{}", t.path.view(), t.parent_cversion);
    }
    std::string operator()(const CreateTtlTxn& t) {
      return fmt::format("create {} cv{}", t.path.view(), t.parent_cversion);
    }
    std::string operator()(const DeleteTxn& t) { return fmt::format("delete {}", t.path.view()); }
    std::string operator()(const SetDataTxn& t) { return fmt::format("set {} v{}", t.path.view(), t.version); }
    std::string operator()(const SetAclTxn& t) { return fmt::format("acl {} v{}", t.path.view(), t.version); }
    std::string operator()(const CheckVersionTxn& t) { return fmt::format("check {}", t.path.view()); }
    std::string operator()(const CreateSessionTxn&) { return "session"; }
    std::string operator()(const CloseSessionTxn&) { return "close"; }
    std::string operator()(const ErrorTxn& t) { return fmt::format("error {}", t.err); }
    std::string operator()(const MultiTxn& t) {
      const bool failed =
          std::any_of(t.txns.begin(), t.txns.end(), [](const SubTxn& sub) { return sub.type == OpCode::error; });
      bool before = failed;
      std::string text = "multi";
      for (const SubTxn& sub : t.txns) {
        if (sub.type == OpCode::error) before = false;
        // In a failed multi the parts before the failure have no effect.
        text += before ? " {undone}" : std::visit([](const auto& b) { return " {" + Text()(b) + "}"; }, sub.body);
      }
      return text;
    }
  };
  return std::visit(Text(), body);
}

}  // namespace quoll::sim
