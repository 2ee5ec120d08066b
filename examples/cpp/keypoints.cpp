// A kind of task of one's own, trained beside the standard ones on any number of ranks: a position
// is read from where the mass of each map lies, not from how much there is (spatial softmax, Levine
// et al. 2016).
#include <ATen/ops/cat.h>
#include <ATen/ops/linspace.h>
#include <fmt/format.h>

#include <optional>

#include "trunkline/comm/mpi_session.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/train/run.hpp"

using namespace trunkline;

// A regression on the expected x and y of each map; needs a trunk that has maps.
class Keypoints final : public Task {
 public:
  Keypoints(const std::string& name, const TaskOptions& options, const FieldDescription& field,
            int64_t width, const ColumnStatistics& statistics)
      : regression_(make_regression(name, options, field, 2 * width, statistics)) {}

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    const at::Tensor& maps = trunk.maps;  // (n, channels, height, width)
    const at::Tensor mass = maps.flatten(2).softmax(2).view(maps.sizes());
    const at::Tensor x = mass.sum(2).matmul(at::linspace(0, 1, maps.size(3), maps.options()));
    const at::Tensor y = mass.sum(3).matmul(at::linspace(0, 1, maps.size(2), maps.options()));
    return regression_->forward(parameters, {at::cat({x, y}, 1), maps, trunk.input}, context);
  }

  const std::string& name() const override { return regression_->name(); }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override {
    return regression_->parameters();
  }
  Target target(const Batch& batch, c10::ScalarType precision) const override {
    return regression_->target(batch, precision);
  }
  Count count(const Target& target) const override { return regression_->count(target); }
  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return regression_->loss_sum(output, target);
  }
  std::unique_ptr<Metric> metric() const override { return regression_->metric(); }
  Prediction predict(const at::Tensor& output) const override {
    return regression_->predict(output);
  }

 private:
  std::string kind_ = "keypoints";
  std::unique_ptr<Task> regression_;
};

int main(int argc, char** argv) {
  if (argc < 2) return fmt::print(stderr, "usage: keypoints CONFIG [KEY=VALUE…]\n"), 2;
  std::optional<MpiSession> mpi;  // under mpirun or srun all ranks, alone one
  if (MpiSession::launched()) mpi.emplace();
  const std::unique_ptr<Communicator> world = mpi ? mpi->world() : make_single_communicator();
  CommQueue queue;
  Ranks ranks{*world, queue};
  TaskKinds kinds = standard_task_kinds();
  kinds.emplace_back("keypoints", [](const auto&... arguments) {
    return std::make_unique<Keypoints>(arguments...);
  });
  try {
    Run run(read_config(argv[1], {argv + 2, argv + argc}, kinds), {}, ranks,
            std::make_shared<IoThread>());
    return static_cast<int>(run.train());
  } catch (const Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    world->abort(static_cast<int>(error.code()));  // no rank may wait for one that failed
  }
}
