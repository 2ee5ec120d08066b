// A task: what is predicted, the head that predicts it, its loss, its metrics.
#pragma once

#include <ATen/core/TensorBody.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/core/batch.hpp"
#include "trunkline/core/description.hpp"
#include "trunkline/core/keys.hpp"
#include "trunkline/model/clustering_options.hpp"
#include "trunkline/model/column_statistics.hpp"
#include "trunkline/model/loss_options.hpp"
#include "trunkline/model/metric.hpp"
#include "trunkline/model/parameter.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// `tasks.T.head:` of the config.
struct HeadOptions {
  std::vector<int64_t> widths;               ///< hidden layers in front of the output layer
  double dropout = 0.0;                      ///< after each hidden layer
  Optional<int64_t> experts = {};            ///< own ones of each layer; absent: 1 for cgc and ple
  int64_t adapter = 0;                       ///< width of the residual adapter; 0: none
  std::vector<int64_t> channels = {32, 16};  ///< dense kinds: stages of the decoder
  bool skip = false;                         ///< dense kinds: whether the decoder reads the image
};
/// @param task_kind empty where the config leaves it to the file; then all keys are known
void describe(Keys& keys, HeadOptions& options, const std::string& task_kind);

/// `tasks.T:` of the config.
struct TaskOptions {
  std::string source;
  std::string target;      ///< empty: see target_of()
  std::string kind;        ///< empty: what the target says (attribute, or its type)
  double weight = 1.0;     ///< the user weight a_t
  int64_t start_step = 0;  ///< before this step the task has no valid label
  std::optional<int64_t> classes;
  std::optional<double> labels;  ///< rows whose labels train, a share of them below 1; absent: all
  std::string missing;  ///< empty: by NAME_valid or the file's ignore_value; "nan"; or a number
  LossOptions loss;
  ClusteringOptions clustering;
  HeadOptions head;
};
void describe(Keys& keys, TaskOptions& options);

/// The field with the labels, by default "y". Empty where there is none: a reconstruction, whose
/// target is its source's input, and a clustering that names none.
std::string target_of(const TaskOptions& options);

/// Whether a kind predicts maps, a class or numbers per pixel: those of the name dense_….
bool is_dense(const std::string& task_kind);

/// Whether the target is the input of the source: a reconstruction.
bool reads_input(const TaskOptions& options);

/// The labels of one task in one batch, ready for loss and metrics.
struct Target {
  at::Tensor values;  ///< classification, clustering: i64 (n), of tokens (n, length), of pixels
                      ///< (n, h * w); multilabel: float (n, k); regression, reconstruction: float
                      ///< (n, k), of pixels (n, c * h * w); missing ones 0
  at::Tensor valid;   ///< bool, of the shape of `values`
  at::Tensor weight;  ///< float64 (n): row weights
};

/// What `predict` writes for one task, row by row. Undefined where a kind or loss has no such
/// thing.
struct Prediction {
  at::Tensor prediction;        ///< classification, clustering: i64 (n), of tokens (n, length),
                                ///< of pixels (n, h, w); multilabel: u8 (n, k); regression: (n, k)
                                ///< in the label's units, of pixels as the label; reconstruction:
                                ///< as the input
  at::Tensor probability = {};  ///< classification, clustering (n, classes), multilabel (n, k); of
                                ///< tokens (n, length) and pixels (n, h, w), that of the predicted
                                ///< class
  at::Tensor standard_deviation = {};  ///< regression with loss gaussian (n, k)
  at::Tensor quantiles = {};           ///< regression with loss quantile (n, k, levels)
  at::Tensor confidence = {};          ///< clustering (n): the largest probability
};

/// The parts of a prediction by the names of their data sets.
struct PredictionField {
  const char* name;
  at::Tensor Prediction::*values;
};
inline constexpr std::array<PredictionField, 5> kPredictionFields = {
    {{"prediction", &Prediction::prediction},
     {"probability", &Prediction::probability},
     {"standard_deviation", &Prediction::standard_deviation},
     {"quantiles", &Prediction::quantiles},
     {"confidence", &Prediction::confidence}}};

/// One task with its head. Immutable after construction; safe from several threads.
class Task {
 public:
  /// Valid elements (rows, or entries for multilabel and regression) and N_t: the sum of their row
  /// weights, times the factor of the label's class where a classification has class weights.
  struct Count {
    double valid = 0.0;
    double weight = 0.0;
  };

  virtual ~Task() = default;
  virtual const std::string& name() const = 0;
  virtual const std::string& kind() const = 0;
  virtual const std::vector<ParameterSpec>& parameters() const = 0;

  /// Labels out of a batch; `precision` is the run's (kFloat or kDouble). Applies NAME_valid,
  /// missing and ignore_value. @throws DataError naming source, field, row and value for a label
  /// that cannot be
  virtual Target target(const Batch& batch, c10::ScalarType precision) const = 0;

  /// (n, outputs): logits, or numbers in the scale of the loss; (n, length, classes) for tokens,
  /// (n, outputs, h, w) for pixels. A head that mixes experts adds its gates to context.gates.
  virtual at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                             const Context& context) const = 0;

  virtual Count count(const Target& target) const = 0;

  /// Scalar of the run's precision: the sum over valid elements of loss times row weight.
  /// Differentiable.
  virtual at::Tensor loss_sum(const at::Tensor& output, const Target& target) const = 0;

  virtual std::unique_ptr<Metric> metric() const = 0;
  virtual Prediction predict(const at::Tensor& output) const = 0;
};

/// Makes the tasks of one kind.
/// @param field what the file says of the target, which is the input where reads_input(); without a
/// name where there is no target   @param trunk what the head may read
/// @param statistics of the training labels, where needs_label_statistics(); of the input where
/// reads_input()
/// @throws UsageError or DataError where config and target do not fit
using TaskMaker = std::function<std::unique_ptr<Task>(
    const std::string& name, const TaskOptions& options, const FieldDescription& field,
    const TrunkShape& trunk, const ColumnStatistics& statistics)>;

/// Kinds of task by the name that `tasks.T.kind` takes. A program adds its own to the standard ones
/// and hands the table to read_config():
///
///   TaskKinds kinds = standard_task_kinds();
///   kinds.emplace_back("keypoints", make_keypoints);
using TaskKinds = OrderedMap<TaskMaker>;

/// Those of task_kinds.hpp.
TaskKinds standard_task_kinds();

/// The keys of a task whose kind is one of these.
void describe(Keys& keys, TaskOptions& options, const TaskKinds& kinds);

/// The task that config and target ask for. A kind that the config does not name is what the
/// target says: its attribute, or its type.
/// @throws UsageError or DataError where config and target do not fit
std::unique_ptr<Task> make_task(const std::string& name, const TaskOptions& options,
                                const FieldDescription& field, const TrunkShape& trunk,
                                const ColumnStatistics& statistics = {},
                                const TaskKinds& kinds = standard_task_kinds());

}  // namespace trunkline
