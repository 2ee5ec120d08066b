#include "stored_tensors.hpp"

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/core/tensor.hpp"

namespace trunkline {

StoredTensors::StoredTensors(CheckpointReader reader) : reader_(std::move(reader)) {
  const CheckpointLayout& files = reader_->layout();
  name_ = files.contains("ema.safetensors") ? "ema.safetensors" : "model.safetensors";
  check<CheckpointError>(files.contains(name_), "{}: the checkpoint has no {}",
                         reader_->path().string(), name_);
  path_ = reader_->path() / name_;
  step_ = reader_->step();
  layout_ = files.at(name_);
}

StoredTensors::StoredTensors(const std::filesystem::path& file) : path_(file) {
  if (file.extension() == ".pt") {
    module_ = torchscript_parameters(file.string());
    for (const auto& [name, tensor] : module_)
      layout_.push_back({name, dtype_of(tensor), tensor.sizes().vec()});
    return;
  }
  File opened = File::open_for_reading(file);
  const std::string head = read_header(opened);
  SafetensorsHeader header = decode_header(head, opened.size(), file.string());
  for (const TensorPlace& place : header.tensors) layout_.push_back(place.tensor);
  alone_.emplace(std::move(opened), std::move(header));
}

void StoredTensors::read(const std::string& tensor, std::span<std::byte> bytes) const {
  if (reader_) return reader_->read(name_, tensor, bytes);
  for (const auto& [name, values] : module_)
    if (name == tensor) {
      const NamedView view = named_view(name, values);
      std::copy(view.bytes.begin(), view.bytes.end(), bytes.begin());
      return;
    }
  const TensorPlace* place = alone_->header.find(tensor);
  ensure(place != nullptr && std::cmp_equal(place->bytes(), bytes.size()),
         "a tensor of the layout is read whole");
  alone_->file.read(place->begin, bytes);
}

}  // namespace trunkline
