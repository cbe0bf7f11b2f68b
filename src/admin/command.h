// One function for each command of the AdminServer. Keys and shapes are Apache's
// (org.apache.zookeeper.server.admin.Commands). Commands knows which exist, who may use them, and adds the fields that
// every answer has.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "admin/json_text.h"
#include "admin/words.h"
#include "http/message.h"

namespace quoll::admin {

// The fields of an answer, in steps: each is called until it reports that it is done, then the next.
class JsonSteps : public http::Content {
 public:
  using Step = std::move_only_function<bool(JsonText& json)>;  // true: not done, call again
  void add(Step step) { steps_.push_back(std::move(step)); }
  void once(std::move_only_function<void(JsonText&)> write) {
    add([write = std::move(write)](JsonText& json) mutable {
      write(json);
      return false;
    });
  }

  Then append_more(std::string& out) override {
    if (!steps_.front()(json_)) steps_.pop_front();
    out += json_.take();
    return steps_.empty() ? Then::done : Then::more;
  }

 private:
  std::deque<Step> steps_;
  JsonText json_;
};

struct CommandQuestion {
  Question about;
  const http::Request& request;
  std::int64_t& trace_mask;
};

// Short answers.
void command_configuration(const CommandQuestion& question, JsonText& json);
void command_dirs(const CommandQuestion& question, JsonText& json);
void command_environment(const CommandQuestion& question, JsonText& json);
void command_get_trace_mask(const CommandQuestion& question, JsonText& json);
void command_hash(const CommandQuestion& question, JsonText& json);
void command_initial_configuration(const CommandQuestion& question, JsonText& json);
void command_is_read_only(const CommandQuestion& question, JsonText& json);
void command_last_snapshot(const CommandQuestion& question, JsonText& json);
void command_leader(const CommandQuestion& question, JsonText& json);
void command_monitor(const CommandQuestion& question, JsonText& json);
void command_observer_connection_stat_reset(const CommandQuestion& question, JsonText& json);
void command_observers(const CommandQuestion& question, JsonText& json);
void command_ruok(const CommandQuestion& question, JsonText& json);
void command_server_stats(const CommandQuestion& question, JsonText& json);
void command_set_trace_mask(const CommandQuestion& question, JsonText& json);
void command_system_properties(const CommandQuestion& question, JsonText& json);
void command_voting_view(const CommandQuestion& question, JsonText& json);
void command_watch_summary(const CommandQuestion& question, JsonText& json);
void command_zabstate(const CommandQuestion& question, JsonText& json);

// The fields that server_stats and stats have in common.
void write_server_state(const Question& about, JsonText& json);

// Answers that may be long. Their steps are carried out after the question has gone.
void command_connections(const CommandQuestion& question, JsonSteps& steps);
void command_dump(const CommandQuestion& question, JsonSteps& steps);
void command_stats(const CommandQuestion& question, JsonSteps& steps);
void command_watches(const CommandQuestion& question, JsonSteps& steps);
void command_watches_by_path(const CommandQuestion& question, JsonSteps& steps);

}  // namespace quoll::admin
