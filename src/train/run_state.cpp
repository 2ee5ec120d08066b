#include "trunkline/train/run_state.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using nlohmann::json;

json field_to_json(const FieldDescription& f) {
  json j = {{"name", f.name},     {"dtype", name_of(f.dtype)}, {"shape", f.shape},
            {"kind", f.kind},     {"scale", f.scale},          {"bias", f.bias},
            {"layout", f.layout}, {"units", f.units},          {"class_names", f.class_names}};
  if (f.num_classes) j["num_classes"] = *f.num_classes;
  if (f.ignore_value) j["ignore_value"] = *f.ignore_value;
  return j;
}

FieldDescription field_from_json(const json& j) {
  FieldDescription f;
  f.name = j.at("name");
  f.dtype = dtype_named(j.at("dtype").get<std::string>());
  f.shape = j.at("shape").get<std::vector<int64_t>>();
  f.kind = j.at("kind");
  f.scale = j.at("scale").get<std::vector<double>>();
  f.bias = j.at("bias").get<std::vector<double>>();
  f.layout = j.at("layout");
  f.units = j.at("units");
  f.class_names = j.at("class_names").get<std::vector<std::string>>();
  if (j.contains("num_classes")) f.num_classes = j.at("num_classes").get<int64_t>();
  if (j.contains("ignore_value")) f.ignore_value = j.at("ignore_value").get<double>();
  return f;
}

json source_to_json(const SourceState& s, int64_t step) {
  const int64_t lane_rows = s.order.lanes > 0 ? s.batch / s.order.lanes * step : 0;
  return {{"name", s.name},
          {"rows", s.order.rows},
          {"groups", s.order.groups},
          {"group_rows", s.order.group_rows},
          {"lanes", s.order.lanes},
          {"window_groups", s.order.window_groups},
          {"batch", s.batch},
          {"input", field_to_json(s.input)},
          {"fingerprint", fmt::format("{:016x}", s.fingerprint)},
          {"lane_rows_taken", lane_rows}};
}

SourceState source_from_json(const json& j) {
  SourceState s;
  s.name = j.at("name");
  s.order = {j.at("rows"), j.at("groups"), j.at("group_rows"), j.at("lanes"),
             j.at("window_groups")};
  s.batch = j.at("batch");
  s.input = field_from_json(j.at("input"));
  s.fingerprint = std::stoull(j.at("fingerprint").get<std::string>(), nullptr, 16);
  return s;
}

Patience patience_from_json(const json& j) {
  Patience patience{{}, j.at("waited")};
  if (j.contains("best")) patience.best = j.at("best").get<double>();
  return patience;
}

void check_same(const std::string& source, const char* what, auto stored, auto now) {
  check<DataError>(stored == now,
                   "source {}: {} was {} when the run began and is {} now; resuming would change "
                   "the order of rows. "
                   "Restore the data or the setting, or start a new run",
                   source, what, stored, now);
}

void check_source(const SourceState& stored, const SourceState& now) {
  check_same(now.name, "number of training rows", stored.order.rows, now.order.rows);
  check_same(now.name, "rows per group", stored.order.group_rows, now.order.group_rows);
  check_same(now.name, "number of row groups", stored.order.groups, now.order.groups);
  check_same(now.name, "batch", stored.batch, now.batch);
  check_same(now.name, "number of lanes", stored.order.lanes, now.order.lanes);
  check_same(now.name, "groups per window", stored.order.window_groups, now.order.window_groups);
  check_same(now.name, "fingerprint of the files", fmt::format("{:016x}", stored.fingerprint),
             fmt::format("{:016x}", now.fingerprint));
}

}  // namespace

json to_json(const RunState& state) {
  json j = {{"version", 2},
            {"step", state.step},
            {"seed", state.seed},
            {"metrics_offset", state.metrics_offset},
            {"measured",
             {{"ranks", state.measured.world_size},
              {"holders", state.measured.holders},
              {"overlap", state.measured.overlap}}},
            {"statistics", to_json(state.statistics)},
            {"sources", json::array()},
            {"targets", json::array()}};
  for (const SourceState& source : state.sources)
    j["sources"].push_back(source_to_json(source, state.step));
  for (const auto& [task, field] : state.targets)
    j["targets"].push_back({{"task", task}, {"field", field_to_json(field)}});
  if (state.best) j["best"] = {{"step", state.best->step}, {"value", state.best->value}};
  j["early_stop"] = {{"waited", state.patience.waited}};
  if (state.patience.best) j["early_stop"]["best"] = *state.patience.best;
  return j;
}

RunState run_state_from_json(const json& j) {
  try {
    RunState state;
    state.step = j.at("step");
    state.seed = j.at("seed");
    state.metrics_offset = j.at("metrics_offset");
    const json& measured = j.at("measured");
    state.measured = {measured.at("ranks"), measured.at("holders").get<Holders>(),
                      measured.at("overlap")};
    for (const json& source : j.at("sources")) state.sources.push_back(source_from_json(source));
    for (const json& target : j.at("targets"))
      state.targets.emplace_back(target.at("task"), field_from_json(target.at("field")));
    if (j.contains("statistics")) state.statistics = data_statistics_from_json(j.at("statistics"));
    if (j.contains("best")) state.best = Best{j.at("best").at("step"), j.at("best").at("value")};
    if (j.contains("early_stop")) state.patience = patience_from_json(j.at("early_stop"));
    return state;
  } catch (const std::exception& error) {
    throw CheckpointError(
        fmt::format("state.json: {}; it was not written by this version", error.what()));
  }
}

std::vector<SourceState> source_states(const Session& session) {
  std::vector<SourceState> states;
  for (std::size_t s = 0; s < session.sources.size(); ++s) {
    const auto& [name, options] = session.config.sources[s];
    states.push_back({name, order_parameters(*session.sources[s], options.batch), options.batch,
                      session.sources[s]->fingerprint(), session.description.inputs[s].field});
  }
  return states;
}

void check_resumable(const RunState& stored, const Session& session) {
  check<UsageError>(stored.seed == session.config.run.seed,
                    "run.seed was {} when the run began and is {} now; keep it, or start a new run",
                    stored.seed, session.config.run.seed);
  for (const SourceState& now : source_states(session))
    for (const SourceState& before : stored.sources)
      if (before.name == now.name) check_source(before, now);
}

}  // namespace trunkline
