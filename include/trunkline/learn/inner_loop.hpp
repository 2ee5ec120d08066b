// Gradient descent as a function of where it starts: the inner loop of meta-learning, and the
// meta-gradients of Finn et al. 2017 (MAML), Raghu et al. 2020 (ANIL) and Nichol et al. 2018
// (Reptile). Pure functions: no parameter and no .grad is written.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace trunkline {

using Tensors = std::vector<at::Tensor>;

/// Mean loss at some parameters in inner step k: a differentiable scalar.
using InnerLoss = std::function<at::Tensor(const Tensors& parameters, int64_t step)>;

struct InnerLoop {
  int64_t steps = 1;          ///< K
  double rate = 0.1;          ///< alpha
  bool second_order = false;  ///< whether its result is differentiated through its gradients
};

/// An episode: what the inner loop descends, and what its result is judged by.
struct EpisodeLosses {
  InnerLoss support;
  std::function<at::Tensor(const Tensors& parameters)> query;
};

/// What an episode says of a model.
struct EpisodeGradient {
  Tensors gradient;   ///< undefined where a parameter has no part in it
  double loss = 0.0;  ///< of the query after adaptation
};

/// theta^K of theta^{k+1} = theta^k - alpha * grad loss(theta^k), as a function of `start`: with
/// second_order of all that gradients depend on, else as if they were constants.
/// @param start tensors that require gradients
Tensors descend(const Tensors& start, const InnerLoss& loss, const InnerLoop& loop);

/// The gradient of query(theta^K) with respect to `moving`: MAML and second-order ANIL with
/// loop.second_order, FOMAML and first-order ANIL without.
/// @param moving what training moves   @param start what the inner loop begins with: all of
/// `moving` (MAML), or those of the head (ANIL)
EpisodeGradient query_gradient(const Tensors& moving, const Tensors& start,
                               const EpisodeLosses& losses, const InnerLoop& loop);

/// Reptile: theta - theta^K in place of a gradient.
EpisodeGradient reptile_gradient(const Tensors& start, const EpisodeLosses& losses,
                                 const InnerLoop& loop);

}  // namespace trunkline
