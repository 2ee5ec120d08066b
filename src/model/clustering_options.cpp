#include "trunkline/model/clustering_options.hpp"

namespace trunkline {

void describe(Keys& keys, ClusteringOptions& o, bool clusters) {
  const char* const when = "kind: clustering";
  keys.value("clusters", o.clusters, "number of clusters",
             {.min = 2, .required = true, .when = clusters, .when_text = when});
  keys.value("projection", o.projection,
             "width of a linear layer, behind those of head.widths, whose outputs are clustered; "
             "0: the trunk's features themselves are",
             {.min = 0, .when = clusters, .when_text = when});
  keys.value("refresh_every", o.refresh_every,
             "steps between passes over the training rows that count the masses of the clusters",
             {.min = 1, .when = clusters, .when_text = when});
  keys.choice("refresh", o.refresh, {"targets", "masses"},
              "what stays as it was counted until the next pass: the targets of all rows (rows x "
              "clusters numbers in memory and in checkpoints), or the masses alone",
              {.when = clusters, .when_text = when});
  keys.value("restarts", o.restarts,
             "times that k-means is done from other first centres; the best centres are taken",
             {.min = 1, .when = clusters, .when_text = when});
}

}  // namespace trunkline
