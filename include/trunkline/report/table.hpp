// Plain text tables.
#pragma once

#include <string>
#include <vector>

namespace trunkline {

/// Columns as wide as their widest cell (UTF-8 aware), numbers (cells that begin with a digit, sign
/// or dot) to the right, one header rule. Ends with a newline.
std::string format_table(const std::vector<std::string>& header,
                         const std::vector<std::vector<std::string>>& rows);

std::string format_count(double n);      ///< 1,234,567
std::string format_bytes(double bytes);  ///< 1.2 MiB
std::string format_seconds(double s);    ///< 0:12, 3:04:05
std::string format_metric(double v);     ///< about four significant digits

}  // namespace trunkline
