#include <ATen/ops/constant_pad_nd.h>

#include <optional>

#include "packing.hpp"
#include "token_embedding.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/model/attention.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

constexpr Init kPosition = {Init::Kind::kNormal, 0.02};

at::Tensor as_factor(const at::Tensor& mask, const at::Tensor& h) {
  return mask.unsqueeze(2).to(h.scalar_type());
}

// Tokens side by side with their neighbours: what padding or the ends of a row hold is zeros.
struct Window {
  int64_t extent = 0;
  LayerNorm norm;
  Linear linear;
  Dropout dropout;

  // x and what is returned are packed.
  at::Tensor forward(Parameters parameters, const at::Tensor& x, const at::Tensor& mask,
                     const Packing& packing, Activation activation, const Context& context) const {
    at::Tensor h = packing.unpack(norm.forward(parameters, x));
    if (mask.defined()) h = h.mul(as_factor(mask, h));
    const at::Tensor padded = at::constant_pad_nd(h, {0, 0, extent / 2, extent / 2});
    const at::Tensor around = packing.pack(padded.unfold(1, extent, 1).flatten(2));
    const at::Tensor seen = activate(activation, linear.forward(parameters, around));
    return x.add(packing.drop(dropout, seen, context));
  }
};

struct Block {
  std::optional<Window> window;
  LayerNorm norm1;
  SelfAttention attention;
  Dropout dropout1;
  LayerNorm norm2;
  Linear wide, narrow;
  Dropout dropout2;

  // x and what is returned are packed.
  at::Tensor forward(Parameters parameters, at::Tensor x, const at::Tensor& mask,
                     const Packing& packing, Activation activation, const Context& context) const {
    if (window) x = window->forward(parameters, x, mask, packing, activation, context);
    const at::Tensor asked = attention.in.forward(parameters, norm1.forward(parameters, x));
    const at::Tensor read = packing.pack(attention.read(packing.unpack(asked), mask));
    const at::Tensor h =
        x.add(packing.drop(dropout1, attention.out.forward(parameters, read), context));
    const at::Tensor hidden = wide.forward(parameters, norm2.forward(parameters, h));
    const at::Tensor thought = narrow.forward(parameters, activate(activation, hidden));
    return h.add(packing.drop(dropout2, thought, context));
  }
};

// Tokens up to the last column that holds one in any row: the rest is padding that costs time.
int64_t columns_in_use(const at::Tensor& mask) {
  const at::Tensor used = mask.any(0).nonzero();
  return used.numel() == 0 ? 1 : used.max().item<int64_t>() + 1;
}

Packing packing_of(const at::Tensor& mask, const Context& context) {
  return context.training && mask.defined() ? Packing(mask) : Packing();
}

