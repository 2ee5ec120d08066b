#include "rule.hpp"
#include "trunkline/core/keys.hpp"
#include "trunkline/optim/optimizer.hpp"

namespace trunkline {
namespace {

void describe_sgd(Keys& keys, OptimizerOptions& options) {
  const bool sgd = options.kind == "sgd";
  const auto share = [sgd] {
    return KeyRules{.min = 0, .max = 1, .when = sgd, .when_text = "kind: sgd"};
  };
  keys.value("momentum", options.momentum, "how much of the last update is kept", share());
  keys.value("dampening", options.dampening,
             "how much of the gradient the momentum leaves out, from the second step on", share());
  keys.value("nesterov", options.nesterov, "look ahead along the momentum",
             {.when = sgd, .when_text = "kind: sgd"});
  if (sgd && options.nesterov && (options.momentum == 0.0 || options.dampening != 0.0))
    keys.reject("nesterov", "needs momentum above 0 and dampening 0");
}

void describe_beta(Keys& keys, const char* name, double& beta, const char* help, bool when) {
  keys.value(name, beta, help,
             {.min = 0, .max = 1, .when = when, .when_text = "kind: adam | adamw"});
  if (when && beta == 1.0) keys.reject(name, "must be less than 1, or the moment stays zero");
}

void describe_adam(Keys& keys, OptimizerOptions& options) {
  const bool adam = options.kind == "adam" || options.kind == "adamw";
  describe_beta(keys, "beta1", options.beta1, "decay of the mean of gradients", adam);
  describe_beta(keys, "beta2", options.beta2, "decay of the mean of squared gradients", adam);
  keys.value("eps", options.eps, "added to the root of the mean square",
             {.min = 0, .exclusive_min = true, .when = adam, .when_text = "kind: adam | adamw"});
}

}  // namespace

void describe(Keys& keys, OptimizerOptions& options) {
  keys.choice("kind", options.kind, optimizer_kinds(), "the update rule");
  keys.value("lr", options.lr, "learning rate, before schedule and per-part factors", {.min = 0});
  describe_sgd(keys, options);
  describe_adam(keys, options);
  keys.value("weight_decay", options.weight_decay,
             "L2 penalty (sgd, adam: 0 if absent) or decoupled decay (adamw: 0.01 if absent)",
             {.min = 0});
}

}  // namespace trunkline
