#include <fmt/format.h>

#include <iostream>

#include "command.hpp"
#include "config_page.hpp"
#include "program.hpp"
#include "trunkline/train/config.hpp"

namespace trunkline {
namespace {

std::vector<KeyHelp> all_keys() {
  Config config;
  return document_keys([&](Keys& keys) { describe(keys, config); });
}

nlohmann::json to_json(const std::vector<KeyHelp>& keys) {
  nlohmann::json list = nlohmann::json::array();
  for (const KeyHelp& key : keys)
    list.push_back({{"key", key.path},
                    {"type", key.type},
                    {"default", key.default_value},
                    {"range", key.range},
                    {"condition", key.condition},
                    {"help", key.help}});
  return list;
}

std::string line_of(const KeyHelp& key) {
  std::string facts = key.type;
  if (key.type != "section") facts += ", default " + key.default_value;
  if (!key.range.empty()) facts += ", " + key.range;
  if (!key.condition.empty()) facts += ", with " + key.condition;
  return fmt::format("{}  ({})\n    {}\n", key.path, facts, key.help);
}

}  // namespace

void add_help(CLI::App& app, Action& action) {
  auto json = std::make_shared<std::string>();
  auto markdown = std::make_shared<bool>(false);
  CLI::App& help = *app.add_subcommand("help", "Explain the config");
  help.require_subcommand(1);
  CLI::App& config =
      *help.add_subcommand("config", "Every key of a config: type, default, range, meaning");
  config.add_option("--json", *json, "write the keys to this file (- for standard output)");
  config.add_flag("--markdown", *markdown, "print the keys as a page, docs/config.md");
  config.callback([json, markdown, &action] {
    action = [json, markdown] {
      return run_alone([&] {
        const std::vector<KeyHelp> keys = all_keys();
        write_json(*json, to_json(keys));
        if (*markdown)
          std::cout << config_page(keys);
        else if (*json != "-")
          for (const KeyHelp& key : keys) std::cout << line_of(key);
        return ExitCode::kDone;
      });
    };
  });
}

}  // namespace trunkline
