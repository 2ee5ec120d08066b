// One maker per kind of task: the table of standard_task_kinds(). Each kind is one file: how it
// checks its target, its head, its loss, its metric and what it predicts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "trunkline/model/task.hpp"

namespace trunkline {

/// One class per row. Labels: any integral numbers 0..classes-1 of shape (n) or (n, 1), or one-hot
/// rows (n, classes). Loss: cross-entropy or focal, with class weights and label smoothing.
/// Metrics: loss, accuracy, macro_f1, balanced_accuracy, and roc_auc for two classes.
std::unique_ptr<Task> make_classification(const std::string& name, const TaskOptions& options,
                                          const FieldDescription& field, const TrunkShape& trunk,
                                          const ColumnStatistics& statistics);

/// k independent yes/no labels per row, each 0 or 1 or missing. Loss: binary cross-entropy,
/// where class weights are factors of the positives.
/// Metrics: loss, accuracy of all entries at probability 0.5, roc_auc (mean over the columns where
/// it is defined).
std::unique_ptr<Task> make_multilabel(const std::string& name, const TaskOptions& options,
                                      const FieldDescription& field, const TrunkShape& trunk,
                                      const ColumnStatistics& statistics);

/// k real numbers per row, each finite or missing; labels are v * scale + bias of the file. Loss:
/// see RegressionLoss, on the labels or on standardised labels. Metrics of the predictions in the
/// label's units: mae, rmse over all entries, r2 (mean over the columns where it is defined).
std::unique_ptr<Task> make_regression(const std::string& name, const TaskOptions& options,
                                      const FieldDescription& field, const TrunkShape& trunk,
                                      const ColumnStatistics& statistics);

/// One class per token; the trunk must give tokens. Labels: integral numbers 0..classes-1 of shape
/// (n, length); those of padding are missing. Loss: that of classification, where each token counts
/// with the weight of its row. Metrics: loss, accuracy of tokens, and span_f1 where the class names
/// are O, B-TYPE and I-TYPE.
std::unique_ptr<Task> make_token_classification(const std::string& name, const TaskOptions& options,
                                                const FieldDescription& field,
                                                const TrunkShape& trunk,
                                                const ColumnStatistics& statistics);

/// One class per pixel; the trunk must give maps. Labels: integral numbers 0..classes-1 of shape
/// (n, h, w). Loss: that of classification, where each pixel counts with the weight of its row.
/// Metrics: loss, accuracy of pixels, and miou, the mean intersection over union of the classes.
std::unique_ptr<Task> make_dense_classification(const std::string& name, const TaskOptions& options,
                                                const FieldDescription& field,
                                                const TrunkShape& trunk,
                                                const ColumnStatistics& statistics);

/// Numbers per pixel, each finite or missing; the trunk must give maps. Labels: (n, h, w) or
/// (n, c, h, w); they are v * scale + bias of the file. Loss: mse, mae or huber. Metrics over all
/// entries, in the label's units: mae, rmse, and rel_error, the mean of |error / label| where the
/// label is not 0.
std::unique_ptr<Task> make_dense_regression(const std::string& name, const TaskOptions& options,
                                            const FieldDescription& field, const TrunkShape& trunk,
                                            const ColumnStatistics& statistics);

/// The source's own input, as the model is given it (prepared, and normalised where the source is):
/// the head is the decoder of an autoencoder. No labels. Loss: mse, or bce, whose outputs are
/// logits. Metrics per element on that scale: mse, mae. Predictions have the shape of the prepared
/// input, and its units: normalisation is undone.
std::unique_ptr<Task> make_reconstruction(const std::string& name, const TaskOptions& options,
                                          const FieldDescription& field, const TrunkShape& trunk,
                                          const ColumnStatistics& statistics);

/// Clusters of features (clustering.hpp). The target, if any, is one whole number per row, for
/// metrics only. Metrics: loss, min_cluster_share, cluster_entropy, and with a target nmi, ari,
/// cluster_accuracy; all undefined before the clusters have started.
std::unique_ptr<Task> make_clustering(const std::string& name, const TaskOptions& options,
                                      const FieldDescription& field, const TrunkShape& trunk,
                                      const ColumnStatistics& statistics);

/// One of `options.classes` ways per row, in episodes: which classes of the file are the ways
/// differs from episode to episode, so joint steps and their metrics find no label in it, and the
/// head is a start for adaptation. Loss: cross-entropy. Metrics (of episodes, by meta-learning):
/// loss, accuracy, accuracy_ci95.
std::unique_ptr<Task> make_few_shot(const std::string& name, const TaskOptions& options,
                                    const FieldDescription& field, const TrunkShape& trunk,
                                    const ColumnStatistics& statistics);

}  // namespace trunkline
