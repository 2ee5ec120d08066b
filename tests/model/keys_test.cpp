// Which keys the trunk and task sections have, by kind.
#include "trunkline/core/keys.hpp"

#include <gtest/gtest.h>

#include "trunkline/core/error.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {
namespace {

// Notes the names of keys that hold, nested ones as "head.widths", and throws what is refused.
class NameKeys final : public Keys {
 public:
  std::string names;

  void value(const char* name, bool&, const char*, KeyRules r) override { note(name, r); }
  void value(const char* name, int64_t&, const char*, KeyRules r) override { note(name, r); }
  void value(const char* name, double&, const char*, KeyRules r) override { note(name, r); }
  void value(const char* name, std::string&, const char*, KeyRules r) override { note(name, r); }
  void value(const char* name, std::vector<int64_t>&, const char*, KeyRules r) override {
    note(name, r);
  }
  void value(const char* name, std::vector<double>&, const char*, KeyRules r) override {
    note(name, r);
  }
  void value(const char* name, std::vector<std::string>&, const char*, KeyRules r) override {
    note(name, r);
  }
  void value(const char* name, Optional<int64_t>&, const char*, KeyRules r) override {
    note(name, r);
  }
  void value(const char* name, Optional<double>&, const char*, KeyRules r) override {
    note(name, r);
  }
  void value(const char* name, Optional<std::string>&, const char*, KeyRules r) override {
    note(name, r);
  }
  void value(const char* name, OrderedMap<std::vector<std::string>>&, const char*,
             KeyRules r) override {
    note(name, r);
  }
  void choice(const char* name, std::string&, const std::vector<std::string>&, const char*,
              KeyRules r) override {
    note(name, r);
  }
  void reject(const char* name, const std::string& message) override {
    throw UsageError(std::string(name) + ": " + message);
  }

 protected:
  void visit_section(const char* name, const char*, const KeyRules&, const Visit& visit) override {
    const std::string outer = prefix_;
    prefix_ += std::string(name) + ".";
    visit(*this);
    prefix_ = outer;
  }
  void visit_map(const char*, const char*, const KeyRules&, std::size_t, const NameOf&,
                 const VisitEntry&) override {}

