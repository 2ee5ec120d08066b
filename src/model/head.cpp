#include "trunkline/model/head.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {

namespace {

void describe_decoder(Keys& keys, HeadOptions& o, bool chosen) {
  const char* const kinds = "kind: dense_classification or dense_regression";
  keys.value("channels", o.channels,
             "stages of the decoder, each with height and width doubled, a 3x3 convolution to that "
             "many channels and ReLU",
             {.min = 1, .when = chosen, .when_text = kinds});
  keys.value("skip", o.skip, "whether the input joins in front of the output layer",
             {.when = chosen, .when_text = kinds});
}

}  // namespace

void describe(Keys& keys, HeadOptions& o, const std::string& task_kind) {
  const bool linear = !is_dense(task_kind);
  const char* const kinds = "a kind that does not predict per pixel";
  keys.value("widths", o.widths, "hidden layers in front of the output layer, each with ReLU",
             {.min = 1, .when = linear, .when_text = kinds});
  keys.value("dropout", o.dropout,
             "share of elements zeroed after each hidden layer while training",
             {.min = 0, .max = 1, .when = linear, .when_text = kinds});
  if (o.dropout >= 1.0) keys.reject("dropout", "must be below 1");
  keys.value("experts", o.experts,
             "experts of the task's own in each layer, where trunk.kind is cgc or ple; default 1",
             {.min = 0, .when = linear, .when_text = kinds});
  keys.value("adapter", o.adapter,
             "width of a residual adapter between trunk and head, which begins as the identity; "
             "0: none",
             {.min = 0, .when = linear, .when_text = kinds});
  describe_decoder(keys, o, task_kind.empty() || !linear);
}

Head::Head(const std::string& task, const HeadOptions& options, const TrunkShape& trunk,
           int64_t outputs) {
  int64_t width = trunk.width;
  check<UsageError>(!options.skip && options.channels == HeadOptions{}.channels,
                    "tasks.{}.head: channels and skip are those of a decoder, for kind: "
                    "dense_classification and dense_regression; leave them out",
                    task);
  check_dropout(options.dropout, "tasks." + task + ".head.dropout");
  experts_ = make_task_experts(task, options.experts, trunk, specs_);
  if (options.adapter > 0) adapter_ = Adapter(width, options.adapter, specs_);
  for (const int64_t next : options.widths) {
    check<UsageError>(next >= 1, "tasks.{}.head.widths: {} is below 1", task, next);
    const std::string number = std::to_string(hidden_.size());
    Hidden layer{{"hidden" + number, width, next},
                 {fmt::format("heads.{}.dropout{}", task, number), options.dropout}};
    layer.linear.declare(specs_);
    hidden_.push_back(std::move(layer));
    width = next;
  }
  out_ = Linear{"out", width, outputs};
  out_.declare(specs_);
}

at::Tensor Head::forward(Parameters parameters, const TrunkOutput& trunk,
                         const Context& context) const {
  at::Tensor h = experts_ ? experts_->forward(parameters, trunk, context) : trunk.features;
  if (adapter_) h = adapter_->forward(parameters, h);
  for (const Hidden& layer : hidden_) {
    h = activate(Activation::kRelu, layer.linear.forward(parameters, h));
    h = layer.dropout.forward(h, context);
  }
  return out_.forward(parameters, h);
}

}  // namespace trunkline
