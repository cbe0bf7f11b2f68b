#include "machine/ops/table.h"

#include <array>

#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

constexpr std::array kOperations = {
    Operation{OpCode::create, "create", "CREA", &prepare_create, nullptr},
    Operation{OpCode::create2, "create2", "CREA", &prepare_create, nullptr},
    Operation{OpCode::create_container, "createContainer", "CREA", &prepare_create, nullptr},
    Operation{OpCode::create_ttl, "createTtl", "CREA", &prepare_create, nullptr},
    Operation{OpCode::remove, "delete", "DELE", &prepare_delete, nullptr},
    Operation{OpCode::delete_container, "deleteContainer", "DELE", &prepare_delete_container, nullptr},
    Operation{OpCode::set_data, "setData", "SETD", &prepare_set_data, nullptr},
    Operation{OpCode::set_acl, "setACL", "SETA", &prepare_set_acl, nullptr},
    Operation{OpCode::multi, "multi", "MULT", &prepare_multi, nullptr},
    Operation{OpCode::reconfig, "reconfig", "RECO", &prepare_reconfig, nullptr},
    Operation{OpCode::create_session, "createSession", "SESS", &prepare_create_session, nullptr},
    Operation{OpCode::close_session, "closeSession", "CLOS", &prepare_close_session, nullptr},
    Operation{OpCode::ping, "ping", "PING", nullptr, nullptr},
    Operation{OpCode::exists, "exists", "EXIS", nullptr, &read_exists},
    Operation{OpCode::get_data, "getData", "GETD", nullptr, &read_get_data},
    Operation{OpCode::get_acl, "getACL", "GETA", nullptr, &read_get_acl},
    Operation{OpCode::get_children, "getChildren", "GETC", nullptr, &read_get_children},
    Operation{OpCode::get_children2, "getChildren2", "GETC", nullptr, &read_get_children2},
    Operation{OpCode::sync, "sync", "SYNC", nullptr, &read_sync},
    Operation{OpCode::check_watches, "checkWatches", "CHKW", nullptr, &read_check_watches},
    Operation{OpCode::remove_watches, "removeWatches", "REMW", nullptr, &read_remove_watches},
    Operation{OpCode::add_watch, "addWatch", "ADDW", nullptr, &read_add_watch},
    Operation{OpCode::set_watches, "setWatches", "SETW", nullptr, &read_set_watches},
    Operation{OpCode::set_watches2, "setWatches2", "STW2", nullptr, &read_set_watches2},
    Operation{OpCode::get_ephemerals, "getEphemerals", "GETE", nullptr, &read_get_ephemerals},
    Operation{OpCode::get_all_children_number, "getAllChildrenNumber", "GETACN", nullptr,
              &read_get_all_children_number},
    Operation{OpCode::multi_read, "multiRead", "MLTR", nullptr, &read_multi_read},
    Operation{OpCode::who_am_i, "whoAmI", "HOMI", nullptr, &read_who_am_i},
};

constexpr int kCodeMin = -11;
constexpr int kCodeMax = 107;

// Maps opcodes to rows, so that a lookup is an index instead of a search.
constexpr auto kRows = [] {
  std::array<std::int16_t, kCodeMax - kCodeMin + 1> rows{};
  rows.fill(-1);
  for (std::size_t i = 0; i < kOperations.size(); ++i) {
    rows[static_cast<std::size_t>(static_cast<int>(kOperations[i].code) - kCodeMin)] = static_cast<std::int16_t>(i);
  }
  return rows;
}();

}  // namespace

const Operation* find(OpCode code) {
  const int at = static_cast<int>(code);
  if (at < kCodeMin || at > kCodeMax) return nullptr;
  const std::int16_t row = kRows[static_cast<std::size_t>(at - kCodeMin)];
  return row < 0 ? nullptr : &kOperations[static_cast<std::size_t>(row)];
}

}  // namespace quoll::machine::ops
