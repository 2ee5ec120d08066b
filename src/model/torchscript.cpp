// The only file that knows of torch::jit: it imports modules and exports models.
#define TRUNKLINE_WHOLE_ATEN
#include "trunkline/model/torchscript.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <fmt/ranges.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/schema_matching.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <sstream>

#include "trunkline/core/error.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

namespace jit = torch::jit;
namespace tracer = torch::jit::tracer;

constexpr double kTolerance = 1e-4;  // between rows alone and in company, in float32

// The line of an error that says what happened; above it stands where in the module.
std::string last_line(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text.substr(text.rfind('\n') + 1);
}

jit::Module load(const std::string& file) {
  check<UsageError>(std::filesystem::is_regular_file(file),
                    "{}: no such file; give a module saved by torch.jit", file);
  try {
    return jit::load(file, c10::kCPU);
  } catch (const std::exception&) {
    throw UsageError(fmt::format(
        "{}: not a TorchScript module; make one with torch.jit.script(module.eval()).save(FILE), "
        "torch.save does not write what is needed here",
        file));
  }
}

// Batch normalisation that was saved while it learns its statistics would normalise rows by those
// of their batch.
void check_batch_norm(const jit::Module& module, const std::string& file) {
  for (const auto& part : module.named_modules()) {
    const jit::Module& layer = part.value;
    const bool learns = layer.hasattr("running_mean") && layer.hasattr("training") &&
                        layer.attr("training").isBool() && layer.attr("training").toBool();
    check<UsageError>(!learns,
                      "{}: {} is batch normalisation in training mode; call eval() before the "
                      "module is saved, so that it uses its running statistics",
                      file, part.name);
  }
}

// Dropout draws none where it is told so, be it by the module's mode, which is that of eval().
bool draws(const jit::Node* node) {
  if (!node->isNondeterministic()) return false;
  const c10::FunctionSchema* schema = node->maybeSchema();
  for (const char* name : {"train", "training"})
    if (const auto i = schema ? schema->argumentIndexWithName(name) : std::nullopt) {
      const auto train = jit::toIValue(node->inputs()[*i]);
      return train && train->isBool() && train->toBool();
    }
  return true;
}

// The first operator that draws random numbers, in a graph and the blocks inside it.
std::optional<std::string> random_operator(at::ArrayRef<const jit::Block*> blocks) {
  for (const jit::Block* block : blocks)
    for (const jit::Node* node : block->nodes()) {
      if (draws(node)) return node->kind().toQualString();
      if (auto inner = random_operator(node->blocks())) return inner;
    }
  return std::nullopt;
}

void check_deterministic(const jit::Module& module, const std::string& file) {
  const std::shared_ptr<jit::Graph> graph = module.get_method("forward").graph()->copy();
  jit::Inline(*graph);
  const std::optional<std::string> found = random_operator({graph->block()});
  check<UsageError>(!found,
                    "{}: forward draws random numbers ({}), so that no run could be repeated; save "
                    "the module after eval(), or leave this layer out",
                    file, found.value_or(""));
}

// One tensor of a module: an attribute of it or of a part of it.
struct Slot {
  jit::Module owner;
  std::string attribute;
  at::Tensor get() const { return owner.attr(attribute).toTensor(); }
  void set(const at::Tensor& value) { owner.setattr(attribute, value); }
};

Slot slot_of(jit::Module module, const std::string& name) {
  std::size_t begin = 0;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', begin)) {
    module = module.attr(name.substr(begin, dot - begin)).toModule();
    begin = dot + 1;
  }
  return {module, name.substr(begin)};
}

// Words of the language that modules are written in: a file with such a name cannot be read.
std::string attribute_name(std::string name) {
  constexpr std::array kWords = {
      "False", "None",     "True",   "Ellipsis", "NoneType", "and",     "as",     "assert",
      "async", "await",    "break",  "class",    "continue", "def",     "del",    "elif",
      "else",  "except",   "for",    "from",     "if",       "finally", "global", "import",
      "in",    "is",       "lambda", "not",      "or",       "pass",    "raise",  "return",
      "try",   "nonlocal", "while",  "with",     "yield",    "forward"};
  if (std::ranges::find(kWords, name) != kWords.end()) name += "_";
  return name;
}

// Adds a parameter under its dotted name, with the modules in between.
void add_parameter(jit::Module module, const std::string& name, const at::Tensor& value) {
  const std::size_t dot = name.find('.');
  const std::string part = attribute_name(name.substr(0, dot));
  if (dot == std::string::npos) return module.register_parameter(part, value, false);
  if (!module.hasattr(part))
    module.register_module(
        part, jit::Module("__torch__.trunkline.Part", module._ivalue()->compilation_unit(),
                          /*shouldMangle=*/true));
  add_parameter(module.attr(part).toModule(), name.substr(dot + 1), value);
}

