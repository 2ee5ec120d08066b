#include "trunkline/train/transfer.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include "stored_tensors.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/tensor.hpp"
#include "trunkline/report/table.hpp"
#include "trunkline/train/checkpoints.hpp"
#include "trunkline/train/transfer_names.hpp"

namespace trunkline {
namespace {

namespace fs = std::filesystem;

StoredTensors open_run_model(const fs::path& run, Ranks& ranks, const Logger& logger) {
  std::optional<CheckpointReader> reader = best_checkpoint(run, ranks, logger);
  std::optional<StoredTensors> stored;
  agree(ranks, [&] {
    check<CheckpointError>(reader.has_value(), "init.from: {}: the run has no checkpoint yet",
                           run.string());
    stored.emplace(std::move(*reader));
  });
  return std::move(*stored);
}

// A checkpoint is compared block by block as it is read; each rank compares what it takes.
StoredTensors open_stored(const fs::path& from, Ranks& ranks, const Logger& logger) {
  bool run = false;
  std::optional<StoredTensors> stored;
  agree(ranks, [&] {
    run = fs::is_regular_file(from / "config.yaml");
    if (run) return;
    if (fs::is_regular_file(from / "manifest.json"))
      stored.emplace(CheckpointReader(from));
    else if (fs::is_regular_file(from))
      stored.emplace(from);
    else
      throw UsageError(
          fmt::format("init.from: {}: neither a run folder, nor a checkpoint folder, nor a "
                      "safetensors file, nor a "
                      "module in a .pt file",
                      from.string()));
  });
  return stored ? std::move(*stored) : open_run_model(from, ranks, logger);
}

int64_t elements_of(const std::vector<int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

/// A parameter of the model, held by this rank or not.
struct Place {
  std::vector<int64_t> shape;
  at::Tensor parameter = {};  ///< undefined where another rank holds it
};

class Places {
 public:
  Places(MultiTaskModel& model, const Plan& plan) {
    add(model.storage().trunk_entries());
    for (std::size_t p = 0; p < model.storage().parts(); ++p) add(model.storage().part_entries(p));
    hold(model.storage().trunk());
    for (std::size_t s = 0; s < plan.holder_sets.size(); ++s)
      if (model.storage().set(s).values().defined()) hold(model.storage().set(s));
  }

  const std::vector<std::string>& names() const { return names_; }
  const Place& at(const std::string& name) const { return places_.at(name); }

 private:
  void add(const std::vector<FlatEntry>& entries) {
    for (const FlatEntry& entry : entries) {
      names_.push_back(entry.name);
      places_[entry.name].shape = entry.shape;
    }
  }
  void hold(const FlatStorage& storage) {
    for (std::size_t i = 0; i < storage.entries().size(); ++i)
      places_.at(storage.entries()[i].name).parameter = storage.parameters()[i];
  }

  std::vector<std::string> names_;  ///< trunk, heads, stems
  std::map<std::string, Place> places_;
};

void check_fits(const TensorLayout& stored, const std::string& name, const Place& place,
                const std::string& file) {
  check<CheckpointError>(is_float(stored.dtype),
                         "{}: tensor {} is {}; parameters such as {} are floating-point", file,
                         stored.name, name_of(stored.dtype), name);
  check<CheckpointError>(stored.shape == place.shape,
                         "{}: tensor {} has shape ({}), but {} of the model has ({}); describe the "
                         "same model, or begin anew with init.skip: {}",
                         file, stored.name, fmt::join(stored.shape, ", "), name,
                         fmt::join(place.shape, ", "), owner_of(name));
}

// A trunk of which nothing fits would begin with random values, and hardly anybody means that.
void check_trunk(const InitOptions& options, const std::map<std::string, std::string>& matches,
                 const std::vector<std::string>& ours, const std::string& file) {
  const auto of_trunk = [](const std::string& name) { return name.starts_with("trunk."); };
  const bool skipped = std::ranges::any_of(
      options.skip, [&](const std::string& name) { return name == "trunk" || of_trunk(name); });
  const bool none = std::ranges::none_of(matches, [&](const auto& m) { return of_trunk(m.first); });
  check<CheckpointError>(skipped || !none || std::ranges::none_of(ours, of_trunk),
                         "{}: the trunk is of another model: none of its tensors is a parameter of "
                         "the trunk here; describe the same trunk, or set init.skip: [trunk] to "
                         "begin with a new one",
                         file);
}

// Weights without the adapters that were trained on them are another function.
void check_no_adapters(const std::map<std::string, TensorLayout>& left, const std::string& file) {
  for (const auto& [name, tensor] : left)
    check<CheckpointError>(!is_adapter(name),
                           "{}: tensor {} is an adapter for which the model has no place; merge it "
                           "with `trunkline export RUN --output F.safetensors` and begin with that",
                           file, name);
}

void load(const StoredTensors& stored, const TensorLayout& tensor, const at::Tensor& parameter) {
  if (!parameter.defined()) return;
  const at::NoGradGuard no_grad;
  const at::Tensor values = at::empty(tensor.shape, scalar_type(tensor.dtype));
  stored.read(tensor.name, named_view(tensor.name, values).bytes);
  parameter.copy_(values);
}

Transfer load_all(const InitOptions& options, const StoredTensors& stored, const Places& places) {
  std::map<std::string, TensorLayout> theirs;
  std::vector<std::string> names;
  for (const TensorLayout& tensor : stored.layout()) {
    theirs[tensor.name] = tensor;
    names.push_back(tensor.name);
  }
  const auto matches = match_names(options, stored.path(), names, places.names());
  check_trunk(options, matches, places.names(), stored.path());
  Transfer transfer{{stored.path(), stored.step()}, {}, {}, {}};
  for (const std::string& name : places.names()) {
    const Place& place = places.at(name);
    const auto match = matches.find(name);
    const bool found = match != matches.end();
    (found ? transfer.loaded : transfer.fresh).push_back({name, elements_of(place.shape)});
    if (!found) continue;
    const TensorLayout& tensor = theirs.at(match->second);
    check_fits(tensor, name, place, stored.path());
    load(stored, tensor, place.parameter);
    theirs.erase(tensor.name);
  }
  check_no_adapters(theirs, stored.path());
  for (const std::string& name : names)
    if (const auto left = theirs.find(name); left != theirs.end())
      transfer.left_over.push_back({name, elements_of(left->second.shape)});
  return transfer;
}

// Tensors of one part and fate become one row, in the order of their first.
void add_rows(std::vector<std::vector<std::string>>& rows,
              const std::vector<TransferredTensor>& tensors, const char* fate) {
  struct Sum {
    std::string owner;
    int64_t tensors = 0, elements = 0;
  };
  std::vector<Sum> sums;
  for (const TransferredTensor& tensor : tensors) {
    const std::string owner = owner_of(tensor.name);
    auto sum =
        std::find_if(sums.begin(), sums.end(), [&](const Sum& s) { return s.owner == owner; });
    if (sum == sums.end()) sum = sums.insert(sum, Sum{owner});
    ++sum->tensors;
    sum->elements += tensor.elements;
  }
  for (const Sum& sum : sums)
    rows.push_back({sum.owner, fate, format_count(static_cast<double>(sum.tensors)),
                    format_count(static_cast<double>(sum.elements))});
}

std::vector<std::string> names_of(const std::vector<TransferredTensor>& tensors) {
  std::vector<std::string> names;
  for (const TransferredTensor& tensor : tensors) names.push_back(tensor.name);
  return names;
}

}  // namespace

nlohmann::json to_json(const Origin& origin) {
  nlohmann::json json = {{"file", origin.file}};
  if (origin.step) json["step"] = *origin.step;
  return json;
}

Origin origin_from_json(const nlohmann::json& json) {
  Origin origin{json.at("file"), {}};
  if (json.contains("step")) origin.step = json.at("step").get<int64_t>();
  return origin;
}

nlohmann::json to_json(const Transfer& transfer) {
  nlohmann::json json = to_json(transfer.origin);
  json["loaded"] = names_of(transfer.loaded);
  json["new"] = names_of(transfer.fresh);
  json["left_over"] = names_of(transfer.left_over);
  return json;
}

std::string format_transfer(const Transfer& transfer) {
  std::vector<std::vector<std::string>> rows;
  add_rows(rows, transfer.loaded, "loaded");
  add_rows(rows, transfer.fresh, "new");
  add_rows(rows, transfer.left_over, "left over");
  return fmt::format("begins with {}\n{}", transfer.origin.file,
                     format_table({"part", "", "tensors", "parameters"}, rows));
}

Transfer transfer_parameters(const InitOptions& options, MultiTaskModel& model, const Plan& plan,
                             Ranks& ranks, const Logger& logger) {
  const StoredTensors stored = open_stored(options.from, ranks, logger);
  Transfer transfer;
  agree(ranks, [&] { transfer = load_all(options, stored, Places(model, plan)); });
  return transfer;
}

}  // namespace trunkline
