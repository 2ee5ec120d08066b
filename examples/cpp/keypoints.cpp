// A kind of task of one's own, trained beside the standard ones on any number of ranks: a position
// is read from where the mass of each map lies, not from how much there is (spatial softmax, Levine
// et al. 2016).
#include <ATen/ops/cat.h>
#include <ATen/ops/linspace.h>

#include "trunkline/model/delegating_task.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/train/program.hpp"

using namespace trunkline;

// A regression on the expected x and y of each map; needs a trunk that has maps.
class Keypoints final : public DelegatingTask {
 public:
  Keypoints(const std::string& name, const TaskOptions& options, const FieldDescription& field,
            const TrunkShape& trunk, const ColumnStatistics& statistics)
      : DelegatingTask("keypoints", make_regression(name, options, field,
                                                    {.width = 2 * trunk.width}, statistics)) {}

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    const at::Tensor& maps = trunk.maps;  // (n, channels, height, width)
    const at::Tensor mass = maps.flatten(2).softmax(2).view(maps.sizes());
    const at::Tensor x = mass.sum(2).matmul(at::linspace(0, 1, maps.size(3), maps.options()));
    const at::Tensor y = mass.sum(3).matmul(at::linspace(0, 1, maps.size(2), maps.options()));
    const TrunkOutput places{at::cat({x, y}, 1), maps, trunk.input};
    return DelegatingTask::forward(parameters, places, context);
  }
};

int main(int argc, char** argv) {
  TaskKinds kinds = standard_task_kinds();
  kinds.emplace_back("keypoints", [](const auto&... arguments) {
    return std::make_unique<Keypoints>(arguments...);
  });
  return training_program(argc, argv, kinds);
}
