// The functions that this folder's files provide to each other and to the table.
#pragma once

#include "machine/apply.h"
#include "machine/prepare.h"
#include "machine/read.h"

namespace quoll::machine::ops {

// Prepare functions, one per operation; create and multi serve several opcodes.
Prepared prepare_create(Preparation&);
Prepared prepare_create_session(Preparation&);
Prepared prepare_close_session(Preparation&);
Prepared prepare_delete(Preparation&);
Prepared prepare_delete_container(Preparation&);
Prepared prepare_multi(Preparation&);
Prepared prepare_reconfig(Preparation&);
Prepared prepare_set_acl(Preparation&);
Prepared prepare_set_data(Preparation&);

// The same for one operation inside a multi.
Prepared prepare_create(Preparation&, OpCode op, const CreateRequest&);
Prepared prepare_create(Preparation&, OpCode op, const CreateTtlRequest&);
Prepared prepare_delete(Preparation&, const DeleteRequest&);
Prepared prepare_set_data(Preparation&, const SetDataRequest&);
Prepared prepare_check(Preparation&, const CheckVersionRequest&);

// Apply functions.
ApplyResult apply_body(Applier&, const TxnHeader&, const TxnBody&);
void apply_create(Applier&, const TxnHeader&, const CreateTxn&, ApplyResult&);
void apply_create(Applier&, const TxnHeader&, const CreateContainerTxn&, ApplyResult&);
void apply_create(Applier&, const TxnHeader&, const CreateTtlTxn&, ApplyResult&);
void apply_delete(Applier&, const TxnHeader&, const DeleteTxn&, ApplyResult&);
void apply_set_data(Applier&, const TxnHeader&, const SetDataTxn&, ApplyResult&);
void apply_set_acl(Applier&, const TxnHeader&, const SetAclTxn&, ApplyResult&);
void apply_close_session(Applier&, const TxnHeader&, const CloseSessionTxn&);
void apply_multi(Applier&, const TxnHeader&, const MultiTxn&, ApplyResult&);
// Removes one znode as delete does. Returns no_node if the node or its parent does not exist.
Error apply_removal(Applier&, std::int64_t zxid, std::string_view path);
// Removes every ephemeral of a session.
void apply_removal_of_all(Applier&, std::int64_t zxid, std::int64_t session);

// Read functions.
ReadResult read_add_watch(Reading&);
ReadResult read_check_watches(Reading&);
ReadResult read_exists(Reading&);
ReadResult read_get_acl(Reading&);
ReadResult read_get_all_children_number(Reading&);
ReadResult read_get_children(Reading&);
ReadResult read_get_children2(Reading&);
ReadResult read_get_data(Reading&);
ReadResult read_get_ephemerals(Reading&);
ReadResult read_multi_read(Reading&);
ReadResult read_remove_watches(Reading&);
ReadResult read_set_watches(Reading&);
ReadResult read_set_watches2(Reading&);
ReadResult read_sync(Reading&);
ReadResult read_who_am_i(Reading&);

}  // namespace quoll::machine::ops
