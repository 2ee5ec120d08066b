#include "trunkline/train/checkpoints.hpp"

#include <optional>

#include "trunkline/core/random.hpp"
#include "trunkline/core/tensor.hpp"
#include "trunkline/train/gather.hpp"
#include "trunkline/train/trainable.hpp"

namespace trunkline {
namespace {

constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kAverageFile = "ema.safetensors";
constexpr const char* kActionsFile = "actions.safetensors";

// "heads.shape.out.weight" and "heads.shape.step" belong to part "heads.shape"; names of tasks and
// sources have no dots.
std::string part_of(const std::string& tensor) {
  return tensor.substr(0, tensor.find('.', tensor.find('.') + 1));
}

void add_views(HostModel& model, const FlatStorage& storage) {
  const at::Tensor flat = model.copies.emplace_back(storage.values()).host();
  for (const FlatEntry& entry : storage.entries())
    model.views.push_back(
        named_view(entry.name, flat.narrow(0, entry.begin, entry.elements()).view(entry.shape)));
}

// Hashes travel as pieces of JSON text: the number of blocks differs from rank to rank.
std::vector<BlockHash> gather_hashes(Ranks& ranks, const std::vector<BlockHash>& mine) {
  nlohmann::json list = nlohmann::json::array();
  for (const BlockHash& hash : mine)
    list.push_back({hash.file, hash.tensor, hash.block, hash.hash});
  std::vector<BlockHash> all;
  for (const std::string& text : gather_text(ranks, list.dump()))
    for (const nlohmann::json& item : nlohmann::json::parse(text))
      all.push_back({item[0], item[1], item[2], item[3]});
  return all;
}

const TensorLayout* find(const std::vector<TensorLayout>& layout, const std::string& name) {
  for (const TensorLayout& tensor : layout)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

std::vector<TensorLayout> layout_of(const std::vector<NamedView>& views) {
  std::vector<TensorLayout> layout;
  for (const NamedView& view : views) layout.push_back({view.name, view.dtype, view.shape});
  return layout;
}

std::string shape_text(const TensorLayout& tensor) {
  return fmt::format("{} ({})", name_of(tensor.dtype), fmt::join(tensor.shape, ", "));
}

// A checkpoint of another model is told by the first tensor that is missing, left over, or of
// another shape.
void check_layout(const std::vector<TensorLayout>& expected, const std::vector<TensorLayout>& found,
                  const std::string& file) {
  for (const TensorLayout& tensor : expected) {
    const TensorLayout* stored = find(found, tensor.name);
    check<CheckpointError>(
        stored != nullptr,
        "{}: tensor {} is not in it; the checkpoint is of another model than the config describes",
        file, tensor.name);
    check<CheckpointError>(
        stored->dtype == tensor.dtype && stored->shape == tensor.shape,
        "{}: tensor {} is {}, the config's model has {}; the checkpoint is of another model", file,
        tensor.name, shape_text(*stored), shape_text(tensor));
  }
  for (const TensorLayout& tensor : found)
    check<CheckpointError>(
        find(expected, tensor.name) != nullptr,
        "{}: tensor {} has no place in the config's model; the checkpoint is of another model",
        file, tensor.name);
}

}  // namespace

Checkpoints::Checkpoints(std::filesystem::path run, const Config& config, const Plan& plan,
                         MultiTaskModel& model, Ranks& ranks)
    : run_(std::move(run)),
      optimizer_options_(config.train.optimizer),
      finetune_(config.finetune),
      averages_(config.train.ema > 0.0),
      plan_(plan),
      model_(model),
      ranks_(ranks) {}

CheckpointLayout Checkpoints::layout() const {
  CheckpointLayout layout;
  const DType type = dtype_of(model_.storage().trunk().values());
  const auto add = [&](const std::vector<FlatEntry>& entries) {
    for (const FlatEntry& entry : entries)
      layout[kModelFile].push_back({entry.name, type, entry.shape});
  };
  add(model_.storage().trunk_entries());
  for (std::size_t p = 0; p < model_.storage().parts(); ++p) add(model_.storage().part_entries(p));
  for (const SliceLayout& slice : slice_layout(finetune_, model_))
    for (const NamedView& view :
         optimizer_state_layout(optimizer_options_, slice.name, slice.entries, type, slice.pulled))
      layout[kOptimizerFile].push_back({view.name, view.dtype, view.shape});
  if (averages_) layout[kAverageFile] = layout[kModelFile];
  return layout;
}

HostModel Checkpoints::host_model() const {
  HostModel model;
  add_views(model, model_.storage().trunk());
  for (std::size_t s = 0; s < plan_.holder_sets.size(); ++s)
    if (model_.storage().set(s).values().defined()) add_views(model, model_.storage().set(s));
  return model;
}

bool Checkpoints::writes(const std::string& tensor, int64_t block) const {
  if (tensor.starts_with("trunk."))  // dealt by name, so that small tensors spread over ranks too
    return static_cast<int>((name_key(tensor) + static_cast<uint64_t>(block)) %
                            static_cast<uint64_t>(ranks_.size())) == ranks_.rank();
  const std::string part = part_of(tensor);
  for (std::size_t p = 0; p < model_.storage().parts(); ++p)
    if (model_.storage().part_name(p) == part) return plan_.lowest_holder(p) == ranks_.rank();
  throw BugError(fmt::format("tensor {} belongs to no part of the model", tensor));
}

std::vector<BlockHash> Checkpoints::write_own(CheckpointWriter& writer,
                                              const std::vector<NamedView>& views,
                                              const std::string& file) const {
  std::vector<BlockHash> hashes;
  for (const NamedView& view : views)
    for (int64_t block = 0; block < block_count(static_cast<int64_t>(view.bytes.size())); ++block) {
      if (!writes(view.name, block)) continue;
      const std::vector<BlockHash> written =
          writer.write(file, view.name, view.bytes, block, block + 1);
      hashes.insert(hashes.end(), written.begin(), written.end());
    }
  return hashes;
}

void Checkpoints::save(int64_t step, const nlohmann::json& state, Optimizer& optimizer,
                       MovingAverage* average, const std::vector<NamedView>& actions) {
  CheckpointLayout files = layout();
  if (!actions.empty()) files[kActionsFile] = layout_of(actions);
  CheckpointWriter writer(run_, step, files);
  const bool first = ranks_.rank() == 0;
  try {
    agree(ranks_, [&] {
      if (first) writer.create();
    });
    std::vector<BlockHash> mine;
    agree(ranks_, [&] {
      const auto write = [&](const std::string& file, const std::vector<NamedView>& views) {
        const std::vector<BlockHash> hashes = write_own(writer, views, file);
        mine.insert(mine.end(), hashes.begin(), hashes.end());
      };
      write(kModelFile, host_model().views);
      write(kOptimizerFile, optimizer.state().tensors);
      write(kActionsFile, actions);
      if (average != nullptr) {
        const AveragedParameters averaged(average);
        write(kAverageFile, host_model().views);
      }
      writer.sync();
    });
    const std::vector<BlockHash> all = gather_hashes(ranks_, mine);
    agree(ranks_, [&] {
      if (first) writer.commit(state, all);
    });
  } catch (const AgreedError&) {
    if (first) writer.discard();
    throw;
  }
}

void Checkpoints::read(const CheckpointReader& reader, const std::string& file,
                       const std::vector<TensorLayout>& expected,
                       const std::vector<NamedView>& views) const {
  const auto found = reader.layout().find(file);
  check<CheckpointError>(found != reader.layout().end(), "the checkpoint has no {}", file);
  check_layout(expected, found->second, (reader.path() / file).string());
  for (const NamedView& view : views)
    if (!view.bytes.empty()) reader.read(file, view.name, view.bytes);
}

void Checkpoints::read_model(const CheckpointReader& reader, const std::string& file) const {
  HostModel model = host_model();
  read(reader, file, layout().at(kModelFile), model.views);
  for (HostCopy& copy : model.copies) copy.write_back();
}

void Checkpoints::restore(const CheckpointReader& reader, Optimizer& optimizer,
                          MovingAverage* average, const std::vector<NamedView>& actions) {
  agree(ranks_, [&] {
    read_model(reader, kModelFile);
    read(reader, kOptimizerFile, layout().at(kOptimizerFile), optimizer.state().tensors);
    optimizer.restored();
    if (reader.layout().contains(kActionsFile))
      read(reader, kActionsFile, layout_of(actions), actions);
    if (average == nullptr) return;
    if (!reader.layout().contains(kAverageFile)) return average->reset();
    const AveragedParameters averaged(average);
    read_model(reader, kAverageFile);
  });
}

void Checkpoints::load(const CheckpointReader& reader) {
  agree(ranks_, [&] {
    read_model(reader, reader.layout().contains(kAverageFile) ? kAverageFile : kModelFile);
  });
}

}  // namespace trunkline
