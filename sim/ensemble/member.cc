#include "sim/ensemble/member.h"

#include <fmt/format.h>

namespace quoll::sim {

namespace {

std::string directory(const std::string& data_dir) {
  return data_dir + "/version-2";
}

}  // namespace

Member::Member(Simulation& simulation, int id, server::Options options)
    : machine(simulation, fmt::format("server{}", id), fmt::format("10.1.0.{}", id)),
      log(machine.disk, directory(options.store.data_log_dir), directory(options.store.data_dir)),
      id_(id),
      options_(std::move(options)) {
  options_.session_server = ServerId{id};
  options_.ensemble->self = ServerId{id};
  const auto forget = [this](const std::string&) { log.forget(); };
  machine.process_disk.on_cut = forget;
  machine.process_disk.on_remove = [this](const std::string& path) {
    if (path.find("/log.") != std::string::npos) log.forget();
  };
}

Member::~Member() {
  machine.process_disk.die();
}

bool Member::start() {
  machine.begin_process();
  failure_.reset();
  ++lives_;
  server_ = std::make_unique<server::Server>(
      machine.env(), options_, [this](server::ExitCode, std::string_view why) { failure_ = std::string(why); });
  const auto started = server_->start();
  if (started) return true;
  failure_ = started.error().text;
  return false;
}

void Member::end(Machine::Ending ending) {
  machine.end_process(ending, [this] { server_.reset(); });
  log.forget();
}

void Member::wipe() {
  machine.disk.wipe();
  log.forget();
}

}  // namespace quoll::sim
