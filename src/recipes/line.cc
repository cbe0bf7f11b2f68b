#include "recipes/line.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/check.h"
#include "client/steps.h"
#include "recipes/unique.h"
#include "types/path.h"

namespace quoll::recipes {

namespace {

// The number behind the last `mark`; names without it are not members, and come last. The marks of readers and writers
// stand in the same line.
std::string_view number_of(std::string_view name, std::string_view mark) {
  auto at = name.rfind(mark);
  if (at == std::string_view::npos && mark == kReaders) at = name.rfind(kWriters);
  if (at == std::string_view::npos && mark == kWriters) at = name.rfind(kReaders);
  return at == std::string_view::npos ? std::string_view("~") : name.substr(at + mark.size());
}

// Removes the znode of a member that could not wait for that, as soon as there is a server again, unless the session is
// over by then.
client::Task<client::Result<void>> remove_later(client::Steps steps, std::string parent, std::string prefix) {
  while (!client::is_final(steps.client().state())) {
    client::Result<void> step = co_await steps.sure_order(parent);
    if (step) {
      const auto list = co_await steps.sure_children(parent);
      if (list) {
        const auto own =
            std::ranges::find_if(list->names, [&](const std::string& name) { return name.starts_with(prefix); });
        if (own == list->names.end()) co_return client::Result<void>();
        step = co_await steps.remove(fmt::format("{}/{}", parent, *own));
        if (step) co_return step;
      } else {
        step = std::unexpected(list.error());
      }
      if (step.error().fate == client::Fate::answered) co_return step;
    }
    (void)co_await steps.pause(client::kAgainMs);
  }
  co_return client::Result<void>();
}

}  // namespace

// Each step has an eye of its own, so that what a former step has watched is forgotten.
class Line::Eye : public client::Watcher {
 public:
  explicit Eye(Line& line) : line_(line) {}
  void on_event(const client::WatchEvent& event) override {
    // Not the events of removed watches.
    if (event.type <= client::EventType::node_children_changed) line_.on_eye();
  }
  void on_state(client::State state) override {
    if (client::is_final(state)) line_.on_eye();
  }

