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
  EXPECT_EQ(keys_of(trunk("mlp")), "kind widths norm activation dropout ");
  EXPECT_EQ(keys_of(trunk("convnet")), "kind channels norm activation dropout ");
  EXPECT_EQ(keys_of(trunk("lenet")), "kind dropout ");
  EXPECT_EQ(keys_of(trunk("resnet18")),
            "kind dropout base_width stem_kernel groups zero_init_residual ");
}

TEST(TrunkKeys, RefuseANormOfAnotherKind) {
  EXPECT_THROW(keys_of(trunk("mlp", "group")), UsageError);
  EXPECT_THROW(keys_of(trunk("convnet", "layer")), UsageError);
  EXPECT_NO_THROW(keys_of(trunk("convnet", "group")));
}

TEST(TaskKeys, DependOnTheKindWhereItIsKnown) {
  TaskOptions options;
  EXPECT_EQ(keys_of(options),
            "source target kind weight loss classes missing head.widths head.dropout ");
  options.kind = "regression";
  EXPECT_EQ(keys_of(options), "source target kind weight loss missing head.widths head.dropout ");
  options.kind = "multilabel";
  EXPECT_EQ(keys_of(options), "source target kind weight missing head.widths head.dropout ");
}

}  // namespace
}  // namespace trunkline
