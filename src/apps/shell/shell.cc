#include "apps/shell/shell.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "apps/shell/handlers.h"
#include "apps/shell/text.h"
#include "client/connect_string.h"

namespace quoll::apps::shell {

namespace {

class Printer : public client::Watcher {
 public:
  explicit Printer(std::function<void(const std::string&)> print) : print_(std::move(print)) {}
  void on_event(const client::WatchEvent& event) override { print_(event_text(event)); }

 private:
  std::function<void(const std::string&)> print_;
};

}  // namespace

Shell::Shell(Settings settings, std::FILE* chatter, States states)
    : settings_(std::move(settings)),
      chatter_(chatter),
      states_(states),
      watcher_(std::make_shared<Printer>([this](const std::string& event) { announce(event); })) {}

Shell::~Shell() {
  close();
}

bool Shell::connect(const std::string& servers) {
  const auto parsed = client::parse_connect_string(servers);
  if (!parsed) {
    complain(fmt::format("Cannot connect: {}", parsed.error()));
    return false;
  }
  close();
  servers_ = servers;
  client::Options options;
  if (settings_.tls) {
    if (const auto used = runtime_.use_tls(*settings_.tls); !used) {
      complain(fmt::format("Cannot connect with TLS: {}", used.error()));
      return false;
    }
    options.security = env::Security::tls;
  }
  options.servers = parsed->servers;
  options.chroot = parsed->chroot;
  options.session_timeout_ms = settings_.timeout_ms;
  options.read_only = settings_.read_only;
  options.login = settings_.login;
  zk_ = std::make_unique<sdk::Blocking>(runtime_, std::move(options), [this](client::State state) {
    // zkCli's client hears of its own end in the middle of the exit, or not at all.
    if (states_ == States::printed && state != client::State::closed) announce(event_text(state));
  });
  return true;
}

void Shell::close() {
  if (zk_ != nullptr) zk_->close();
}

client::State Shell::state() const {
  return zk_ == nullptr ? client::State::closed : zk_->state();
}

void Shell::announce(const std::string& event) {
  if (!prints_watches) return;
  fmt::print(chatter_, "\nWATCHER::\n\n{}\n", event);
  std::fflush(chatter_);
}

void Shell::say(std::string_view text) {
  if (pager_) return pager_->write(text);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Shell::say_line(std::string_view text) {
  say(text);
  say("\n");
}

void Shell::complain(std::string_view text) {
  std::fflush(stdout);
  fmt::print(stderr, "{}\n", text);
}

void Shell::say_json(const boost::json::value& value) {
  say_line(boost::json::serialize(value));
}

int Shell::failed(const client::Failure& failure, std::string_view path) {
  if (json()) {
    complain(boost::json::serialize(
        boost::json::value{{"error", name(failure.code)},
                           {"code", static_cast<std::int32_t>(failure.code)},
                           {"path", path},
                           {"applied", failure.fate == client::Fate::may_be_applied ? "perhaps" : "no"},
                           {"message", failure_text(failure, path)}}));
  } else {
    complain(failure_text(failure, path));
  }
  return kFailed;
}

int Shell::misused(const Command& command) {
  complain(usage_of(command));
  return kFailed;
}

int Shell::run(const std::vector<std::string>& line) {
  if (line.empty()) return kDone;
  const Command* const command = find_command(line.front());
  if (command == nullptr) {
    complain(fmt::format("Command not found: {}; help lists all commands", line.front()));
    return kUnknown;
  }
  if (command->needs_connection && !is_alive()) {
    say_line("Not connected");
    return kFailed;
  }
  const auto words = parse_words(line, command->flags);
  if (!words) {
    complain(words.error());
    complain(usage_of(*command));
    return kFailed;
  }
  // Not of commands that print what happens.
  if (settings_.pages && command->run != run_watch && command->run != run_top) pager_.emplace();
  const int code = words->words.size() <= command->words_min ? misused(*command) : command->run(*this, *words);
  pager_.reset();
  std::fflush(stdout);
  return code;
}

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(commands(), name, &Command::name);
  return found == commands().end() ? nullptr : &*found;
}

std::string usage_of(const Command& command) {
  std::string text = fmt::format("{} {}", command.name, command.arguments);
  std::size_t width = 0;
  for (const Flag& flag : command.flags) width = std::max(width, flag.name.size() + (flag.takes_value ? 6 : 0));
  bool described = false;
  for (const Flag& flag : command.flags) {
    if (flag.description.empty()) continue;
    described = true;
    text += fmt::format("\n -{:<{}}   {}", flag.name + (flag.takes_value ? " <arg>" : ""), width, flag.description);
  }
  return described ? text + "\n" : text;
}

}  // namespace quoll::apps::shell