 private:
  Line& line_;
};

Line::Line(client::Client& client, const client::World& world, LineOptions options)
    : client_(client), world_(world), options_(std::move(options)), self_(std::make_shared<Line*>(this)) {}

template <typename T>
client::Done<T> Line::when(void (Line::*then)(client::Result<T>)) {
  return [self = std::weak_ptr(self_), then](client::Result<T> result) {
    if (const auto line = self.lock()) ((*line)->*then)(std::move(result));
  };
}

void Line::new_eye() {
  eye_ = std::make_shared<Eye>(*this);
}

bool Line::is_own(std::string_view name) const {
  return name.starts_with(prefix_);
}

bool Line::surely_held() const {
  // A third is left for a server that has answered this client and dies before it has told the leader.
  const std::int64_t least_us = client_.session().timeout_ms() * 1000 * 2 / 3;
  return state_ == State::held && world_.clock.elapsed_us() - client_.session().proven_us() < least_us &&
         !client::is_final(client_.state());
}

void Line::acquire(std::int64_t timeout_ms, client::Done<Token> done) {
  QUOLL_CHECK(state_ == State::out, "a member joins when it is out of the line");
  state_ = State::joining;
  acquired_ = std::move(done);
  prefix_ = fmt::format("_c_{}-{}", uuid(world_.random), options_.name);
  if (timeout_ms > 0) {
    deadline_ = world_.timers.after(timeout_ms, [this, timeout_ms] {
      fail({Error::request_timeout,
            client::Fate::answered,
            fmt::format("{}: others have held it for {} ms", options_.path, timeout_ms),
            {},
            {}});
    });
  }
  create();
}

// ---- joining

void Line::create() {
  client::CreateOptions options;
  options.mode = {.ephemeral = true, .sequential = true};
  client_.create(fmt::format("{}/{}", options_.path, prefix_), options_.data, options, when(&Line::on_created));
}

void Line::on_created(client::Result<client::Created> result) {
  // A member that leaves looks for its znode after this.
  if (state_ != State::joining) return;
  if (result) {
    node_ = result->path;
    token_ = {result->stat.czxid};
    return look();
  }
  if (result.error().code == Error::no_node) return create_parents(0);
  if (result.error().fate == client::Fate::may_be_applied && !client::is_final(client_.state())) return look_for_own();
  if (!try_again(result.error(), &Line::create)) fail(std::move(result.error()));
}

// Containers: the servers delete them when the last member has left.
void Line::create_parents(std::size_t upto) {
  parent_ = options_.path.find('/', upto + 1);
  client::CreateOptions options;
  options.mode = {.container = true};
  client_.create(options_.path.substr(0, parent_), std::nullopt, options, when(&Line::on_parents));
}

void Line::on_parents(client::Result<client::Created> result) {
  if (state_ != State::joining) return;
  if (!result && result.error().code != Error::node_exists) {
    if (!try_again(result.error(), &Line::create)) fail(std::move(result.error()));
    return;
  }
  if (parent_ == std::string::npos) return create();
  create_parents(parent_);
}

// The create may have happened, or happen yet. After another write of this session, which is refused, it has, or never
// will, and a list shows it. A sync would not do: it does not wait for what is still on its way to the leader's disk.
void Line::look_for_own() {
  client_.remove(options_.path, client::kNoVersion, when(&Line::on_ordered));
}

void Line::on_ordered(client::Result<void> result) {
  if (state_ != State::joining && state_ != State::leaving) return;
  if (result || result.error().fate == client::Fate::answered)
    return void(client_.children(options_.path, nullptr, when(&Line::on_own_list)));
  if (!try_again(result.error(), &Line::look_for_own)) give_up(std::move(result.error()));
}

void Line::on_own_list(client::Result<client::Children> result) {
  if (state_ != State::joining && state_ != State::leaving) return;
  const bool is_leaving = state_ == State::leaving;
  if (!result) {
    if (result.error().code == Error::no_node) return is_leaving ? left() : create();
    if (!try_again(result.error(), &Line::look_for_own)) give_up(std::move(result.error()));
    return;
  }
  const auto own = std::ranges::find_if(result->names, [this](const std::string& name) { return is_own(name); });
  if (own == result->names.end()) return is_leaving ? left() : create();
  node_ = fmt::format("{}/{}", options_.path, *own);
  if (is_leaving) return remove();
  look();
}

void Line::give_up(client::Failure failure) {
  if (state_ == State::leaving) return leave_the_rest();
  fail(std::move(failure));
}

// The session may yet continue, on a server that has not expired it. Its znode must not stay in the line then, in which
// this member may stand again by that time.
void Line::leave_the_rest() {
  if (!client::is_final(client_.state()))
    client::start<void>(remove_later(client::Steps(client_, world_), options_.path, prefix_), client_.afterwards(),
                        nullptr);
  left();
}

// ---- waiting

void Line::look() {
  if (state_ == State::joining) state_ = State::waiting;
  // A place among several holders becomes free when any of them leaves.
  if (options_.holders_max > 1) {
    new_eye();
    client_.children(options_.path, eye_, when(&Line::on_look));
  } else {
    client_.children(options_.path, nullptr, when(&Line::on_look));
  }
}

void Line::on_look(client::Result<client::Children> result) {
  if (state_ != State::waiting) return;
  if (!result) {
    if (!try_again(result.error(), &Line::look)) fail(std::move(result.error()));
    return;
  }
  on_list(*result);
}

void Line::on_list(const client::Children& list) {
  std::vector<std::string> names = list.names;
  std::ranges::sort(names, {}, [this](const std::string& name) { return number_of(name, options_.name); });
  const auto own = std::ranges::find_if(names, [this](const std::string& name) { return is_own(name); });
  if (own == names.end()) {
    node_.clear();
    state_ = State::joining;
    return create();
  }
  const auto index = static_cast<std::size_t>(own - names.begin());
  if (options_.name == kReaders) {
    const auto is_writer = [](const std::string& name) { return name.contains(kWriters); };
    const auto before = std::ranges::find_if(std::make_reverse_iterator(own), names.rend(), is_writer);
    return before == names.rend() ? watch_own() : watch(*before);
  }
  if (index < options_.holders_max) return watch_own();
  if (options_.holders_max == 1) watch(names[index - 1]);
}

// get, not exists: it leaves no watch behind if the znode is gone already.
void Line::watch(const std::string& name) {
  new_eye();
  client_.get(fmt::format("{}/{}", options_.path, name), eye_, when(&Line::on_watched));
}

void Line::on_watched(client::Result<client::NodeData> result) {
  if (state_ != State::waiting || result) return;
  if (result.error().code == Error::no_node) return look();
  if (!try_again(result.error(), &Line::look)) fail(std::move(result.error()));
}

// It holds when it is sure that its znode exists and is watched. That also gives the token of one that was taken up.
void Line::watch_own() {
  new_eye();
  client_.get(node_, eye_, when(&Line::on_own_watched));
}

void Line::on_own_watched(client::Result<client::NodeData> result) {
  if (state_ == State::held) {
    if (!result && result.error().code == Error::no_node) return lose();
    if (!result) try_again(result.error(), &Line::watch_own);
    return;
  }
  if (state_ != State::waiting) return;
  if (!result) {
    if (result.error().code == Error::no_node) return look();
    if (!try_again(result.error(), &Line::look)) fail(std::move(result.error()));
    return;
  }
  token_ = {result->stat.czxid};
  hold();
}

void Line::hold() {
  state_ = State::held;
  deadline_.reset();
  std::exchange(acquired_, nullptr)(token_);
}

void Line::on_eye() {
  if (state_ == State::waiting) {
    if (client::is_final(client_.state()))
      return fail({client_.state() == client::State::expired ? Error::session_expired : Error::connection_loss,
                   client::Fate::answered,
                   fmt::format("{}: the session is over", options_.path),
                   {},
                   {}});
    look();
  } else if (state_ == State::held) {
    if (client::is_final(client_.state())) return lose();
    watch_own();
  }
}

void Line::lose() {
  state_ = State::out;
  node_.clear();
  eye_.reset();
  if (on_lost_) on_lost_();
}

// ---- leaving

void Line::release(std::move_only_function<void()> done) {
  QUOLL_CHECK(!released_, "a member leaves once");
  released_ = std::move(done);
  if (state_ == State::leaving) return;
  if (state_ == State::out) return left();
  leave({Error::request_timeout,
         client::Fate::answered,
         fmt::format("{}: released while waiting", options_.path),
         {},
         {}});
}

void Line::fail(client::Failure failure) {
  leave(std::move(failure));
}

void Line::leave(client::Failure why) {
  failure_ = std::move(why);
  deadline_.reset();
  again_.reset();
  eye_.reset();
  const bool is_creating = state_ == State::joining && node_.empty();
  state_ = State::leaving;
  if (client::is_final(client_.state())) return left();
  is_creating ? look_for_own() : remove();
}

void Line::remove() {
  client_.remove(node_, client::kAnyVersion, when(&Line::on_removed));
}

void Line::on_removed(client::Result<void> result) {
  if (state_ != State::leaving) return;
  if (result || result.error().code == Error::no_node) return left();
  if (!try_again(result.error(), &Line::remove)) leave_the_rest();
}

void Line::left() {
  state_ = State::out;
  node_.clear();
  again_.reset();
  // The functions may use this line again.
  auto acquired = std::exchange(acquired_, nullptr);
  auto released = std::exchange(released_, nullptr);
  if (acquired) acquired(std::unexpected(failure_));
  if (released) released();
}

// True if the failure is only that of a connection: the step is made again after a while.
bool Line::try_again(const client::Failure& failure, void (Line::*step)()) {
  if (!client::may_repeat(failure, client_, world_)) return false;
  again_ = world_.timers.after(client::kAgainMs, [this, step] { (this->*step)(); });
  return true;
}

}  // namespace quoll::recipes
