// Experts and gates: what they are made of, and which ways of sharing are the same.
#include "trunkline/model/experts.hpp"

#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include "task_support.hpp"
#include "trunkline/model/adapter.hpp"
#include "trunkline/model/task_experts.hpp"

namespace trunkline {
namespace {

TrunkOptions sharing(const std::string& kind, int64_t experts = 3, int64_t layers = 2) {
  TrunkOptions o;
  o.kind = kind;
  o.widths = {6, 5};
  o.activation = "tanh";
  o.experts = experts;
  o.expert_layers = layers;
  return o;
}

HeadOptions own(Optional<int64_t> experts) {
  HeadOptions head;
  head.experts = experts;
  return head;
}

std::unique_ptr<Task> task_behind(const Trunk& trunk, const HeadOptions& head) {
  TaskOptions options = task_options("classification");
  options.head = head;
  return make_task("t", options, target_field(DType::kI64, {}, 3), trunk.shape());
}

// Logits of five rows. @param owner what initial values of the trunk are named after
at::Tensor logits(const TrunkOptions& options, const HeadOptions& head = {},
                  const std::string& owner = "trunk.") {
  const auto trunk = make_trunk(options, {2, 2});
  const auto task = task_behind(*trunk, head);
  const Context context = training({3, 1, 4, 15, 9});
  const auto shared = materialize(trunk->parameters(), owner);
  const auto its = materialize(task->parameters(), "heads.t.");
  return task->forward(its, trunk->forward(shared, noise("x", {5, 2, 2}), context), context);
}

std::string names(const std::vector<ParameterSpec>& specs) {
  std::string all;
  for (const ParameterSpec& spec : specs) all += spec.name + " ";
  return all;
}

TEST(Experts, OneSharedExpertIsHardSharing) {
  TrunkOptions hard = sharing("mlp");
  EXPECT_TRUE(logits(sharing("mmoe", 1)).equal(logits(hard, {}, "trunk.layer0.expert0.")));
}

TEST(Experts, CgcWithoutOwnExpertsIsMmoe) {
  EXPECT_TRUE(logits(sharing("cgc"), own(0)).equal(logits(sharing("mmoe"))));
  EXPECT_FALSE(logits(sharing("cgc"), own(1)).equal(logits(sharing("mmoe"))));
}

TEST(Experts, PleOfOneLayerIsCgc) {
  EXPECT_TRUE(logits(sharing("ple", 3, 1), own(2)).equal(logits(sharing("cgc"), own(2))));
  EXPECT_FALSE(logits(sharing("ple", 3, 2), own(2)).equal(logits(sharing("cgc"), own(2))));
}

TEST(Experts, AHeadHasOneOfItsOwnByDefaultButNoneBehindMmoe) {
  EXPECT_TRUE(logits(sharing("cgc")).equal(logits(sharing("cgc"), own(1))));
  EXPECT_TRUE(logits(sharing("ple")).equal(logits(sharing("ple"), own(1))));
  EXPECT_TRUE(logits(sharing("mmoe")).equal(logits(sharing("mmoe"), own(0))));
}

TEST(Experts, BelongToTrunkAndHeadByName) {
  TrunkOptions options = sharing("ple", 1);
  options.widths = {5};
  const auto trunk = make_trunk(options, {4});
  EXPECT_EQ(names(trunk->parameters()),
            "layer0.expert0.linear0.weight layer0.expert0.linear0.bias layer0.gate.weight "
            "layer1.expert0.linear0.weight layer1.expert0.linear0.bias ");
  EXPECT_EQ(names(task_behind(*trunk, {})->parameters()),
            "layer0.expert0.linear0.weight layer0.expert0.linear0.bias layer0.gate.weight "
            "layer1.expert0.linear0.weight layer1.expert0.linear0.bias layer1.gate.weight "
            "out.weight out.bias ");
}

TEST(Gate, SumsToOneAndBeginsNearlyEven) {
  const auto trunk = make_trunk(sharing("ple"), {4});
  std::vector<ParameterSpec> specs;
  const TaskExperts experts("t", 2, trunk->shape(), specs);
  const auto shared = materialize(trunk->parameters(), "trunk.");
  const auto its = materialize(specs, "heads.t.");
  const TrunkOutput output = trunk->forward(shared, noise("x", {7, 4}), {});
  std::vector<at::Tensor> gates;
  Context context;
  context.gates = &gates;
  experts.forward(its, output, context);
  ASSERT_EQ(gates.size(), 2u);
  for (const at::Tensor& gate : gates) {
    EXPECT_EQ(gate.sizes(), at::IntArrayRef({7, 5}));
    EXPECT_TRUE(gate.sum(1).allclose(at::ones({7}, gate.options()), 1e-14, 1e-14));
    EXPECT_LT(gate.sub(0.2).abs().max().item<double>(), 0.02);
  }
}

TEST(Mix, WeighsExperts) {
  const at::Tensor experts = numbers({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2});
  const at::Tensor mixed = mix(numbers({0.25, 0.75, 1, 0}, {2, 2}), experts);
  EXPECT_TRUE(mixed.equal(numbers({2.5, 3.5, 5, 6}, {2, 2})));
}

TEST(ExpertTrunk, GivesImagesToExpertsOfConvolutions) {
  TrunkOptions options = sharing("cgc", 2);
  options.expert = "convnet";
  options.channels = {4, 6};
  const auto trunk = make_trunk(options, {3, 8, 8});
  const auto task = task_behind(*trunk, own(1));
  const TrunkOutput output =
      trunk->forward(materialize(trunk->parameters(), "trunk."), noise("x", {2, 3, 8, 8}), {});
  EXPECT_EQ(output.experts.sizes(), at::IntArrayRef({2, 2, 6}));
  EXPECT_EQ(task->forward(materialize(task->parameters(), "heads.t."), output, {}).sizes(),
            at::IntArrayRef({2, 3}));
}

std::string refusal(const TrunkOptions& options, const HeadOptions& head = {}) {
  return message_of<UsageError>([&] { task_behind(*make_trunk(options, {4}), head); });
}

TEST(Experts, SayWhatDoesNotFit) {
  EXPECT_EQ(refusal(sharing("mlp"), own(2)),
            "tasks.t.head.experts: 2, but the trunk has no experts; set trunk.kind to cgc or ple, "
            "or leave the key out");
  EXPECT_EQ(refusal(sharing("mmoe"), own(2)),
            "tasks.t.head.experts: 2, but trunk.kind: mmoe mixes shared experts alone; take cgc or "
            "ple, or leave the key out");
  EXPECT_EQ(refusal(sharing("cgc", 0)), "trunk.experts: 0; a trunk with experts has at least one");
  TrunkOptions options = sharing("cgc");
  options.expert = "mmoe";
  EXPECT_EQ(
      refusal(options),
      "trunk.expert: \"mmoe\" is none of mlp, convnet, lenet, resnet18, resnet34, transformer, "
      "identity");
  options.expert = "convnet";
  EXPECT_EQ(refusal(options),
            "trunk.kind: convnet reads images (channels, height, width), but rows have shape (4); "
            "use kind: mlp");
  options.kind = "ple";
  EXPECT_EQ(refusal(options),
            "trunk.expert_layers: 2, but layers behind the first read vectors, not images; take "
            "expert: mlp or expert_layers: 1");
  options = sharing("mmoe");
  options.widths = {};
  EXPECT_EQ(refusal(options), "trunk.widths: empty; an mlp has at least one layer");
}

TEST(Adapter, BeginsAsTheIdentity) {
  HeadOptions adapted;
  adapted.adapter = 3;
  for (const char* kind : {"mlp", "cgc"})
    EXPECT_TRUE(logits(sharing(kind), adapted).equal(logits(sharing(kind)))) << kind;
}

TEST(Adapter, AddsWhatItsLayersGive) {
  std::vector<ParameterSpec> specs;
  const Adapter adapter(4, 2, specs);
  EXPECT_EQ(names(specs),
            "adapter.norm.weight adapter.norm.bias adapter.down.weight adapter.down.bias "
            "adapter.up.weight adapter.up.bias ");
  std::vector<at::Tensor> parameters = materialize(specs, "heads.t.");
  parameters.back() = numbers({1, 2, 3, 4}, {4});
  const at::Tensor x = noise("x", {3, 4});
  EXPECT_TRUE(adapter.forward(parameters, x).equal(x.add(parameters.back())));
}

}  // namespace
}  // namespace trunkline
