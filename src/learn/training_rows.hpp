// One pass over the training rows of a task, cut over the ranks that hold it.
#pragma once

#include <ATen/core/TensorBody.h>

#include <functional>

#include "trunkline/model/trunk.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline {

/// visit(trunk output, samples) for this rank's share of the rows of the task's source, in blocks,
/// as evaluation sees them; never where this rank does not hold the task. Not collective.
/// @throws DataError
void for_training_rows(
    const Session& session, std::size_t task,
    const std::function<void(const TrunkOutput& output, const at::Tensor& samples)>& visit);

}  // namespace trunkline
