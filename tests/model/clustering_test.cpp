// A clustering task: the loss of its paper, what it is before it has started, labels that only
// measure.
#include "trunkline/model/clustering.hpp"

#include <ATen/ops/ones_like.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "task_support.hpp"
#include "trunkline/model/cluster_sizes.hpp"
#include "trunkline/model/soft_assignment.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

using nlohmann::json;

json golden_dec() {
  std::ifstream file(std::string(TRUNKLINE_GOLDEN) + "/metrics.json");
  const json golden = json::parse(file);
  for (const json& c : golden.at("cases"))
    if (c.at("metric") == "dec") return c;
  return {};
}

at::Tensor matrix(const json& rows) {
  std::vector<double> values;
  for (const json& row : rows)
    for (const json& value : row) values.push_back(value);
  return numbers(values, {static_cast<int64_t>(rows.size()), -1});
}

bool near(const at::Tensor& a, const at::Tensor& b) { return a.allclose(b, 0.0, 1e-12); }

TEST(SoftAssignment, IsThatOfTheGoldenFile) {
  const json c = golden_dec();
  const at::Tensor z = matrix(c["z"]).requires_grad_(), mu = matrix(c["mu"]).requires_grad_();
  const at::Tensor log_q = log_soft_assignment(z, mu);
  const at::Tensor p = target_distribution(log_q, log_q.exp().sum(0));
  EXPECT_TRUE(near(log_q.exp(), matrix(c["q"])));
  EXPECT_TRUE(near(p, matrix(c["p"])));
  EXPECT_FALSE(p.requires_grad());
  const at::Tensor kl = divergence(p, log_q).sum();
  EXPECT_NEAR(kl.item<double>(), c["kl_sum"].get<double>(), 1e-12);
  kl.backward();
  EXPECT_TRUE(near(z.grad(), matrix(c["dkl_dz"])));
  EXPECT_TRUE(near(mu.grad(), matrix(c["dkl_dmu"])));
}

TEST(SoftAssignment, OfFarAndOfEqualPointsStaysFinite) {
  const at::Tensor z = numbers({0, 1e8, 3}, {3, 1}).to(c10::kFloat).requires_grad_();
  const at::Tensor mu = numbers({0, 3}, {2, 1}).to(c10::kFloat).requires_grad_();
  const at::Tensor log_q = log_soft_assignment(z, mu);
  divergence(target_distribution(log_q, log_q.exp().sum(0)), log_q).sum().backward();
  for (const at::Tensor& tensor : {log_q, z.grad(), mu.grad()})
    EXPECT_TRUE(tensor.isfinite().all().item<bool>());
}

