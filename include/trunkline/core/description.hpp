// What a source offers, in words: its fields, their types and shapes, and what they mean.
// Torch-free.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/core/dtype.hpp"

namespace trunkline {

/// One field (input or target) of a source: what the file says of it and of its companions.
struct FieldDescription {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;  ///< of one row; empty for a scalar per row
  bool has_valid = false;      ///< a companion NAME_valid exists (u8, 1 = present)
  std::vector<int64_t>
      valid_shape;          ///< row shape of NAME_valid: empty (per row) or equal to `shape`
  bool has_weight = false;  ///< a companion NAME_weight exists (f32 per row)
  std::string kind;         ///< attribute `kind`, or what the type implies; empty for inputs
  std::optional<int64_t> num_classes;  ///< from attributes, an ENUM, or 1 + the largest label; of
                                       ///< an input: its attribute `vocabulary`
  std::vector<std::string> class_names;
  std::optional<double> ignore_value;  ///< value that means "no label"
  std::vector<double> scale, bias;     ///< empty, one number, or one per channel: v * scale + bias
  std::string layout;                  ///< chw, hwc, cdhw, dhwc, or empty
  std::string units;
  std::vector<std::string> columns;  ///< names of an input's columns; may be empty
  std::vector<int64_t> codes;  ///< per column of an input: how many codes it has, 0 for a number;
                               ///< empty: all are numbers
  uint64_t code_names = 0;     ///< a hash of what the codes stand for; 0: the file does not say

  int64_t row_elements() const {
    int64_t n = 1;
    for (const int64_t extent : shape) n *= extent;
    return n;
  }
};

/// Whether codes of two inputs mean the same, as far as their files say.
bool same_codes(const FieldDescription& a, const FieldDescription& b);

/// One source as found on disk: the fields that the config names and the rows of one split.
struct SourceDescription {
  std::string name;
  std::vector<FieldDescription> inputs;
  std::vector<FieldDescription> targets;
  int64_t rows = 0;  ///< selected rows of the split over all files

  const FieldDescription& target(const std::string& field) const;  ///< @throws DataError if absent
};

}  // namespace trunkline
