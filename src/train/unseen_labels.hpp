// Classes that are asked of a model which has never seen them.
#pragma once

#include "trunkline/train/session.hpp"

namespace trunkline {

/// Compares the classes of the rows that evaluations read with those of the training rows, of every
/// classification task that uses all its labels and does not state how many classes there are.
/// Rank 0 reads. Collective. @throws AgreedError (data) naming source, field, class and row
void check_unseen_labels(const Session& session);

}  // namespace trunkline
