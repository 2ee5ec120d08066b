#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/version.h>

#include <iostream>
#include <map>

#include "command.hpp"
#include "machine_facts.hpp"
#include "program.hpp"
#include "trunkline/comm/cuda.hpp"
#include "trunkline/comm/mpi_session.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/host.hpp"
#include "trunkline/core/version.hpp"
#include "trunkline/h5/library.hpp"
#include "trunkline/report/table.hpp"
#include "trunkline/train/gather.hpp"

namespace trunkline {
namespace {

constexpr double kGiB = 1 << 30;
constexpr double kMemoryPerRank = kGiB;  // LibTorch, a window of rows, a small model
constexpr double kSharedMemory = 64
                                 << 20;  // what containers give by default, and what is too little
constexpr double kDiskSpace = kGiB;

// What a run may compute on: run.device.
std::string devices() {
  try {
    return fmt::format("CPU, {} GPU(s), NCCL", count_cuda_devices());
  } catch (const UsageError& error) {
    return fmt::format("CPU ({})", error.what());
  }
}

// Of one rank.
struct RankFacts {
  std::string host;
  int64_t cores = 1, machine = 1, threads = 1;
};

// The ranks of one host together.
struct HostFacts {
  int64_t ranks = 0, threads = 0, fewest_cores = 0, machine = 1;
};

struct Findings {
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> problems;  // one line each, with the cure

