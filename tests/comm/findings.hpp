// What a contract check found wrong, collected instead of thrown, and the tensors it uses.
#pragma once

#include <ATen/core/TensorBody.h>
#include <fmt/format.h>

#include <array>
#include <string>

#include "trunkline/core/error.hpp"

namespace trunkline {

inline constexpr std::array kContractTypes = {c10::kFloat, c10::kDouble, c10::kLong, c10::kInt,
                                              c10::kByte};
inline constexpr std::array<int64_t, 5> kContractSizes = {0, 1, 3, 64, 1000};

/// Collects findings; text() is empty if there were none.
class Findings {
 public:
  void expect(bool condition, const std::string& what) {
    if (!condition) text_ += what + "; ";
  }

  /// Same type, size and bits.
  void expect_equal(const at::Tensor& found, const at::Tensor& expected, const std::string& what);

  /// Calls and expects a CommunicationError whose message holds the text.
  template <class Call>
  void expect_refused(Call call, const std::string& text) {
    try {
      call();
      expect(false, "not refused: " + text);
    } catch (const CommunicationError& error) {
      expect(std::string(error.what()).find(text) != std::string::npos,
             fmt::format("refused as \"{}\" instead of \"{}\"", error.what(), text));
    }
  }

  std::string text() const { return text_; }

 private:
  std::string text_;
};

/// Small whole numbers (0 to 6) that depend on the rank and the place; exact in every type, also
/// when seven ranks' are added.
at::Tensor whole_numbers(int rank, int64_t elements, c10::ScalarType type);

/// Normal numbers times powers of two over 40 binades, so that any other order of a sum shows in
/// its bits.
at::Tensor rough_numbers(int rank, int64_t elements, c10::ScalarType type);

}  // namespace trunkline
