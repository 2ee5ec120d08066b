#include "trunkline/core/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

namespace trunkline {

Logger make_logger(const LogOptions& options) {
  auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  console->set_pattern(options.rank == 0 ? "%^%v%$"
                                         : fmt::format("[rank {}] %^%v%$", options.rank));
  auto logger = std::make_shared<spdlog::logger>("trunkline", console);
  if (!options.file.empty() && options.rank == 0) {
    auto file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    file->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    logger->sinks().push_back(file);
  }
  const bool quiet = options.rank != 0 && !options.all_ranks;
  logger->set_level(quiet ? spdlog::level::err : spdlog::level::info);
  logger->flush_on(spdlog::level::info);
  return logger;
}

}  // namespace trunkline
