// Bugs planted on purpose, one at a time, to prove that the simulator finds them (docs/simulator.md). Only the program
// planted_test is compiled with QUOLL_PLANTED; in every other build planted() is false before the compiler has begun.
#pragma once

namespace quoll::base {

enum class Bug {
  none,
  ack_before_fsync,
  log_not_synced,
  log_name_not_synced,
  snapshot_not_synced,
  sessions_not_in_snapshot,
  event_after_reply,
  watch_fires_twice,
  no_event_of_delete,
  persistent_watch_fires_once,
  event_to_whom_may_not_read,
  zxid_given_again,
  suffix_counts_children,
  pzxid_stays_at_delete,
  version_stays_at_set_data,
  mtime_stays_at_set_data,
  cversion_stays_at_create,
  aversion_stays_at_set_acl,
  delete_ignores_version,
  ephemeral_left_behind,
  half_a_multi,
  anyone_lists_children,
  nobody_expires,
  reply_zxid_too_low,
  read_overtakes_write,
  error_answered_as_success,
  purge_keeps_one,
  purge_takes_a_log_too_many,
  snapshot_named_too_late,
  pings_are_not_heard,
  closing_session_may_write,
  pending_writes_forgotten,
  recovered_log_not_settled,
  session_id_given_again,
  wrong_password_accepted,
  room_not_seen,
  write_without_room_forgotten,
  expiry_at_once,
  sync_error_ignored,
  watches_outlive_connection,
  bad_seal_ignored,
  request_taken_twice,
  changed_znode_left_out,
  login_counts_for_what_waits,
  failed_login_stays,
  removed_before_its_time,
  containers_looked_at_once,
  snapshot_name_not_synced,
  sync_without_room_tried_again,
  snapshots_stay_off,
  held_for_ever,
  turn_never_comes,
  bytes_of_requests_stay,
  bytes_in_flight_stay,
  acl_not_released,
  removed_container_listed,
  taken_up_unheard,
  usage_stays_at_delete,
  usage_grows_by_all_data,
  usage_not_counted_anew,
  usage_counted_on_top,
  quota_off_by_one,
  quota_of_the_highest,
  soft_quota_refuses,
  quota_weighs_all_data,
  quota_enforced_unasked,
  quota_outlives_its_limits,
  data_missed_at_the_very_zxid,
  children_missed_at_the_very_zxid,
  unseen_event_ends_the_telling,
  writes_come_back_while_stuck,
};

#ifdef QUOLL_PLANTED
inline Bug planted_bug = Bug::none;
inline bool planted(Bug bug) {
  return bug == planted_bug;
}
#else
constexpr bool planted(Bug) {
  return false;
}
#endif

}  // namespace quoll::base
