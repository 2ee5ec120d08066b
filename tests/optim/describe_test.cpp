// Which keys belong to which kind of optimizer and schedule.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/optim/schedule.hpp"

namespace trunkline {
namespace {

/// Notes the keys that hold for the options at hand, and the refusals.
class KeyRecorder final : public Keys {
 public:
  void value(const char* name, bool&, const char*, KeyRules rules) override { note(name, rules); }
  void value(const char* name, int64_t&, const char*, KeyRules rules) override {
    note(name, rules);
  }
  void value(const char* name, double&, const char*, KeyRules rules) override { note(name, rules); }
  void value(const char* name, std::string&, const char*, KeyRules rules) override {
    note(name, rules);
  }
  void value(const char* name, std::vector<int64_t>&, const char*, KeyRules rules) override {
    note(name, rules);
  }
  void value(const char* name, std::vector<double>&, const char*, KeyRules rules) override {
    note(name, rules);
  }
  void value(const char* name, std::vector<std::string>&, const char*, KeyRules rules) override {
    note(name, rules);
  }
  void value(const char* name, Optional<int64_t>&, const char*, KeyRules rules) override {
    note(name, rules);
  }
  void value(const char* name, Optional<double>&, const char*, KeyRules rules) override {
    note(name, rules);
  }
  void value(const char* name, Optional<std::string>&, const char*, KeyRules rules) override {
    note(name, rules);
  }
  void value(const char* name, OrderedMap<std::vector<std::string>>&, const char*,
             KeyRules rules) override {
    note(name, rules);
  }
  void choice(const char* name, std::string&, const std::vector<std::string>&, const char*,
              KeyRules rules) override {
    note(name, rules);
  }
  void reject(const char* name, const std::string&) override { rejected.insert(name); }

  std::set<std::string> known, rejected;

 private:
  void note(const char* name, const KeyRules& rules) {
    if (rules.when) known.insert(name);
  }
  void visit_section(const char*, const char*, const KeyRules&, const Visit&) override {}
  void visit_map(const char*, const char*, const KeyRules&, std::size_t, const NameOf&,
                 const VisitEntry&) override {}
};

using Names = std::set<std::string>;

template <class Options>
KeyRecorder recorded(Options options) {
  KeyRecorder keys;
  describe(keys, options);
  return keys;
}

TEST(OptimizerKeys, BelongToTheirKind) {
  const Names adam = {"kind", "lr", "weight_decay", "beta1", "beta2", "eps"};
  EXPECT_EQ(recorded(OptimizerOptions{.kind = "adam"}).known, adam);
  EXPECT_EQ(recorded(OptimizerOptions{.kind = "adamw"}).known, adam);
  EXPECT_EQ(recorded(OptimizerOptions{.kind = "sgd"}).known,
            (Names{"kind", "lr", "weight_decay", "momentum", "dampening", "nesterov"}));
}

TEST(OptimizerKeys, RejectNesterovWithoutPlainMomentum) {
  OptimizerOptions options = {.kind = "sgd", .nesterov = true};
  EXPECT_EQ(recorded(options).rejected, Names{"nesterov"});
  options.momentum = 0.9;
  EXPECT_EQ(recorded(options).rejected, Names{});
  options.dampening = 0.1;
  EXPECT_EQ(recorded(options).rejected, Names{"nesterov"});
}

TEST(OptimizerKeys, RejectABetaOfOne) {
  EXPECT_EQ(recorded(OptimizerOptions{.beta2 = 1.0}).rejected, Names{"beta2"});
}

TEST(ScheduleKeys, BelongToTheirKind) {
  const Names common = {"kind", "unit", "warmup_steps"};
  const auto own = [&](const std::string& kind) {
    Names names = recorded(ScheduleOptions{.kind = kind}).known;
    for (const std::string& name : common) EXPECT_EQ(names.erase(name), 1u) << kind << name;
    return names;
  };
  EXPECT_EQ(own("constant"), Names{});
  EXPECT_EQ(own("step"), (Names{"every", "gamma"}));
  EXPECT_EQ(own("multistep"), (Names{"milestones", "gamma"}));
  EXPECT_EQ(own("exponential"), Names{"gamma"});
  EXPECT_EQ(own("cosine"), Names{"end_factor"});
  EXPECT_EQ(own("linear"), Names{"end_factor"});
}

TEST(ScheduleKeys, RejectMilestonesOutOfOrder) {
  EXPECT_EQ(recorded(ScheduleOptions{.kind = "multistep", .milestones = {2, 5}}).rejected, Names{});
  EXPECT_EQ(recorded(ScheduleOptions{.kind = "multistep", .milestones = {5, 2}}).rejected,
            Names{"milestones"});
}

}  // namespace
}  // namespace trunkline