class Transformer final : public Trunk {
 public:
  Transformer(const TrunkOptions& options, const std::vector<int64_t>& input_shape,
              const std::string& key)
      : options_(options.transformer),
        activation_(activation_named(options.activation)),
        cls_(options_.pooling == "cls"),
        dropout_in_{key + ".dropout_in", options.dropout},
        dropout_out_{key + ".dropout_out", options.dropout} {
    if (input_shape.size() == 1)
      tokens_.emplace(options_, key).declare(specs_);
    else
      patches_.emplace(options_, input_shape, key).declare(specs_);
    const int64_t length = patches_ ? patches_->length() : input_shape[0];
    shape_ = {.width = options_.width, .input = input_shape, .tokens = length};
    declare_positions(key);
    for (int64_t i = 0; i < options_.layers; ++i) add_block(key, options.dropout);
    norm_ = {"norm", options_.width};
    norm_.declare(specs_);
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const TrunkShape& shape() const override { return shape_; }

  TrunkOutput forward(Parameters parameters, const at::Tensor& x,
                      const Context& context) const override {
    if (patches_) return encode(parameters, x, patches_->forward(parameters, x), {}, context);
    at::Tensor ids = tokens_->ids(x, context);
    const at::Tensor whole = tokens_->mask(ids);
    at::Tensor mask = whole;
    if (context.training) {
      const int64_t used = columns_in_use(mask);
      ids = ids.narrow(1, 0, used);
      mask = mask.narrow(1, 0, used);
    }
    const at::Tensor h = tokens_->forward(parameters, ids, mask, context);
    TrunkOutput output = encode(parameters, x, h, mask, context);
    output.mask = whole;
    return output;
  }

 private:
  void declare_positions(const std::string& key) {
    const int64_t most = options_.max_length.value_or(shape_.tokens);
    check<UsageError>(shape_.tokens <= most,
                      "{}.max_length: {}, but rows have {} tokens; raise it, or leave it out", key,
                      most, shape_.tokens);
    positions_ = specs_.size();
    specs_.push_back({"position.weight", {most + cls_, options_.width}, kPosition});
  }

  void add_block(const std::string& key, double dropout) {
    const int64_t width = options_.width;
    const int64_t hidden = options_.feedforward > 0 ? options_.feedforward : 4 * width;
    const std::string number = std::to_string(blocks_.size()), name = "block" + number;
    Block block{{},
                {name + ".norm1", width},
                {name + ".attention", width, options_.heads},
                {key + ".dropout_attention" + number, dropout},
                {name + ".norm2", width},
                {name + ".linear1", width, hidden},
                {name + ".linear2", hidden, width},
                {key + ".dropout" + number, dropout}};
    if (const int64_t extent = options_.window; extent > 0) {
      block.window = Window{extent,
                            {name + ".window_norm", width},
                            {name + ".window", extent * width, width},
                            {key + ".dropout_window" + number, dropout}};
      block.window->norm.declare(specs_);
      block.window->linear.declare(specs_);
    }
    block.norm1.declare(specs_);
    block.attention.declare(specs_);
    block.norm2.declare(specs_);
    block.wide.declare(specs_);
    block.narrow.declare(specs_);
    blocks_.push_back(std::move(block));
  }

  // @param h (n, length in use, width)   @param mask undefined where there is no padding
  TrunkOutput encode(Parameters parameters, const at::Tensor& x, at::Tensor h, at::Tensor mask,
                     const Context& context) const {
    const int64_t length = h.size(1);
    if (cls_) {  // the class token is a position in front of the first
      h = at::constant_pad_nd(h, {0, 0, 1, 0});
      if (mask.defined()) mask = at::constant_pad_nd(mask, {1, 0}, true);
    }
    const Packing packing = packing_of(mask, context);
    h = packing.pack(h.add(parameters[positions_].narrow(0, 0, length + cls_)));
    h = packing.drop(dropout_in_, h, context);
    for (const Block& block : blocks_)
      h = block.forward(parameters, h, mask, packing, activation_, context);
    h = packing.unpack(packing.drop(dropout_out_, norm_.forward(parameters, h), context));
    if (mask.defined()) h = h.mul(as_factor(mask, h));
    TrunkOutput output{cls_ ? h.select(1, 0) : mean(h, mask), {}, x};
    output.tokens =
        at::constant_pad_nd(cls_ ? h.narrow(1, 1, length) : h, {0, 0, 0, shape_.tokens - length});
    return output;
  }

  at::Tensor mean(const at::Tensor& h, const at::Tensor& mask) const {
    if (!mask.defined()) return h.mean(1);
    return h.sum(1).div(as_factor(mask, h).sum(1).clamp_min(1));
  }

  TransformerOptions options_;
  Activation activation_;
  bool cls_;
  std::optional<TokenEmbedding> tokens_;  // one of the two
  std::optional<PatchEmbedding> patches_;
  std::size_t positions_ = 0;  // where their parameter stands
  Dropout dropout_in_, dropout_out_;
  std::vector<Block> blocks_;
  LayerNorm norm_;
  TrunkShape shape_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

std::unique_ptr<Trunk> make_transformer(const TrunkOptions& options,
                                        const std::vector<int64_t>& input_shape,
                                        const std::string& key) {
  const TransformerOptions& o = options.transformer;
  check<UsageError>(o.layers >= 1, "{}.layers: {} is below 1", key, o.layers);
  check<UsageError>(o.heads >= 1 && o.width >= 1 && o.width % o.heads == 0,
                    "{}.heads: {} heads do not divide a width of {}", key, o.heads, o.width);
  check<UsageError>(o.window == 0 || (o.window > 0 && o.window % 2 == 1 && input_shape.size() == 1),
                    "{}.window: {} is neither odd nor 0, or rows are images, which have none", key,
                    o.window);
  check<UsageError>(input_shape.size() != 1 || o.vocabulary,
                    "{}.vocabulary: required for rows of {} tokens", key, input_shape[0]);
  return std::make_unique<Transformer>(options, input_shape, key);
}

}  // namespace trunkline