 private:
  void note(const char* name, const KeyRules& rules) {
    if (rules.when) names += prefix_ + name + " ";
  }
  std::string prefix_;
};

template <class Options>
std::string keys_of(Options options) {
  NameKeys keys;
  describe(keys, options);
  return keys.names;
}

TrunkOptions trunk(const std::string& kind, const std::string& norm = "none") {
  TrunkOptions options;
  options.kind = kind;
  options.norm = norm;
  return options;
}

TEST(TrunkKeys, DependOnTheKind) {
  EXPECT_EQ(keys_of(trunk("mlp")), "kind widths norm activation linear_output dropout ");
  EXPECT_EQ(keys_of(trunk("convnet")), "kind channels norm activation dropout ");
  EXPECT_EQ(keys_of(trunk("lenet")), "kind dropout ");
  EXPECT_EQ(keys_of(trunk("resnet18")),
            "kind dropout base_width stem_kernel groups zero_init_residual ");
  EXPECT_EQ(keys_of(trunk("mmoe")),
            "kind experts expert widths norm activation linear_output dropout ");
  TrunkOptions ple = trunk("ple");
  ple.expert = "lenet";
  EXPECT_EQ(keys_of(ple), "kind experts expert expert_layers shared_gate dropout ");
  EXPECT_EQ(keys_of(trunk("transformer")),
            "kind activation dropout vocabulary width layers heads feedforward max_length patch "
            "pooling window word_dropout word_dropout_from unknown padding ");
  EXPECT_EQ(keys_of(trunk("identity")), "kind ");
}

TEST(TrunkKeys, RefuseANormOfAnotherKind) {
  EXPECT_THROW(keys_of(trunk("mlp", "group")), UsageError);
  EXPECT_THROW(keys_of(trunk("convnet", "layer")), UsageError);
  EXPECT_NO_THROW(keys_of(trunk("convnet", "group")));
}

TEST(TrunkKeys, RefuseTransformersThatCannotBe) {
  TrunkOptions options = trunk("transformer");
  options.transformer.heads = 3;
  EXPECT_THROW(keys_of(options), UsageError);
  options = trunk("transformer");
  options.transformer.window = 4;
  EXPECT_THROW(keys_of(options), UsageError);
}

TaskOptions task(const std::string& kind, const std::string& loss = "") {
  TaskOptions options;
  options.kind = kind;
  options.loss.kind = loss;
  return options;
}

TEST(TaskKeys, DependOnTheKindWhereItIsKnown) {
  EXPECT_EQ(
      keys_of(task("")),
      "source target kind weight start_step loss label_smoothing class_weights standardize "
      "classes missing labels head.widths head.dropout head.experts head.adapter head.channels "
      "head.skip ");
  EXPECT_EQ(keys_of(task("classification")),
            "source target kind weight start_step loss label_smoothing class_weights classes "
            "missing labels head.widths head.dropout head.experts head.adapter ");
  EXPECT_EQ(keys_of(task("token_classification")), keys_of(task("classification")));
  EXPECT_EQ(keys_of(task("regression")),
            "source target kind weight start_step loss standardize missing labels head.widths "
            "head.dropout head.experts head.adapter ");
  EXPECT_EQ(keys_of(task("dense_classification")),
            "source target kind weight start_step loss label_smoothing class_weights classes "
            "missing labels head.channels head.skip ");
  EXPECT_EQ(keys_of(task("dense_regression")),
            "source target kind weight start_step loss missing labels head.channels head.skip ");
  EXPECT_EQ(
      keys_of(task("multilabel")),
      "source target kind weight start_step class_weights missing labels head.widths head.dropout "
      "head.experts head.adapter ");
  EXPECT_EQ(keys_of(task("reconstruction")),
            "source target kind weight start_step loss missing labels head.widths head.dropout "
            "head.experts head.adapter ");
  EXPECT_EQ(
      keys_of(task("clustering")),
      "source target kind weight start_step clusters projection refresh_every refresh restarts "
      "missing labels head.widths head.dropout head.experts head.adapter ");
  EXPECT_EQ(
      keys_of(task("few_shot")),
      "source target kind weight start_step missing labels head.widths head.dropout head.experts "
      "head.adapter ");
}

std::string loss_keys(const std::string& kind, const std::string& loss) {
  TaskOptions options = task(kind, loss);
  options.loss.quantiles = {0.5};
  const std::string names = keys_of(options);
  const std::size_t begin = names.find("loss ") + 5;
  return names.substr(begin, names.find("missing") - begin);
}

TEST(TaskKeys, DependOnTheLoss) {
  EXPECT_EQ(loss_keys("classification", "cross_entropy"), "label_smoothing class_weights classes ");
  EXPECT_EQ(loss_keys("classification", "focal"), "focal_gamma class_weights classes ");
  EXPECT_EQ(loss_keys("regression", "huber"), "huber_delta standardize ");
  EXPECT_EQ(loss_keys("regression", "quantile"), "quantiles standardize ");
  EXPECT_EQ(loss_keys("regression", "gaussian"), "standardize ");
}

TEST(TaskKeys, RefuseValuesThatCannotBe) {
  TaskOptions options = task("classification");
  options.loss.label_smoothing = 1.0;
  EXPECT_THROW(keys_of(options), UsageError);
  options = task("classification");
  options.loss.class_weights = {"1", "heavy"};
  EXPECT_THROW(keys_of(options), UsageError);
  options = task("regression", "quantile");
  options.loss.quantiles = {0.9, 0.1};
  EXPECT_THROW(keys_of(options), UsageError);
  options = task("reconstruction");
  options.target = "y";
  EXPECT_THROW(keys_of(options), UsageError);
}

}  // namespace
}  // namespace trunkline
