#include "admin/metric_names.h"

namespace quoll::admin {

namespace {

using M = server::Metrics;

constexpr Metric<server::Counter> kCounters[] = {
    {"snapshot_error_count", &M::snapshot_errors},
    {"snapshot_rate_limited_count", &M::snapshots_rate_limited},
    {"restore_error_count", &M::restore_errors},
    {"restore_rate_limited_count", &M::restores_rate_limited},
    {"looking_count"},
    {"diff_count"},
    {"snap_count"},
    {"commit_count"},
    {"connection_request_count", &M::connection_requests},
    {"connection_rejected", &M::connections_rejected},
    {"bytes_received_count", &M::bytes_received},
    {"unrecoverable_error_count", &M::unrecoverable_errors},
    {"add_dead_watcher_stall_time"},
    {"dead_watchers_queued"},
    {"dead_watchers_cleared"},
    {"response_packet_cache_hits"},
    {"response_packet_cache_misses"},
    {"response_packet_get_children_cache_hits"},
    {"response_packet_get_children_cache_misses"},
    {"ensemble_auth_success", &M::ensemble_auth_success},
    {"ensemble_auth_fail", &M::ensemble_auth_failure},
    {"ensemble_auth_skip", &M::ensemble_auth_skipped},
    {"prep_processor_request_queued", &M::requests_submitted},
    {"outstanding_changes_queued", &M::changes_queued},
    {"outstanding_changes_removed", &M::changes_removed},
    {"revalidate_count"},
    {"connection_drop_count", &M::connections_lost},
    {"connection_revalidate_count", &M::connections_revalidated},
    {"sessionless_connections_expired", &M::sessionless_expired},
    {"stale_sessions_expired", &M::sessions_expired},
    {"request_commit_queued"},
    {"throttled_ops", &M::throttled_ops},
    {"learner_proposal_received_count"},
    {"learner_commit_received_count"},
    {"sync_processor_request_queued", &M::txns_logged},
    {"proposal_count"},
    {"quit_leading_due_to_disloyal_voter"},
    {"stale_requests"},
    {"stale_requests_dropped"},
    {"stale_replies"},
    {"request_throttle_wait_count", &M::throttle_waits},
    {"large_requests_rejected", &M::large_requests_rejected},
    {"insecure_admin_count"},
    {"cnxn_closed_without_zk_server_running", &M::refused_while_not_serving},
    {"skip_learner_request_to_next_processor_count"},
    {"requests_not_forwarded_to_commit_processor"},
    {"response_bytes", &M::response_bytes},
    {"watch_bytes", &M::watch_bytes},
};

constexpr Metric<server::Summary> kSummaries[] = {
    {"fsynctime", &M::fsync_ms},
    {"snapshottime", &M::snapshot_ms},
    {"restore_time", &M::restore_ms},
    {"dbinittime", &M::recovery_ms},
    {"follower_sync_time"},
    {"observer_sync_time"},
    {"election_time", &M::election_ms},
    {"connection_token_deficit", &M::connection_token_deficit},
    {"inflight_snap_count"},
    {"inflight_diff_count"},
    {"node_created_watch_count", &M::watches_on_created},
    {"node_deleted_watch_count", &M::watches_on_deleted},
    {"node_changed_watch_count", &M::watches_on_changed},
    {"node_children_watch_count", &M::watches_on_children},
    {"prep_processor_queue_size"},
    {"prep_process_time"},
    {"proposal_process_time"},
    {"unavailable_time", &M::unavailable_ms},
    {"leader_unavailable_time", &M::leader_unavailable_ms},
    {"requests_in_session_queue"},
    {"pending_session_queue_size"},
    {"reads_after_write_in_session_queue"},
    {"reads_issued_from_session_queue"},
    {"session_queues_drained"},
    {"time_waiting_empty_pool_in_commit_processor_read_ms"},
    {"write_batch_time_in_commit_processor"},
    {"concurrent_request_processing_in_commit_processor"},
    {"read_commit_proc_req_queued"},
    {"write_commit_proc_req_queued"},
    {"commit_commit_proc_req_queued"},
    {"read_commit_proc_issued"},
    {"write_commit_proc_issued"},
    {"commit_process_time"},
    {"startup_txns_loaded", &M::recovery_txns},
    {"startup_txns_load_time", &M::recovery_txns_ms},
    {"startup_snap_load_time", &M::recovery_snapshot_ms},
    {"sync_processor_queue_size", &M::txns_in_flush},
    {"sync_process_time"},
    {"sync_processor_batch_size", &M::txns_in_flush},
    {"netty_queued_buffer_capacity"},
    {"learner_request_processor_queue_size"},
    {"socket_closing_time"},
};

constexpr Metric<server::AdvancedSummary> kAdvancedSummaries[] = {
    {"readlatency", &M::read_latency_ms},
    {"updatelatency", &M::update_latency_ms},
    {"propagation_latency", &M::update_latency_ms},
    {"dead_watchers_cleaner_latency"},
    {"prep_processor_queue_time_ms"},
    {"close_session_prep_time", &M::close_session_prepare_ms},
    {"read_commitproc_time_ms"},
    {"write_commitproc_time_ms"},
    {"local_write_committed_time_ms"},
    {"server_write_committed_time_ms"},
    {"om_proposal_process_time_ms"},
    {"om_commit_process_time_ms"},
    {"read_final_proc_time_ms"},
    {"write_final_proc_time_ms"},
    {"proposal_latency"},
    {"proposal_ack_creation_latency"},
    {"commit_propagation_latency"},
    {"sync_processor_queue_and_flush_time_ms", &M::update_latency_ms},
    {"sync_processor_queue_time_ms"},
    {"sync_processor_queue_flush_time_ms", &M::flush_ms},
    {"quorum_ack_latency"},
    {"request_throttle_queue_time_ms", &M::throttle_wait_ms},
    {"jvm_pause_time_ms"},
};

constexpr Metric<server::ByNamespace<server::Counter>> kCounterSets[] = {
    {"quota_exceeded_error_per_namespace", &M::quota_exceeded},
};

constexpr Metric<server::ByNamespace<server::Summary>> kSummarySets[] = {
    {"write_per_namespace", &M::written_bytes},
    {"read_per_namespace", &M::read_bytes},
};

}  // namespace

std::span<const Metric<server::Counter>> counters() {
  return kCounters;
}
std::span<const Metric<server::Summary>> summaries() {
  return kSummaries;
}
std::span<const Metric<server::AdvancedSummary>> advanced_summaries() {
  return kAdvancedSummaries;
}
std::span<const Metric<server::ByNamespace<server::Counter>>> counter_sets() {
  return kCounterSets;
}
std::span<const Metric<server::ByNamespace<server::Summary>>> summary_sets() {
  return kSummarySets;
}

}  // namespace quoll::admin
