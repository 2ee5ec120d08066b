#include "trunkline/learn/inner_loop.hpp"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "trunkline/core/error.hpp"
#include "trunkline/model/second_derivatives.hpp"

namespace trunkline {
namespace {

Tensors gradients_of(const at::Tensor& loss, const Tensors& parameters, bool create_graph) {
  return torch::autograd::grad({loss}, parameters, {}, create_graph, create_graph,
                               /*allow_unused=*/true);
}

}  // namespace

Tensors descend(const Tensors& start, const InnerLoss& loss, const InnerLoop& loop) {
  Tensors current = start;
  for (int64_t k = 0; k < loop.steps; ++k) {
    const Tensors gradients = gradients_of(loss(current, k), current, loop.second_order);
    for (std::size_t i = 0; i < current.size(); ++i)
      if (gradients[i].defined()) current[i] = current[i].sub(gradients[i], loop.rate);
  }
  return current;
}

EpisodeGradient query_gradient(const Tensors& moving, const Tensors& start,
                               const EpisodeLosses& losses, const InnerLoop& loop) {
  const at::Tensor loss = losses.query(descend(start, losses.support, loop));
  return {gradients_of(loss, moving, false), loss.item<double>()};
}

EpisodeGradient reptile_gradient(const Tensors& start, const EpisodeLosses& losses,
                                 const InnerLoop& loop) {
  ensure(!loop.second_order, "Reptile does not differentiate its inner loop");
  const Tensors end = descend(start, losses.support, loop);
  const at::NoGradGuard no_grad;
  EpisodeGradient result;
  for (std::size_t i = 0; i < start.size(); ++i) result.gradient.push_back(start[i].sub(end[i]));
  result.loss = losses.query(end).item<double>();
  return result;
}

}  // namespace trunkline
