#include "program.hpp"

#include <iostream>

#include "trunkline/store/file.hpp"

namespace trunkline {

void write_json(const std::string& path, const nlohmann::json& json) {
  if (path.empty()) return;
  if (path == "-")
    std::cout << json.dump(2) << std::endl;
  else
    write_file_durably(path, json.dump(2) + "\n");
}

}  // namespace trunkline
