#include "trunkline/model/lora.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr std::string_view kWeight = "weight";

// A matrix, or the kernels of a convolution.
bool adaptable(const ParameterSpec& spec) {
  return spec.shape.size() >= 2 && spec.name.ends_with(kWeight);
}

// "conv1." of "conv1.weight"
std::string stem_of(const std::string& weight) {
  return weight.substr(0, weight.size() - kWeight.size());
}

// A layer, or a block of layers: "layer2.1" has "layer2.1.conv1.weight".
bool belongs_to(const std::string& parameter, const std::string& layer) {
  return parameter.starts_with(layer + ".");
}

void check_layers(const std::vector<ParameterSpec>& specs, const std::vector<std::string>& layers) {
  std::vector<std::string> known;
  for (const ParameterSpec& spec : specs)
    if (adaptable(spec)) known.push_back(spec.name.substr(0, spec.name.rfind('.')));
  for (const std::string& layer : layers)
    check<UsageError>(
        std::any_of(known.begin(), known.end(),
                    [&](const std::string& name) { return belongs_to(name + ".", layer); }),
        "finetune.lora.layers: {} is no linear layer or convolution of the trunk; it has {}", layer,
        fmt::join(known, ", "));
}

}  // namespace

void describe(Keys& keys, LoraOptions& o) {
  keys.value("rank", o.rank,
             "rank of the change that is trained of each weight, while the trunk itself stays as "
             "it is (LoRA, Hu et al. 2021); default: no adapters",
             {.min = 1});
  const KeyRules with_rank = {.when = o.given(), .when_text = "rank: a number"};
  KeyRules positive = with_rank;
  positive.min = 0;
  positive.exclusive_min = true;
  keys.value("alpha", o.alpha, "the change counts alpha / rank times; default: the rank", positive);
  keys.value("layers", o.layers,
             "linear layers, convolutions or blocks of the trunk that get adapters; default: all",
             with_rank);
}

bool is_adapter(const std::string& parameter) {
  return parameter.ends_with("lora_a") || parameter.ends_with("lora_b");
}

LoraTrunk::LoraTrunk(std::unique_ptr<Trunk> trunk, const LoraOptions& options)
    : trunk_(std::move(trunk)), scale_(1.0), specs_(trunk_->parameters()) {
  const int64_t rank = options.rank.value_or(1);
  check<UsageError>(rank >= 1, "finetune.lora.rank: {} is below 1", rank);
  scale_ = options.alpha.value_or(static_cast<double>(rank)) / static_cast<double>(rank);
  check_layers(specs_, options.layers);
  for (std::size_t i = 0; i < trunk_->parameters().size(); ++i) {
    const ParameterSpec& spec = trunk_->parameters()[i];
    const bool chosen =
        options.layers.empty() ||
        std::any_of(options.layers.begin(), options.layers.end(),
                    [&](const auto& layer) { return belongs_to(spec.name, layer); });
    if (adaptable(spec) && chosen) adapt(i, rank);
  }
  check_rank(rank);
}

void LoraTrunk::adapt(std::size_t weight, int64_t rank) {
  const ParameterSpec spec = specs_[weight];
  const int64_t outputs = spec.shape.front();
  const int64_t inputs =
      std::accumulate(spec.shape.begin() + 1, spec.shape.end(), int64_t{1}, std::multiplies<>());
  const double deviation = 1.0 / std::sqrt(static_cast<double>(inputs));
  specs_.push_back(
      {stem_of(spec.name) + "lora_a", {rank, inputs}, {Init::Kind::kNormal, deviation}});
  specs_.push_back({stem_of(spec.name) + "lora_b", {outputs, rank}, {Init::Kind::kConstant, 0.0}});
  weights_.push_back(weight);
}

// A change of full rank is training the weight itself, with more parameters.
void LoraTrunk::check_rank(int64_t rank) const {
  int64_t most = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const std::vector<int64_t>& shape = specs_[weights_[i]].shape;
    const int64_t inputs =
        std::accumulate(shape.begin() + 1, shape.end(), int64_t{1}, std::multiplies<>());
    most = std::max(most, std::min(shape.front(), inputs));
  }
  check<UsageError>(rank <= most,
                    "finetune.lora.rank: {}, but no weight that gets adapters has a rank above {}; "
                    "lower it",
                    rank, most);
}

std::vector<at::Tensor> LoraTrunk::merge(Parameters parameters) const {
  const std::size_t plain = trunk_->parameters().size();
  std::vector<at::Tensor> merged(parameters.begin(),
                                 parameters.begin() + static_cast<std::ptrdiff_t>(plain));
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const at::Tensor &a = parameters[plain + 2 * i], &b = parameters[plain + 2 * i + 1];
    at::Tensor& weight = merged[weights_[i]];
    weight = weight.add(b.matmul(a).view(weight.sizes()), scale_);
  }
  return merged;
}

TrunkOutput LoraTrunk::forward(Parameters parameters, const at::Tensor& x,
                               const Context& context) const {
  return trunk_->forward(merge(parameters), x, context);
}

std::unique_ptr<Trunk> with_adapters(std::unique_ptr<Trunk> trunk, const LoraOptions& options) {
  if (!options.given()) return trunk;
  return std::make_unique<LoraTrunk>(std::move(trunk), options);
}

}  // namespace trunkline
