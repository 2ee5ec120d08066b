// How evenly rows lie in clusters. Torch-free.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace trunkline {

/// -sum of p log p with p the shares of the sizes, in nats: 0 for one cluster, log k for k even
/// ones. 0 without rows.
double entropy_of_sizes(std::span<const double> sizes);

/// Rows of the smallest cluster over all rows. Undefined without rows.
std::optional<double> smallest_share(std::span<const double> sizes);

/// Clusters with less than a tenth of an even share of the rows.
std::vector<std::size_t> collapsed_clusters(std::span<const double> sizes);

}  // namespace trunkline
