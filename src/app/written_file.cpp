#include "written_file.hpp"

#include <fmt/format.h>

#include "program.hpp"
#include "trunkline/report/table.hpp"

namespace trunkline {

ExitCode tell_written(const std::string& path, const WriteSummary& summary,
                      const std::string& json) {
  fmt::print(stderr, "{}: {} rows, {}, {:.1f} s\n", path,
             format_count(static_cast<double>(summary.rows)),
             format_bytes(static_cast<double>(summary.bytes)), summary.seconds);
  write_json(json, {{"file", path},
                    {"rows", summary.rows},
                    {"bytes", summary.bytes},
                    {"seconds", summary.seconds}});
  return ExitCode::kDone;
}

}  // namespace trunkline