TEST(ClusterSizes, TellCollapsedClusters) {
  const std::vector<double> sizes = {40, 1, 39, 0};
  EXPECT_EQ(collapsed_clusters(sizes), (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(smallest_share(sizes), 0.0);
  EXPECT_NEAR(entropy_of_sizes(std::vector<double>{5, 5}), std::log(2.0), 1e-15);
  EXPECT_FALSE(smallest_share(std::vector<double>{0, 0}));
}

TaskOptions clustering_options(int64_t clusters = 3, int64_t projection = 0) {
  TaskOptions options = task_options("clustering");
  options.clustering.clusters = clusters;
  options.clustering.projection = projection;
  return options;
}

TaskOptions labelled(TaskOptions options) {
  options.target = "y";
  return options;
}

/// A task and the parameters of its head, behind a trunk of width 4.
struct Fixture {
  explicit Fixture(const TaskOptions& options, const FieldDescription& field = {})
      : owned(task_of(options, field)),
        task(dynamic_cast<const Clustering&>(*owned)),
        parameters(materialize(task.parameters(), "heads.t.")) {}

  // As a run would: centres somewhere, then the masses of these rows.
  void start(const at::Tensor& features) {
    task.centres(parameters).data().copy_(noise("centres", {task.clusters(), task.dimensions()}));
    const at::Tensor z = task.embed(parameters, {features, {}, {}}, {});
    const at::Tensor log_q = log_soft_assignment(z, task.centres(parameters));
    task.mass(parameters).data().copy_(log_q.exp().sum(0));
  }
  at::Tensor forward(const at::Tensor& features) const {
    return task.forward(parameters, {features, {}, {}}, {});
  }

  std::unique_ptr<Task> owned;
  const Clustering& task;
  std::vector<at::Tensor> parameters;
};

const at::Tensor& features() {
  static const at::Tensor x = noise("features", {8, 4});
  return x;
}

Batch rows(const std::vector<double>& labels) {
  return batch_of({{"y", numbers(labels, {static_cast<int64_t>(labels.size())})}});
}

TEST(Clustering, HasCentresInTheFeaturesOrInAProjection) {
  const Fixture plain(clustering_options()), projected(clustering_options(3, 2));
  EXPECT_EQ(plain.task.dimensions(), 4);
  EXPECT_EQ(plain.parameters.size(), 2u);
  EXPECT_EQ(projected.task.dimensions(), 2);
  EXPECT_EQ(projected.parameters.size(), 4u);
  EXPECT_EQ(projected.task.parameters()[0].name, "out.weight");
  EXPECT_EQ(projected.forward(features()).sizes(), at::IntArrayRef({8, 6}));
}

TEST(Clustering, PullsToKeptTargetsInTrainingAlone) {
  Fixture fixture(clustering_options());
  fixture.start(features());
  const at::Tensor kept = numbers({.2, .3, .5, .6, .3, .1, .1, .1, .8}, {3, 3});
  dynamic_cast<Clustering&>(*fixture.owned).keep_targets(kept);
  Context context;
  context.rows = {{0, numbers({2, 0}, {2}).to(c10::kLong)}};
  const auto p = [&] {
    return fixture.task.forward(fixture.parameters, {features().narrow(0, 0, 2), {}, {}}, context)
        .narrow(1, 3, 3);
  };
  EXPECT_FALSE(near(p()[0], kept[2]));
  context.training = true;
  EXPECT_TRUE(near(p(), kept.index_select(0, context.rows[0].samples)));
}

TEST(Clustering, PullsAtNothingBeforeItHasStarted) {
  const Fixture fixture(clustering_options(3, 2));
  const at::Tensor x = features().clone().requires_grad_();
  const at::Tensor output = fixture.forward(x);
  const Target target = fixture.task.target(rows(std::vector<double>(8, 0.0)), c10::kDouble);
  const at::Tensor loss = fixture.task.loss_sum(output, target);
  loss.backward();
  EXPECT_EQ(loss.item<double>(), 0.0);
  EXPECT_TRUE(x.grad().eq(0).all().item<bool>());
  const auto metric = fixture.task.metric();
  metric->add(output.detach(), target);
  EXPECT_TRUE(values_of(*metric).empty());
  EXPECT_EQ(metric->values()[0].name, "loss");
}

TEST(Clustering, LossIsTheDivergenceAndMassHasNoGradient) {
  Fixture fixture(clustering_options());
  fixture.start(features());
  const at::Tensor output = fixture.forward(features());
  const Target target = fixture.task.target(rows(std::vector<double>(8, 0.0)), c10::kDouble);
  const at::Tensor loss = fixture.task.loss_sum(output, target);
  const at::Tensor log_q = output.narrow(1, 0, 3), p = output.narrow(1, 3, 3);
  EXPECT_NEAR(loss.item<double>(), divergence(p, log_q).sum().item<double>(), 1e-15);
  EXPECT_GT(loss.item<double>(), 0.0);
  loss.backward();
  EXPECT_TRUE(fixture.task.centres(fixture.parameters).grad().ne(0).all().item<bool>());
  EXPECT_FALSE(fixture.task.mass(fixture.parameters).grad().defined());
  EXPECT_EQ(fixture.task.count(target).valid, 8.0);
}

TEST(Clustering, MeasuresWithTheLabelsThatThereAre) {
  TaskOptions options = labelled(clustering_options());
  options.missing = "nan";
  Fixture fixture(options, target_field(DType::kF32));
  fixture.start(features());
  const at::Tensor output = fixture.forward(features());
  auto labels = to_vector<double>(output.narrow(1, 0, 3).argmax(1).mul(-10));
  labels[0] = labels[5] = kNan;
  const Target target = fixture.task.target(rows(labels), c10::kDouble);
  const auto whole = fixture.task.metric(), merged = fixture.task.metric();
  whole->add(output.detach(), target);
  merged->merge(whole->state());
  for (const auto& values : {values_of(*whole), values_of(*merged)}) {
    EXPECT_EQ(values.at("cluster_accuracy"), 1.0);
    EXPECT_NEAR(values.at("nmi"), 1.0, 1e-12);
    EXPECT_EQ(values.at("ari"), 1.0);
    EXPECT_NEAR(values.at("loss"), fixture.task.loss_sum(output, target).item<double>() / 8.0,
                1e-15);
  }
}

TEST(Clustering, NeedsNoLabels) {
  Fixture fixture(clustering_options());
  fixture.start(features());
  Batch batch = rows(std::vector<double>(8, 0.0));
  batch.fields.clear();
  const auto metric = fixture.task.metric();
  metric->add(fixture.forward(features()).detach(), fixture.task.target(batch, c10::kDouble));
  EXPECT_EQ(values_of(*metric).count("nmi"), 0u);
  EXPECT_EQ(values_of(*metric).count("min_cluster_share"), 1u);
  EXPECT_EQ(metric->values().size(), 3u);
}

TEST(Clustering, PredictsTheNearestCentreAndHowSureThatIs) {
  Fixture fixture(clustering_options());
  fixture.start(features());
  const Prediction prediction = fixture.task.predict(fixture.forward(features()).detach());
  EXPECT_EQ(prediction.prediction.scalar_type(), c10::kLong);
  EXPECT_TRUE(prediction.probability.sum(1).allclose(at::ones_like(prediction.confidence)));
  EXPECT_TRUE(prediction.confidence.equal(prediction.probability.amax(1)));
  const at::Tensor distance = features().unsqueeze(1).sub(fixture.task.centres(fixture.parameters));
  EXPECT_TRUE(prediction.prediction.equal(distance.square().sum(2).argmin(1)));
}

TEST(Clustering, SaysWhatDoesNotFit) {
  const auto refusal = [](const TaskOptions& options, const FieldDescription& field) {
    return message_of<UsageError>([&] { task_of(options, field); });
  };
  EXPECT_EQ(refusal(clustering_options(1), {}), "tasks.t.clusters: 1; expected 2 or more");
  std::array<HeadOptions, 4> heads;
  heads[0].widths = {5};
  heads[1].dropout = 0.5;
  heads[2].experts = 2;
  heads[3].adapter = 4;
  for (const HeadOptions& head : heads) {
    TaskOptions options = clustering_options();
    options.head = head;
    EXPECT_EQ(refusal(options, {}),
              "tasks.t.head: layers in front of a projection; set tasks.t.projection, or leave "
              "them out to cluster the trunk's features");
  }
  EXPECT_EQ(refusal(labelled(clustering_options()), target_field(DType::kF32, {3})),
            "tasks.t.target: y has 3 values per row; a clustering is compared with one whole "
            "number per row, or with nothing");
  const Fixture fixture(labelled(clustering_options()), target_field(DType::kF32));
  EXPECT_EQ(message_of<DataError>([&] {
              fixture.task.target(rows({1, 2.5}), c10::kDouble);
            }),
            "source shapes: y: label 2.5 at row 301, expected a whole number; mend the file or "
            "mark the label as missing");
}

}  // namespace
}  // namespace trunkline
