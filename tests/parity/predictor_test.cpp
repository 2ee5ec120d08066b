// A run inside another program predicts what `trunkline predict` writes.
#include "trunkline/learn/predictor.hpp"

#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "parity/training.hpp"
#include "support/h5_fixture.hpp"
#include "support/thread_world.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/learn/predict.hpp"
#include "trunkline/train/run.hpp"

namespace trunkline::test {
namespace {

void train(const std::string& config, std::vector<std::string> overrides, const std::string& run) {
  overrides.push_back("run.dir=" + run);
  overrides.emplace_back("train.steps=10");
  overrides.emplace_back("evaluate.split=train");
  run_ranks(1, [&](Communicator& world) {
    CommQueue queue;
    Ranks ranks{world, queue};
    RunRequest request;
    Run(read_config(config, overrides), request, ranks, std::make_shared<IoThread>()).train();
  });
}

void write_predictions(const std::string& run, const std::string& task, const std::string& input,
                       const std::string& output) {
  run_ranks(1, [&](Communicator& world) {
    CommQueue queue;
    Ranks ranks{world, queue};
    PredictRequest request;
    request.run = run;
    request.task = task;
    request.input = input;
    request.output = output;
    predict(request, ranks, std::make_shared<IoThread>(), make_logger({0, false, ""}));
  });
}

template <class T>
at::Tensor read(const std::string& file, const std::string& name, const at::Tensor& into) {
  const hid_t opened = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t set = H5Dopen2(opened, name.c_str(), H5P_DEFAULT);
  H5Dread(set, native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, into.mutable_data_ptr<T>());
  H5Dclose(set);
  H5Fclose(opened);
  return into;
}

struct PredictorTest : testing::Test {
  PredictorTest() {
    train(config, {"sources.a.normalize=true", "tasks.value.standardize=true"}, run);
  }
  TemporaryFolder folder;
  std::string config = write_parity_config(folder / ""), run = folder / "run";
};

TEST_F(PredictorTest, SaysWhatPredictWrites) {
  write_predictions(run, "value", folder / "tasks.h5#/a", folder / "p.h5");
  const at::Tensor x = read<float>(folder / "tasks.h5", "a/x", at::zeros({53, 6}));
  const at::Tensor written =
      read<double>(folder / "p.h5", "prediction", at::zeros({53, 2}, at::kDouble));
  const Predictor predictor(run);
  EXPECT_EQ(predictor.tasks(), (std::vector<std::string>{"class", "value", "flags", "other"}));
  EXPECT_EQ(predictor.input("value").shape, (std::vector<int64_t>{6}));
  EXPECT_TRUE(predictor.predict("value", x).prediction.to(at::kDouble).equal(written));
  EXPECT_EQ(predictor.predict("class", x.narrow(0, 0, 3)).probability.size(0), 3);
  EXPECT_EQ(predictor.predict("class", x.narrow(0, 0, 0)).prediction.size(0), 0);
}

TEST_F(PredictorTest, SaysWhatIsWrong) {
  const Predictor predictor(run);
  EXPECT_NE(message_of([&] {
              predictor.predict("values", at::zeros({2, 6}));
            }).find("it has class, value, flags, other"),
            std::string::npos);
  EXPECT_EQ(message_of([&] {
              predictor.predict("value", at::zeros({2, 5}));
            }),
            "task value: rows have shape (5); x has rows of (6)");
  EXPECT_NE(message_of([&] { Predictor(folder / "nowhere"); }).find("not a run folder"),
            std::string::npos);
}

}  // namespace
}  // namespace trunkline::test
