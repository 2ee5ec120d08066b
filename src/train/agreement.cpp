#include "trunkline/train/agreement.hpp"

#include <exception>
#include <optional>

#include "trunkline/train/gather.hpp"

namespace trunkline {
namespace {

// What an action left: nothing, or an error.
std::optional<std::pair<ExitCode, std::string>> outcome(const std::function<void()>& action) {
  try {
    action();
    return std::nullopt;
  } catch (const Error& error) {
    return std::pair{error.code(), std::string(error.what())};
  } catch (const std::exception& error) {
    const std::string text = error.what();  // libraries add a stack trace below their first line
    return std::pair{ExitCode::kBug, text.substr(0, text.find('\n'))};
  }
}

}  // namespace

void agree(Ranks& ranks, const std::function<void()>& action) {
  const auto failure = outcome(action);
  const std::vector<int64_t> codes =
      gather_integer(ranks, failure ? static_cast<int64_t>(failure->first) : 0);
  for (int rank = 0; rank < ranks.size(); ++rank) {
    if (codes[rank] == 0) continue;
    const bool speaker = rank == ranks.rank();
    throw AgreedError(static_cast<ExitCode>(codes[rank]),
                      speaker ? failure->second : fmt::format("rank {} failed", rank), speaker);
  }
}

bool any(Ranks& ranks, bool flag) {
  for (const int64_t value : gather_integer(ranks, flag ? 1 : 0))
    if (value != 0) return true;
  return false;
}

void check_equal(Ranks& ranks, uint64_t hash, ExitCode code, const std::string& message) {
  const std::vector<int64_t> hashes = gather_integer(ranks, static_cast<int64_t>(hash));
  for (const int64_t other : hashes)
    if (other != hashes.front()) throw AgreedError(code, message, ranks.rank() == 0);
}

}  // namespace trunkline
