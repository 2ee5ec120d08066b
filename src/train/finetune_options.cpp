#include "trunkline/train/finetune_options.hpp"

#include <algorithm>

namespace trunkline {
namespace {

bool is_count(const std::string& text) {
  constexpr std::size_t kDigits = 9;
  return !text.empty() && text.size() <= kDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool FinetuneOptions::given() const {
  return freeze != "none" || lr.trunk != 1.0 || lr.stems != 1.0 || lr.heads != 1.0 || l2_sp > 0.0 ||
         lora.given();
}

void describe(Keys& keys, UnfreezeOptions& o) {
  keys.value("every", o.every,
             "epochs after which one more layer of the trunk is trained, from the heads down; 0: "
             "never",
             {.min = 0});
}

void describe(Keys& keys, PartRates& o) {
  keys.value("trunk", o.trunk, "factor on the learning rate of the trunk; 0 freezes it",
             {.min = 0});
  keys.value("stems", o.stems, "factor on the learning rate of the stems; 0 freezes them",
             {.min = 0});
  keys.value("heads", o.heads, "factor on the learning rate of the heads; 0 freezes them",
             {.min = 0});
}

void describe(Keys& keys, FinetuneOptions& o) {
  keys.value("freeze", o.freeze,
             "what of the trunk stays as it is: none, trunk (all of it), or how many of its layers "
             "from the input up; a residual block is one layer");
  if (o.freeze != "none" && o.freeze != "trunk" && !is_count(o.freeze))
    keys.reject("freeze", "expected none, trunk, or a number of layers");
  keys.section("unfreeze", o.unfreeze, "how frozen layers are set free",
               {.when = o.freeze != "none", .when_text = "freeze: trunk or a number"});
  keys.section("lr", o.lr, "factors on the learning rate");
  keys.value("l2_sp", o.l2_sp,
             "pull of the trunk to the values that it began with, in place of its weight decay "
             "(L2-SP, Li et al. 2018); 0: none",
             {.min = 0});
  keys.section("lora", o.lora, "low-rank adapters of the trunk");
  if (o.lora.given() && o.freeze != "none")
    keys.reject("freeze", "leave it out: with finetune.lora the trunk itself is frozen anyway");
  if (o.lora.given() && o.l2_sp > 0.0)
    keys.reject("l2_sp", "leave it out: with finetune.lora the trunk itself does not move");
}

}  // namespace trunkline