  void fact(const std::string& name, const std::string& value) { facts.emplace_back(name, value); }
  void problem(bool wrong, const std::string& line) {
    if (wrong) problems.push_back(line);
  }
};

std::vector<RankFacts> gather_facts(Ranks& ranks) {
  const std::vector<std::string> hosts = gather_text(ranks, host_name());
  const auto numbers = gather_numbers(
      ranks, {static_cast<double>(bound_cores()), static_cast<double>(machine_cores()),
              static_cast<double>(at::get_num_threads())});
  std::vector<RankFacts> facts;
  for (std::size_t r = 0; r < hosts.size(); ++r)
    facts.push_back({hosts[r], static_cast<int64_t>(numbers[r][0]),
                     static_cast<int64_t>(numbers[r][1]), static_cast<int64_t>(numbers[r][2])});
  return facts;
}

std::map<std::string, HostFacts> by_host(const std::vector<RankFacts>& ranks) {
  std::map<std::string, HostFacts> hosts;
  for (const RankFacts& rank : ranks) {
    HostFacts& host = hosts[rank.host];
    host.fewest_cores = host.ranks == 0 ? rank.cores : std::min(host.fewest_cores, rank.cores);
    ++host.ranks;
    host.threads += rank.threads;
    host.machine = rank.machine;
  }
  return hosts;
}

void look_at_libraries(Findings& found) {
  found.fact("trunkline", kVersion);
  found.fact("LibTorch", TORCH_VERSION);
  found.fact("MPI", MpiSession::library());
  const std::vector<std::string> missing = h5::missing_filters();
  found.fact("HDF5", fmt::format("{}{}", h5::library_version(),
                                 missing.empty() ? ", filters gzip, shuffle, fletcher32" : ""));
  found.problem(!missing.empty(),
                fmt::format("HDF5 lacks the filters {}: files that use them cannot be read; use a "
                            "library built with zlib",
                            fmt::join(missing, ", ")));
}

void look_at_ranks(const std::vector<RankFacts>& ranks, const std::string& thread_level,
                   Findings& found) {
  const auto hosts = by_host(ranks);
  found.fact("started", thread_level.empty()
                            ? "alone, without mpirun or srun"
                            : fmt::format("ranks {}, hosts {}, MPI threads {}", ranks.size(),
                                          hosts.size(), thread_level));
  for (const auto& [name, host] : hosts) {
    found.fact("host " + name,
               fmt::format("ranks {}, threads in all {}; cores {}, a rank may use {}", host.ranks,
                           host.threads, host.machine, host.fewest_cores));
    const int64_t share = std::max<int64_t>(1, host.machine / host.ranks);
    found.problem(host.ranks > host.machine,
                  fmt::format("{}: {} ranks on {} cores: they wait for each other in turn; start "
                              "fewer, or use more hosts",
                              name, host.ranks, host.machine));
    found.problem(host.ranks <= host.machine && host.threads > host.machine,
                  fmt::format("{}: {} threads on {} cores make steps several times slower; set "
                              "OMP_NUM_THREADS={}, or leave it unset",
                              name, host.threads, host.machine, share));
    const int64_t threads = host.threads / host.ranks;
    found.problem(threads > host.fewest_cores && host.threads <= host.machine,
                  fmt::format("{}: a rank of {} threads is bound to {} cores; start with mpirun "
                              "--bind-to none, or --map-by slot:PE={}",
                              name, threads, host.fewest_cores, threads));
  }
}

void look_at_memory(int64_t ranks_here, Findings& found) {
  if (const auto limit = memory_limit()) {
    found.fact("memory", format_bytes(*limit));
    found.problem(*limit < kMemoryPerRank * static_cast<double>(ranks_here),
                  fmt::format("memory: {} for {} ranks; a rank needs about {}: start fewer, or "
                              "raise the limit of the job or container",
                              format_bytes(*limit), ranks_here, format_bytes(kMemoryPerRank)));
  }
  if (const auto shared = space_of("/dev/shm")) {
    found.fact("/dev/shm",
               fmt::format("{}, {} free", format_bytes(shared->total), format_bytes(shared->free)));
    found.problem(ranks_here > 1 && shared->free < kSharedMemory,
                  fmt::format("/dev/shm: {} free; ranks of a host exchange data there: start the "
                              "container with --shm-size=1g",
                              format_bytes(shared->free)));
  }
}

void look_at_folder(Findings& found) {
  const std::string writing = writing_problem(), locking = locking_problem();
  const auto space = space_of(".");
  found.fact("this folder",
             fmt::format("{}, {}, {} free", writing.empty() ? "writable" : "read-only",
                         locking.empty() ? "locks work" : "no locks",
                         format_bytes(space ? space->free : 0)));
  found.problem(!writing.empty(), "this folder cannot be written (" + writing +
                                      "): runs go to runs/NAME below it; set run.dir elsewhere");
  found.problem(!locking.empty(),
                "this folder has no file locks (" + locking +
                    "): two programs could train into one run folder; set run.dir elsewhere");
  found.problem(
      space && space->free < kDiskSpace,
      fmt::format("this folder has {} free: checkpoints may not fit; set run.dir elsewhere",
                  format_bytes(space ? space->free : 0)));
}

nlohmann::json to_json(const Findings& found) {
  nlohmann::json facts = nlohmann::json::object();
  for (const auto& [name, value] : found.facts) facts[name] = value;
  return {{"facts", facts}, {"problems", found.problems}};
}

void print(const Findings& found) {
  for (const auto& [name, value] : found.facts) std::cout << fmt::format("{:<16}{}\n", name, value);
  for (const std::string& line : found.problems) std::cout << "problem: " << line << "\n";
  if (found.problems.empty()) std::cout << "nothing is wrong\n";
}

ExitCode examine(const std::string& json, Ranks& ranks, const std::string& thread_level) {
  const std::vector<RankFacts> facts = gather_facts(ranks);
  if (ranks.rank() != 0) return ExitCode::kDone;
  Findings found;
  look_at_libraries(found);
  found.fact("devices", devices());
  look_at_ranks(facts, thread_level, found);
  look_at_memory(by_host(facts).at(host_name()).ranks, found);
  look_at_folder(found);
  if (json != "-") print(found);
  write_json(json, to_json(found));
  return found.problems.empty() ? ExitCode::kDone : ExitCode::kUsage;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  auto json = std::make_shared<std::string>();
  CLI::App& command = *app.add_subcommand(
      "doctor", "What was found on this machine and under this launcher, and what is wrong");
  command.add_option("--json", *json, "write the findings to this file (- for standard output)");
  command.callback([json, &action] {
    action = [json] {
      return run_on_ranks([&](Ranks& ranks, const std::shared_ptr<IoThread>&) {
        return examine(*json, ranks,
                       MpiSession::launched() ? MpiSession::thread_level() : std::string());
      });
    };
  });
}

}  // namespace trunkline
