#include "trunkline/train/run_state.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using nlohmann::json;

json field_to_json(const FieldDescription& f) {
  json j = {{"name", f.name},     {"dtype", name_of(f.dtype)}, {"shape", f.shape},
            {"kind", f.kind},     {"scale", f.scale},          {"bias", f.bias},
            {"layout", f.layout}, {"units", f.units},          {"class_names", f.class_names}};
  if (!f.codes.empty()) {
    j["columns"] = f.columns;
    j["codes"] = f.codes;
    j["code_names"] = f.code_names;
  }
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
  if (j.contains("codes")) {
    f.columns = j.at("columns").get<std::vector<std::string>>();
    f.codes = j.at("codes").get<std::vector<int64_t>>();
    f.code_names = j.at("code_names").get<uint64_t>();
  }
  if (j.contains("num_classes")) f.num_classes = j.at("num_classes").get<int64_t>();
  if (j.contains("ignore_value")) f.ignore_value = j.at("ignore_value").get<double>();
  return f;
}

json source_to_json(const SourceState& s, int64_t step) {
  const int64_t steps = step - s.origin.step;
  const int64_t lane_rows = s.order.lanes > 0 ? s.batch / s.order.lanes * steps : 0;
  return {{"name", s.name},
          {"rows", s.order.rows},
          {"groups", s.order.groups},
          {"group_rows", s.order.group_rows},
          {"lanes", s.order.lanes},
          {"window_groups", s.order.window_groups},
          {"origin", {{"step", s.origin.step}, {"epoch", s.origin.epoch}}},
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
  if (j.contains("origin")) s.origin = {j.at("origin").at("step"), j.at("origin").at("epoch")};
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

// What stands between a source and its former order of rows; empty where nothing does.
std::string difference(const SourceState& before, const SourceState& now) {
  std::string found;
  const auto compare = [&](const char* what, const auto& stored, const auto& current) {
    if (found.empty() && stored != current)
      found = fmt::format("{} was {} when the run began and is {} now", what, stored, current);
  };
  compare("number of training rows", before.order.rows, now.order.rows);
  compare("rows per group", before.order.group_rows, now.order.group_rows);
  compare("number of row groups", before.order.groups, now.order.groups);
  compare("batch", before.batch, now.batch);
  compare("number of lanes", before.order.lanes, now.order.lanes);
  compare("groups per window", before.order.window_groups, now.order.window_groups);
  compare("fingerprint of the files", fmt::format("{:016x}", before.fingerprint),
          fmt::format("{:016x}", now.fingerprint));
  return found;
}

OrderOrigin fresh_epoch(const SourceState& before, int64_t step) {
  const int64_t begun = unused_epoch(before.order, before.batch, step - before.origin.step);
  return {step, before.origin.epoch + begun};
}

std::vector<SourceState> source_states(const Session& session,
                                       const std::vector<OrderOrigin>& origins) {
  std::vector<SourceState> states;
  for (std::size_t s = 0; s < session.sources.size(); ++s) {
    const auto& [name, options] = session.config.sources[s];
    states.push_back({name, order_parameters(*session.sources[s], options.batch),
                      origins.empty() ? OrderOrigin{} : origins[s], options.batch,
                      session.sources[s]->fingerprint(), session.description.inputs[s].field});
  }
  return states;
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
  if (!state.actions.empty()) j["actions"] = state.actions;
  if (state.origin) j["origin"] = to_json(*state.origin);
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
    if (j.contains("origin")) state.origin = origin_from_json(j.at("origin"));
    if (j.contains("best")) state.best = Best{j.at("best").at("step"), j.at("best").at("value")};
    if (j.contains("early_stop")) state.patience = patience_from_json(j.at("early_stop"));
    if (j.contains("actions")) state.actions = j.at("actions");
    return state;
  } catch (const std::exception& error) {
    throw CheckpointError(
        fmt::format("state.json: {}; it was not written by this version", error.what()));
  }
}

RunState state_of(const TrainingSession& training, const std::vector<OrderOrigin>& origins) {
  const Session& session = training.session();
  RunState state;
  state.seed = session.config.run.seed;
  state.sources = source_states(session, origins);
  state.statistics = session.description.statistics;
  for (std::size_t t = 0; t < session.config.tasks.size(); ++t)
    state.targets.emplace_back(session.config.tasks[t].first, session.description.targets[t]);
  state.measured = {session.ranks.size(), session.layout.holders(), training.overlap()};
  state.actions = training.action_states();
  return state;
}

std::vector<OrderOrigin> resumed_origins(const RunState& stored, const Session& session,
                                         bool reshuffle, const Logger& logger) {
  check<UsageError>(stored.seed == session.config.run.seed,
                    "run.seed was {} when the run began and is {} now; keep it, or start a new run",
                    stored.seed, session.config.run.seed);
  std::vector<OrderOrigin> origins(session.sources.size());
  const std::vector<SourceState> sources = source_states(session, origins);
  for (std::size_t s = 0; s < sources.size(); ++s)
    for (const SourceState& before : stored.sources) {
      if (before.name != sources[s].name) continue;
      const std::string found = difference(before, sources[s]);
      check<DataError>(found.empty() || reshuffle,
                       "source {}: {}; resuming would change the order of rows. Restore the data "
                       "or the setting, begin a fresh epoch of it with --reshuffle, or start a new "
                       "run",
                       before.name, found);
      if (!found.empty()) logger->warn("source {}: {}; a fresh epoch begins", before.name, found);
      origins[s] = found.empty() ? before.origin : fresh_epoch(before, stored.step);
    }
  return origins;
}

}  // namespace trunkline