// While our own forward is traced, a module's becomes one call in the trace.
c10::IValue call_traced(jit::Module& module, const at::Tensor& x) {
  const auto& state = tracer::getTracingState();
  jit::Value* self = state->getValue(module._ivalue());
  jit::Value* input = state->getValue(x);
  const c10::FunctionSchema& schema = module.get_method("forward").function().getSchema();
  const auto match = jit::matchSchema(schema, jit::SourceRange{}, *state->graph,
                                      {jit::NamedValue(input)}, {}, jit::NamedValue(self));
  jit::Value* called = state->graph->insertMethodCall("forward", match);
  const std::function<void()> unpause = tracer::pauseTracing();
  c10::IValue output = module.forward({x});
  unpause();
  state->setValue(output, called);
  return output;
}

class ScriptTrunk final : public Trunk {
 public:
  ScriptTrunk(const std::string& file, const std::vector<int64_t>& input_shape)
      : file_(file), module_(load(file)), shape_{0, {}, input_shape} {
    check_batch_norm(module_, file_);
    module_.eval();
    check_deterministic(module_, file_);
    for (const auto& parameter : module_.named_parameters()) {
      check<UsageError>(parameter.value.is_floating_point(),
                        "{}: parameter {} is not floating-point; only such can be trained", file_,
                        parameter.name);
      specs_.push_back({parameter.name, parameter.value.sizes().vec(), {}});
      for (const Slot& slot : slots_)
        check<UsageError>(
            slot.get().data_ptr() != parameter.value.data_ptr() || parameter.value.numel() == 0,
            "{}: parameter {} is the same tensor as {}; shared parameters cannot be "
            "trained here, copy one of them before the module is saved",
            file_, parameter.name, slot.attribute);
      slots_.push_back(slot_of(module_, parameter.name));
    }
    for (const auto& buffer : module_.named_buffers())
      buffers_.push_back(slot_of(module_, buffer.name));
    check<UsageError>(!specs_.empty(),
                      "{}: the module has no parameters; torch.jit.freeze removes them, save the "
                      "module before it is frozen",
                      file_);
    examine();
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const TrunkShape& shape() const override { return shape_; }
  const jit::Module& module() const { return module_; }

  TrunkOutput forward(Parameters parameters, const at::Tensor& x, const Context&) const override {
    const std::scoped_lock lock(mutex_);
    fit_buffers(parameters.front());
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].set(parameters[i]);
    const at::Tensor y = call(x);
    if (y.dim() == 4) return {global_average_pool(y), y, x};
    return {y, {}, x};
  }

 private:
  // Plain interpretation: what the optimizing executor fuses depends on how often it has run, and a
  // run that goes on would not find the same bits.
  at::Tensor call(const at::Tensor& x) const {
    const jit::GraphOptimizerEnabledGuard plain(false);
    const c10::IValue output = tracer::isTracing() ? call_traced(module_, x) : module_.forward({x});
    check<UsageError>(output.isTensor(), "{}: forward gives a {}; expected one tensor", file_,
                      output.tagKind());
    return output.toTensor();
  }

  // Not Module::to(), which would also take the parameters out of their storage.
  void fit_buffers(const at::Tensor& parameter) const {
    for (Slot& slot : buffers_) {
      const at::Tensor buffer = slot.get();
      const auto type = buffer.is_floating_point() ? parameter.scalar_type() : buffer.scalar_type();
      if (buffer.scalar_type() != type || buffer.device() != parameter.device())
        slot.set(buffer.to(parameter.device(), type));
    }
  }

  // Two rows together and each by itself: what comes out, and whether rows mix.
  void examine() {
    const at::NoGradGuard no_grad;
    std::vector<int64_t> rows = shape_.input;
    rows.insert(rows.begin(), 2);
    int64_t elements = 1;
    for (const int64_t extent : rows) elements *= extent;
    const at::Tensor x =
        at::arange(elements, slots_.front().get().detach().options()).mul(0.7).sin().reshape(rows);
    std::vector<at::Tensor> before;
    for (const Slot& buffer : buffers_) before.push_back(buffer.get().clone());
    const at::Tensor both = run(x);
    for (std::size_t i = 0; i < buffers_.size(); ++i)
      check<UsageError>(at::equal(buffers_[i].get(), before[i]),
                        "{}: forward changes the buffer {}, of which no checkpoint knows; save a "
                        "module whose buffers stay as they are",
                        file_, buffers_[i].attribute);
    check<UsageError>((both.dim() == 2 || both.dim() == 4) && both.size(0) == 2,
                      "{}: forward gives ({}) for two rows of ({}); expected (2, width) or (2, "
                      "channels, height, width)",
                      file_, fmt::join(both.sizes(), ", "), fmt::join(shape_.input, ", "));
    check<UsageError>(
        at::allclose(both.narrow(0, 0, 1), run(x.narrow(0, 0, 1)), kTolerance, kTolerance),
        "{}: what forward gives for a row depends on the other rows; save the module after eval(), "
        "so that batch normalisation uses its running statistics",
        file_);
    shape_.width = both.size(1);
    if (both.dim() == 4) shape_.maps = both.sizes().slice(1).vec();
  }

