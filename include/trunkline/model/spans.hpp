// Spans in a sequence of BIO labels, and their F1. Torch-free.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline {

/// Tokens [begin, end) that together are of one type.
struct Span {
  int64_t type = 0, begin = 0, end = 0;
  bool operator==(const Span&) const = default;
};

/// What class names of the form O, B-TYPE, I-TYPE say: which classes begin or continue a span of
/// which type.
class SpanTags {
 public:
  /// Empty where a name has another form or there are none: such labels have no spans.
  static std::optional<SpanTags> read(const std::vector<std::string>& class_names);

  /// The spans of a row, from left to right. As the scripts of CoNLL count them (Tjong Kim Sang &
  /// Buchholz 2000): an I- that does not continue a span of its type begins one.
  std::vector<Span> spans(std::span<const int64_t> classes) const;

 private:
  struct Tag {
    int64_t type = -1;  // -1 outside
    bool begins = false;
  };
  std::vector<Tag> tags_;  // by class
};

/// Counts of spans and the F1 over exact matches of type, begin and end. Exact over any split of
/// the rows.
class SpanScore {
 public:
  void add(const std::vector<Span>& labelled, const std::vector<Span>& predicted);

  /// 2 matches / (labelled + predicted); absent where there are neither.
  std::optional<double> f1() const;

  void save(std::vector<double>& state) const;
  void merge(std::span<const double>& state);

 private:
  int64_t labelled_ = 0, predicted_ = 0, matched_ = 0;
};

}  // namespace trunkline
