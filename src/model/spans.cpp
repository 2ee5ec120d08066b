#include "trunkline/model/spans.hpp"

#include <algorithm>

#include "trunkline/model/metric_state.hpp"

namespace trunkline {

std::optional<SpanTags> SpanTags::read(const std::vector<std::string>& class_names) {
  if (class_names.empty()) return std::nullopt;
  SpanTags tags;
  std::vector<std::string> types;
  for (const std::string& name : class_names) {
    if (name == "O") {
      tags.tags_.emplace_back();
      continue;
    }
    if (name.size() < 3 || (!name.starts_with("B-") && !name.starts_with("I-")))
      return std::nullopt;
    const std::string type = name.substr(2);
    const auto known = std::ranges::find(types, type);
    tags.tags_.push_back({known - types.begin(), name[0] == 'B'});
    if (known == types.end()) types.push_back(type);
  }
  return tags;
}

std::vector<Span> SpanTags::spans(std::span<const int64_t> classes) const {
  std::vector<Span> spans;
  int64_t open = -1;  // type of the span that the next token may continue
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const Tag& tag = tags_[static_cast<std::size_t>(classes[i])];
    const auto here = static_cast<int64_t>(i);
    if (tag.type >= 0 && (tag.begins || tag.type != open)) spans.push_back({tag.type, here, here});
    if (tag.type >= 0) spans.back().end = here + 1;
    open = tag.type;
  }
  return spans;
}

void SpanScore::add(const std::vector<Span>& labelled, const std::vector<Span>& predicted) {
  labelled_ += static_cast<int64_t>(labelled.size());
  predicted_ += static_cast<int64_t>(predicted.size());
  for (const Span& span : predicted) matched_ += std::ranges::count(labelled, span);
}

std::optional<double> SpanScore::f1() const {
  if (labelled_ + predicted_ == 0) return std::nullopt;
  return 2.0 * static_cast<double>(matched_) / static_cast<double>(labelled_ + predicted_);
}

void SpanScore::save(std::vector<double>& state) const {
  for (const int64_t count : {labelled_, predicted_, matched_})
    state.push_back(static_cast<double>(count));
}

void SpanScore::merge(std::span<const double>& state) {
  const auto other = take(state, 3);
  labelled_ += static_cast<int64_t>(other[0]);
  predicted_ += static_cast<int64_t>(other[1]);
  matched_ += static_cast<int64_t>(other[2]);
}

}  // namespace trunkline