  at::Tensor run(const at::Tensor& x) const {
    try {
      return call(x);
    } catch (const UsageError&) {
      throw;
    } catch (const std::exception& error) {
      throw UsageError(fmt::format("{}: forward fails on rows of shape ({}): {}", file_,
                                   fmt::join(x.sizes().slice(1), ", "), last_line(error.what())));
    }
  }

  std::string file_;
  mutable jit::Module module_;  // its parameters are those of the last call
  mutable std::mutex mutex_;
  mutable std::vector<Slot> slots_, buffers_;
  std::vector<ParameterSpec> specs_;
  TrunkShape shape_;
};

// Parameters are views of flat storage; a file would hold all of it for each.
void detach_parameters(const jit::Module& module) {
  std::vector<std::pair<std::string, at::Tensor>> values;
  for (const auto& parameter : module.named_parameters())
    values.emplace_back(parameter.name, parameter.value.detach().clone());
  for (auto& [name, value] : values) slot_of(module, name).set(value);
}

// The values of a graph with several outputs as one dictionary.
void name_outputs(jit::Graph& graph, const std::vector<std::string>& names) {
  const jit::WithInsertPoint at_the_end(graph.block());
  std::vector<jit::Value*> keys, values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    keys.push_back(graph.insertConstant(names[i]));
    values.push_back(graph.outputs()[i]);
  }
  jit::Value* dictionary = graph
                               .insertNode(graph.createDict(c10::StringType::get(),
                                                            c10::TensorType::get(), keys, values))
                               ->output();
  while (!graph.outputs().empty()) graph.eraseOutput(0);
  graph.registerOutput(dictionary);
}

void add_traced_forward(jit::Module& module, const ModuleFunction& function) {
  std::vector<std::string> names;
  const auto traced = [&](const jit::Stack& inputs) {
    jit::Stack outputs;
    names.clear();
    for (auto& [name, value] : function.outputs(inputs.at(0).toTensor())) {
      names.push_back(name);
      outputs.emplace_back(value);
    }
    return outputs;
  };
  const auto no_names = [](const at::Tensor&) { return std::string(); };
  const auto graph = tracer::trace({function.example}, traced, no_names, /*strict=*/true,
                                   /*force_outplace=*/false, &module, {"x"})
                         .first->graph;
  name_outputs(*graph, names);
  jit::Function* forward = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph);
  module.type()->addMethod(forward);
}

// What a reader of the file gets, for any number of rows, is what the model gives.
void check_saved(const std::string& bytes, const ModuleFunction& function) {
  std::istringstream file(bytes);
  jit::Module module = jit::load(file, c10::kCPU);
  const at::Tensor one = function.example.narrow(0, 0, 1);
  for (const at::Tensor& x : {one, at::cat({function.example, one})}) {
    const auto found = module.forward({x}).toGenericDict();
    for (const auto& [name, value] : function.outputs(x)) {
      const at::Tensor saved = found.at(name).toTensor();
      ensure(saved.sizes() == value.sizes() &&
                 at::allclose(saved.to(c10::kDouble), value.to(c10::kDouble), kTolerance,
                              kTolerance, /*equal_nan=*/true),
             "an exported module gives something else than its model");
    }
  }
}

}  // namespace

NamedTensors torchscript_parameters(const std::string& file) {
  NamedTensors parameters;
  for (const auto& parameter : load(file).named_parameters())
    parameters.emplace_back("trunk." + parameter.name, parameter.value.detach().contiguous());
  return parameters;
}

std::unique_ptr<Trunk> make_torchscript(const TrunkOptions& options,
                                        const std::vector<int64_t>& input_shape,
                                        const std::string& key) {
  check<UsageError>(!options.module.empty(),
                    "{}.kind: torchscript needs a module; set init.from: FILE.pt", key);
  return std::make_unique<ScriptTrunk>(options.module, input_shape);
}

std::string to_torchscript(const ModuleFunction& function, const OrderedMap<std::string>& notes) {
  const at::NoGradGuard no_grad;
  jit::Module module("__torch__.trunkline.Model");
  const auto* script = dynamic_cast<const ScriptTrunk*>(function.trunk);
  for (const auto& [name, value] : function.parameters)
    if (script == nullptr || !name.starts_with("trunk.")) add_parameter(module, name, value);
  if (script != nullptr) module.register_module("trunk", script->module());
  module.eval();
  add_traced_forward(module, function);
  detach_parameters(module);
  jit::ExtraFilesMap extra;
  for (const auto& [name, text] : notes) extra[name] = text;
  std::ostringstream bytes;
  module.save(bytes, extra);
  check_saved(bytes.str(), function);
  return bytes.str();
}

}  // namespace trunkline
