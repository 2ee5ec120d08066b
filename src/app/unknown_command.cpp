#include "unknown_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trunkline/core/keys.hpp"

namespace trunkline {
namespace {

using Commands = std::vector<const CLI::App*>;

std::vector<std::string> names_of(const Commands& commands) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  return names;
}

const CLI::App* named(const Commands& commands, const std::string& name) {
  for (const CLI::App* command : commands)
    if (command->get_name() == name) return command;
  return nullptr;
}

std::string refusal(const std::string& path, const std::string& word, const Commands& commands) {
  const std::vector<std::string> known = names_of(commands);
  const auto meant = nearest(word, known);
  return fmt::format("{}: no command \"{}\"{}; there are: {}", path, word,
                     meant ? fmt::format("; did you mean \"{}\"?", *meant) : "",
                     fmt::join(known, ", "));
}

}  // namespace

std::optional<std::string> unknown_command(const CLI::App& app,
                                           const std::vector<std::string>& words) {
  const CLI::App* place = &app;
  std::string path = app.get_name();
  for (const std::string& word : words) {
    const Commands commands = place->get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty() || word.starts_with('-')) return std::nullopt;
    place = named(commands, word);
    if (!place) return refusal(path, word, commands);
    path += " " + word;
  }
  return std::nullopt;
}

}  // namespace trunkline
