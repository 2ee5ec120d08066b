#include "trunkline/train/transfer_names.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

bool begins(const std::string& name, const std::string& prefix) {
  return name.starts_with(prefix) && (name.size() == prefix.size() || name[prefix.size()] == '.');
}

// Whole names and all that they begin with up to a dot.
std::vector<std::string> mentionable(const std::vector<std::string>& names) {
  std::set<std::string> all(names.begin(), names.end());
  for (const std::string& name : names)
    for (std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0;
         dot = name.rfind('.', dot - 1))
      all.insert(name.substr(0, dot));
  return {all.begin(), all.end()};
}

void check_known(const std::string& name, const std::vector<std::string>& names,
                 const std::string& key, const std::string& owner) {
  for (const std::string& known : names)
    if (begins(known, name)) return;
  const auto hint = nearest(name, mentionable(names));
  throw UsageError(fmt::format("{}: {} has no \"{}\"{}", key, owner, name,
                               hint ? fmt::format("; did you mean \"{}\"?", *hint) : ""));
}

void check_options(const InitOptions& options, const std::string& file,
                   const std::vector<std::string>& theirs, const std::vector<std::string>& ours) {
  for (const auto& [from, to] : options.map) {
    check_known(from, theirs, "init.map", file);
    check_known(to.front(), ours, "init.map", "the model");
  }
  for (const std::string& name : options.skip) check_known(name, ours, "init.skip", "the model");
}

std::string mapped(const InitOptions& options, const std::string& name) {
  std::string result = name;
  std::size_t longest = 0;
  for (const auto& [from, to] : options.map) {
    if (!begins(name, from) || from.size() < longest) continue;
    longest = from.size();
    result = to.front() + name.substr(from.size());
  }
  return result;
}

}  // namespace

std::string owner_of(const std::string& tensor) {
  const std::size_t dot = tensor.find('.');
  const bool part = tensor.starts_with("heads.") || tensor.starts_with("stems.");
  return tensor.substr(0, part ? tensor.find('.', dot + 1) : dot);
}

std::map<std::string, std::string> match_names(const InitOptions& options, const std::string& file,
                                               const std::vector<std::string>& theirs,
                                               const std::vector<std::string>& ours) {
  check_options(options, file, theirs, ours);
  std::set<std::string> wanted(ours.begin(), ours.end());
  for (const std::string& skipped : options.skip)
    std::erase_if(wanted, [&](const std::string& name) { return begins(name, skipped); });

  std::map<std::string, std::string> matches;
  for (const std::string& name : theirs) {
    const std::string own = mapped(options, name);
    if (!wanted.contains(own)) continue;
    const auto [match, first] = matches.emplace(own, name);
    check<UsageError>(first, "init.map: {}: both {} and {} would begin {}", file, match->second,
                      name, own);
  }
  check<CheckpointError>(!matches.empty(),
                         "{}: none of its {} tensors has the name of a parameter (first: {}; the "
                         "model has {}); say with init.map which is which",
                         file, theirs.size(), theirs.empty() ? "none" : theirs.front(),
                         ours.front());
  return matches;
}

}  // namespace trunkline
