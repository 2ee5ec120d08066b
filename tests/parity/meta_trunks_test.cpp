// Meta-steps through every kind of trunk: the second-order gradient is that of finite differences,
// and the same on any number of ranks.
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "learn/episodes_file.hpp"
#include "parity/training.hpp"
#include "support/thread_world.hpp"
#include "trunkline/learn/learner.hpp"
#include "trunkline/learn/step_actions.hpp"
#include "trunkline/model/second_derivatives.hpp"

namespace trunkline::test {
namespace {

struct Way {
  std::string name;
  Shape shape;  // of a row
  std::vector<std::string> overrides;
  bool adapters = false;  // of low rank, on a trained trunk
  friend void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }
};

const std::vector<Way>& ways() {
  const std::string layers = "widths: [6], activation: tanh, dropout: 0.1";
  const Shape image = {1, 4, 4};
  static const std::vector<Way> all = {
      {"Mlp", {5}, {}},
      {"Stem", {5}, {"sources.s.stem={kind: mlp, widths: [4], activation: tanh}"}},
      {"Mmoe", {5}, {"trunk={kind: mmoe, experts: 3, " + layers + "}"}},
      {"Cgc", {5}, {"trunk={kind: cgc, experts: 2, " + layers + "}", "tasks.few.head.experts=1"}},
      {"Ple",
       {5},
       {"trunk={kind: ple, experts: 2, expert_layers: 2, " + layers + "}",
        "tasks.few.head.experts=1"}},
      {"Adapter", {5}, {"tasks.few.head.adapter=3"}},
      {"Lora", {5}, {"finetune.lora={rank: 2}"}, true},
      {"Convnet", image, {"trunk={kind: convnet, channels: [3, 4], norm: group}"}},
      {"Transformer",
       image,
       {"trunk={kind: transformer, patch: 2, width: 8, heads: 2, layers: 2, dropout: 0.1}"}}};
  return all;
}

class MetaTrunks : public testing::TestWithParam<Way> {
 protected:
  const TemporaryFolder folder_;
  const std::string config_ = write_meta_config(folder_ / "", "algorithm: maml", GetParam().shape);

  // The adapters of low rank begin at zero, where their own inner gradient is: a step moves them.
  std::vector<std::string> overrides() const {
    std::vector<std::string> all = GetParam().overrides;
    if (GetParam().adapters)
      all.push_back("init.from=" + save_parent(config_, folder_ / "", {}, 0));
    return all;
  }
};

INSTANTIATE_TEST_SUITE_P(Ways, MetaTrunks, testing::ValuesIn(ways()),
                         [](const auto& way) { return way.param.name; });

TEST_P(MetaTrunks, LearnTheSameOnAnyNumberOfRanks) {
  const std::vector<std::string> more = overrides();
  const Weights alone = train_steps(config_, {"one", 1, more}, 3, make_step_actions);
  for (const int ranks : {2, 3})
    EXPECT_LT(
        largest_difference(train_steps(config_, {"", ranks, more}, 3, make_step_actions), alone),
        1e-10)
        << ranks << " ranks";
}

// Along the gradient itself, the slope of the query's loss is its square.
TEST_P(MetaTrunks, HaveTheGradientOfFiniteDifferences) {
  const Cut alone{"alone", 1, overrides()};
  train_on_ranks(config_, alone, 2, make_step_actions, [](TrainingSession& training, Ranks& ranks) {
    const Session& s = training.session();
    const EpisodePool pool =
        std::move(make_pools({s.config, s.sources, s.plan, *s.model, ranks}, Split::kTrain)[0]);
    Context context;
    context.training = true;
    const Episode episode = pool.draw(7, context);
    const Learner learner(*s.model, 0, 0, false);
    const EpisodeLosses losses = learner.losses(episode);
    const InnerLoop loop{2, 0.3, true};
    const SecondDerivatives second;
    const auto evaluate = [&] {
      return query_gradient(learner.moving(), learner.start(), losses, loop);
    };
    const EpisodeGradient found = evaluate();
    double square = 0.0;
    for (const at::Tensor& gradient : found.gradient)
      if (gradient.defined()) square += gradient.square().sum().item<double>();
    const auto loss_at = [&](double distance) {
      const auto shift = [&](double by) {
        const at::NoGradGuard no_grad;
        const Tensors moving = learner.moving();
        for (std::size_t i = 0; i < moving.size(); ++i)
          if (found.gradient[i].defined()) moving[i].data().add_(found.gradient[i], by);
      };
      shift(distance);
      const double loss = evaluate().loss;
      shift(-distance);
      return loss;
    };
    constexpr double kStep = 1e-5;
    const double slope = (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep);
    ASSERT_GT(square, 1e-6);
    EXPECT_NEAR(slope / square, 1.0, 1e-5);
  });
}

}  // namespace
}  // namespace trunkline::test
