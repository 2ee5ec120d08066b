// The numeric cores of the metrics against golden/metrics.json (scikit-learn 1.9.1), whole and
// merged from every split of the rows into two.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "trunkline/model/confusion_matrix.hpp"
#include "trunkline/model/contingency_table.hpp"
#include "trunkline/model/regression_errors.hpp"
#include "trunkline/model/roc_auc.hpp"

namespace trunkline {
namespace {

using nlohmann::json;
constexpr double kTolerance = 1e-12;

std::vector<json> cases(const std::string& metric) {
  std::ifstream file(std::string(TRUNKLINE_GOLDEN) + "/metrics.json");
  const json golden = json::parse(file);
  std::vector<json> found;
  for (const json& c : golden.at("cases"))
    if (c.at("metric") == metric) found.push_back(c);
  EXPECT_FALSE(found.empty()) << metric;
  return found;
}

void expect_golden(const std::optional<double>& value, const json& golden, const json& name) {
  ASSERT_EQ(value.has_value(), !golden.is_null()) << name;
  if (!value) return;
  EXPECT_NEAR(*value, golden.get<double>(), kTolerance) << name;
}

// Every accumulator that sees rows [0, cut) and is merged with one that sees the others.
template <class Accumulator>
void for_each_split(const Accumulator& empty, std::size_t rows,
                    const std::function<void(Accumulator&, std::size_t)>& add,
                    const std::function<void(const Accumulator&)>& expect) {
  for (std::size_t cut = 0; cut <= rows; ++cut) {
    Accumulator front = empty, back = empty;
    for (std::size_t i = 0; i < rows; ++i) add(i < cut ? front : back, i);
    std::vector<double> saved;
    back.save(saved);
    std::span<const double> state(saved);
    front.merge(state);
    EXPECT_TRUE(state.empty());
    expect(front);
  }
}

TEST(GoldenMetrics, RocAucOfScikitLearn) {
  for (const json& c : cases("roc_auc")) {
    const json &labels = c.at("labels"), &scores = c.at("scores");
    for_each_split<RocAuc>(
        {}, labels.size(),
        [&](RocAuc& auc, std::size_t i) {
          if (!labels[i].is_null()) auc.add(scores[i], labels[i].get<double>() == 1.0);
        },
        [&](const RocAuc& auc) { expect_golden(auc.value(), c.at("value"), c.at("name")); });
  }
}

TEST(GoldenMetrics, ConfusionMatrixOfScikitLearn) {
  for (const json& c : cases("classification")) {
    const json &labels = c.at("labels"), &predictions = c.at("predictions");
    const int64_t classes = c.at("classes");
    for_each_split<ConfusionMatrix>(
        ConfusionMatrix(classes), labels.size(),
        [&](ConfusionMatrix& m, std::size_t i) { m.add(labels[i], predictions[i]); },
        [&](const ConfusionMatrix& m) {
          expect_golden(m.accuracy(), c.at("accuracy"), c.at("name"));
          expect_golden(m.macro_f1(), c.at("macro_f1"), c.at("name"));
          expect_golden(m.balanced_accuracy(), c.at("balanced_accuracy"), c.at("name"));
          for (int64_t k = 0; k < classes; ++k) {
            expect_golden(m.f1(k), c.at("per_class_f1")[static_cast<std::size_t>(k)], c.at("name"));
            for (int64_t j = 0; j < classes; ++j)
              EXPECT_EQ(
                  m.count(k, j),
                  c.at("confusion")[static_cast<std::size_t>(k)][static_cast<std::size_t>(j)]);
          }
        });
  }
}

TEST(GoldenMetrics, RegressionErrorsOfScikitLearn) {
  for (const json& c : cases("regression")) {
    const json &labels = c.at("labels"), &predictions = c.at("predictions");
    for_each_split<RegressionErrors>(
        {}, labels.size(),
        [&](RegressionErrors& errors, std::size_t i) {
          if (!labels[i].is_null()) errors.add(labels[i], predictions[i]);
        },
        [&](const RegressionErrors& errors) {
          EXPECT_EQ(errors.count(), c.at("count").get<double>());
          expect_golden(errors.r2(), c.at("r2"), c.at("name"));
          expect_golden(std::sqrt(errors.squared() / errors.count()), c.at("rmse"), c.at("name"));
          expect_golden(errors.absolute() / errors.count(), c.at("mae"), c.at("name"));
        });
  }
}

TEST(GoldenMetrics, ContingencyTableOfScikitLearn) {
  for (const json& c : cases("clustering")) {
    const json &labels = c.at("labels"), &clusters = c.at("clusters");
    const int64_t k = 1 + std::max_element(clusters.begin(), clusters.end())->get<int64_t>();
    for_each_split<ContingencyTable>(
        ContingencyTable(k), labels.size(),
        [&](ContingencyTable& table, std::size_t i) { table.add(labels[i], clusters[i]); },
        [&](const ContingencyTable& table) {
          expect_golden(table.nmi(), c.at("nmi"), c.at("name"));
          expect_golden(table.ari(), c.at("ari"), c.at("name"));
          expect_golden(table.accuracy(), c.at("accuracy"), c.at("name"));
        });
  }
}

TEST(ContingencyTable, IsUndefinedWithoutRowsAndTakesAnyWholeNumber) {
  ContingencyTable table(3);
  EXPECT_FALSE(table.nmi() || table.ari() || table.accuracy());
  for (const int64_t label : {-7, -7, 1000000}) table.add(label, label < 0 ? 2 : 0);
  EXPECT_EQ(table.accuracy(), 1.0);
}

TEST(RocAuc, IsUndefinedWhereAScoreIsNotANumber) {
  RocAuc auc;
  auc.add(0.5, true);
  auc.add(std::nan(""), false);
  EXPECT_FALSE(auc.value());
}

TEST(RegressionErrors, ConstantLabelsStayConstantWhenMerged) {
  RegressionErrors total;
  for (int rank = 0; rank < 3; ++rank) {
    RegressionErrors part;
    for (int i = 0; i < 3; ++i) part.add(0.1, 0.2);
    std::vector<double> saved;
    part.save(saved);
    std::span<const double> state(saved);
    total.merge(state);
  }
  EXPECT_FALSE(total.r2());
}

}  // namespace
}  // namespace trunkline
