// Which data sets of a group are inputs and targets, and what their attributes and companions say.
#pragma once

#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/h5/dataset.hpp"

namespace trunkline::h5 {

/// A field and the data set that holds it: a target that is wanted as "y" may be stored as "label".
struct FieldName {
  std::string name, dataset;
};

/// The inputs of a group: the configured one; else those with the attribute role = "input"; else x;
/// else the only one of X, data, image, images, features, inputs, raw, tokens. IoThread only.
/// @throws DataError that lists what is there, if there is none, or more than one candidate
std::vector<FieldName> find_inputs(const File& file, const std::string& group,
                                   const std::string& configured);

/// The target of that name; where y (or nothing) is wanted and there is no y: the only one with
/// role = "target", else the only one of Y, label, labels, target, targets, output. IoThread only.
FieldName find_target(const File& file, const std::string& group, const std::string& wanted);

/// What the file says of a field: type, row shape, attributes, companions, classes by class_names,
/// num_classes, or ENUM (which must agree). The number of classes by labels is not looked for.
/// @param target implies a kind where the attribute `kind` is absent: classification for integers
///   and wherever classes are given, regression for floats, nothing for several integers per row
/// @throws DataError for contradictions, unknown kinds, and ragged fields. IoThread only.
FieldDescription describe_field(const File& file, const std::string& group, const FieldName& field,
                                bool target);

/// Whether a companion (FIELD_valid, FIELD_weight, group_id) exists in a group. IoThread only.
bool has_companion(const File& file, const std::string& group, const std::string& name);

}  // namespace trunkline::h5
