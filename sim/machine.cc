#include "sim/machine.h"

#include <algorithm>

namespace quoll::sim {

void Log::write(env::Level, std::string_view line) {
  scheduler_.note(line);
  lines_.emplace_back(line);
  if (on_line) on_line(line);
}

bool Log::has(std::string_view part) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

Machine::Machine(Simulation& simulation, std::string name, std::string address)
    : loop(simulation.scheduler),
      clock(simulation.scheduler),
      timers(loop, clock),
      workers(loop),
      process_disk(disk, simulation.scheduler),
      random(simulation.scheduler),
      log(simulation.scheduler),
      simulation_(simulation),
      host_(simulation.network.add_host(std::move(name), std::move(address), loop)),
      network_(simulation.network, host_),
      dialer_(simulation.network, host_),
      env_{clock, timers, network_, process_disk, workers, random, log, dialer_} {}

void Machine::end_process(Ending ending, std::move_only_function<void()> destroy) {
  process_disk.die();
  if (ending != Ending::kill) Network::power_off(host_);
  destroy();
  loop.end_process();
  if (ending == Ending::power_cut) disk.cut();
  if (ending == Ending::power_cut_torn) disk.cut(simulation_.scheduler.chance());
}

void Machine::begin_process() {
  process_disk.revive();
  if (!host_.has_power) Network::power_on(host_);
}

}  // namespace quoll::sim
