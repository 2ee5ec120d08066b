#include "command.hpp"

namespace trunkline {

void add_device(CLI::App& command, std::string& device) {
  command.add_option("--device", device, "cpu, or cuda: one GPU per rank")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
}

}  // namespace trunkline
