// A small ensemble in one thread, for tests of zab alone: members with disks that forget what was not finished, links
// that deliver in order after a while or break, an election port that loses messages. Time, order and faults come from
// a seed. After every event the laws of agreement are checked on all members together.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "zab/peer.h"
#include "zab/sync_plan.h"

namespace quoll::zab::testing {

struct Faults {
  int loss_percent = 0;       // of notifications
  int lie_percent = 0;        // of notifications: the vote claims a more recent history than the candidate has
  std::int64_t delay_ms = 3;  // of messages, at most
  std::int64_t disk_ms = 5;   // of writes, at most
};

// What is on a member's disk. A state is the list of the transactions in it.
struct Disk {
  std::vector<Zxid> snapshot;
  std::vector<Entry> log;
  Epoch accepted;
  Epoch current;
  bool is_complete = true;
  [[nodiscard]] std::vector<Zxid> history() const;
  [[nodiscard]] Zxid last() const;
};

class Ensemble {
 public:
  // Members 1 to `voters`, then the observers.
  Ensemble(std::uint64_t seed, int voters, int observers, Faults faults = {});

  void start(int id);
  void start_all();
  // The process dies. Of what was being written, the first writes may have reached the disk.
  void crash(int id);
  // The disk of a member that is down is replaced by an empty one.
  void wipe(int id) { members_.at(id).disk = {}; }
  // Nothing passes any more in this direction; connections in use freeze.
  void cut(int from, int to) { cuts_.insert({from, to}); }
  void heal() { cuts_.clear(); }
  void set_faults(Faults faults) { faults_ = faults; }
  // Proposes on the member if it leads. Returns whether it did.
  bool propose(int id);
  // Something that no member has said.
  void tell(int id, const Event& event);
  void run_for(std::int64_t ms);
  bool run_until(const std::function<bool()>& done, std::int64_t within_ms);

  [[nodiscard]] bool is_up(int id) const { return members_.at(id).peer != nullptr; }
  [[nodiscard]] const Peer& peer(int id) const { return *members_.at(id).peer; }
  [[nodiscard]] Disk& disk(int id) { return members_.at(id).disk; }
  [[nodiscard]] const std::vector<Zxid>& state(int id) const { return members_.at(id).state; }
  [[nodiscard]] std::vector<int> ids() const;
  // Of the newest epoch; one of an earlier epoch may not know yet. -1: nobody leads.
  [[nodiscard]] int leader() const;
  // Everybody is up and serves the whole history.
  [[nodiscard]] bool has_converged() const;
  [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }
  // What clients may have seen, in order.
  [[nodiscard]] const std::vector<Zxid>& visible() const { return visible_; }
  // The first law that was broken; empty: none.
  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  // Of members that are started from now on; see MemberState.
  std::uint32_t counter_max = 0xfff00000;

  // Sees what goes over a quorum link before it arrives: (from, to, packet). False: the link breaks instead.
  std::function<bool(int, int, const Packet&)> on_packet;
  // Sees what a member asks for before it is carried out. False: the process dies instead.
  std::function<bool(int, const Effect&)> on_effect;
  // The times of all members.
  static constexpr Times kTimes{.tick_ms = 200, .init_ticks = 10, .sync_ticks = 5};
  static constexpr ElectionTimes kElectionTimes{.finalize_ms = 20, .resend_min_ms = 20, .resend_max_ms = 320};

 private:
  // Each is written in its own order.
  enum class Device { log, epochs };
  struct Write {
    std::function<void()> change;
    Event answer;
  };
  struct Member {
    int id = 0;
    Disk disk;
    std::unique_ptr<Peer> peer;
    std::uint64_t life = 0;
    std::vector<Zxid> state;
    State serves = State::looking;
    std::map<Device, std::deque<Write>> writes;
    std::uint64_t link = 0;  // to the leader; 0: none
    std::uint64_t dials = 0;
    std::int64_t wakes_ms = 0;
  };
  struct Link {
    int learner = 0;
    int leader = 0;
    bool open_at_learner = true;
    bool open_at_leader = true;
    bool frozen = false;
    std::int64_t busy_ms[2] = {0, 0};
    std::vector<Zxid> snapshot;
    bool has_snapshot = false;
    std::optional<Packet> behind_snapshot;
  };
  struct Timed {
    std::int64_t at_ms;
    std::uint64_t order;
    std::function<void()> act;
    bool operator<(const Timed& other) const { return std::tie(at_ms, order) > std::tie(other.at_ms, other.order); }
  };

  void at(std::int64_t ms, std::function<void()> act);
  void after_a_while(std::function<void()> act) {
    at(now_ms_ + 1 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(faults_.delay_ms))), std::move(act));
  }
  bool run_one(std::int64_t until_ms);
  void carry_out(int id, const Effects& effects);
  void wake_later(Member& m);
  void act(Member& m, const SendNotification& e);
  void act(Member& m, const DialLeader& e);
  void act(Member& m, const CloseLeaderLink& e);
  void act(Member& m, const SendToLeader& e);
  void act(Member& m, const AnswerPing& e);
  void act(Member& m, const SendToLearner& e);
  void act(Member& m, const CloseLearnerLink& e);
  void act(Member& m, const StreamSnapshot& e);
  void act(Member& m, const PersistEpoch& e);
  void act(Member& m, const AppendLog& e);
  void act(Member& m, const TruncateLog& e);
  void act(Member& m, const InstallSnapshot& e);
  void act(Member& m, const Deliver& e);
  void act(Member&, const PassToServer&) {}
  void act(Member& m, const ServeAs& e);
  void write(Member& m, Device device, std::function<void()> change, Event answer);
  void finish_write_later(const Member& m, Device device);
  void finish_write(int id, Device device, std::uint64_t life);
  void connect(int learner, int leader, std::uint64_t dial);
  void send(std::uint64_t id, bool to_leader, Packet packet);
  void close(std::uint64_t id, bool by_leader);
  void expose(const Member& m);
  void check(const Member& m);
  void fail(std::string law) {
    if (broken_.empty()) broken_ = std::move(law);
  }

  Faults faults_;
  std::mt19937_64 random_;
  std::map<int, Member> members_;
  Configuration configuration_;
  std::priority_queue<Timed> events_;
  std::uint64_t order_ = 0;
  std::map<std::uint64_t, Link> links_;
  std::uint64_t next_link_ = 1;
  std::int64_t now_ms_ = 0;
  std::set<std::pair<int, int>> cuts_;
  std::vector<Zxid> visible_;
  std::map<std::int64_t, int> leader_of_epoch_;
  std::uint64_t proposals_ = 0;
  std::string broken_;
};

}  // namespace quoll::zab::testing
