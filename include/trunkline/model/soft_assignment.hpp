// Deep embedded clustering (Xie, Girshick & Farhadi 2016): how near rows are to centres, and what
// they are pulled to.
#pragma once

#include <ATen/core/TensorBody.h>

namespace trunkline {

/// log q_ij, q_ij = (1 + |z_i - m_j|^2)^-1 over its sum along j: Student's t with one degree of
/// freedom. Differentiable. @param z (n, d)   @param centres (k, d)   @return (n, k)
at::Tensor log_soft_assignment(const at::Tensor& z, const at::Tensor& centres);

/// p_ij = q_ij^2 / f_j over its sum along j, without gradient: what is sure becomes surer, and
/// large clusters do not swallow the small. All 0 where the mass is, before clusters have started:
/// then nothing pulls. @param log_q (n, k)   @param mass (k): f_j, the sum of q_ij over the
/// training rows
at::Tensor target_distribution(const at::Tensor& log_q, const at::Tensor& mass);

/// KL(p | q) of each row: (n). Differentiable in log_q.
at::Tensor divergence(const at::Tensor& p, const at::Tensor& log_q);

}  // namespace trunkline
