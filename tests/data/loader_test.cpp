// The training and evaluation streams of a source: the same rows in the same slots for any number
// of ranks, each row once, from any batch on.
#include "trunkline/data/loader.hpp"

#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "support/h5_fixture.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using test::counting;
using test::H5Writer;

constexpr int64_t kBatch = 24;
constexpr int64_t kWidth = 1000;  // floats per row: a row is too long to be kept in memory

// x[row] = row in all columns, y[row] = row % 7.
void write_rows(const std::string& path, std::size_t rows, int first, const std::string& group = "",
                test::DatasetOptions options = {}) {
  H5Writer file(path);
  std::vector<float> x;
  std::vector<int32_t> y;
  for (std::size_t row = 0; row < rows; ++row) {
    x.insert(x.end(), kWidth, static_cast<float>(first + static_cast<int>(row)));
    y.push_back((first + static_cast<int>(row)) % 7);
  }
  file.write(group + "/x", {rows, kWidth}, x, options).column(group + "/y", y);
}

struct Slot {
  int64_t batch, slot, sample;
  auto operator<=>(const Slot&) const = default;
};

class LoaderTest : public ::testing::Test {
 protected:
  std::shared_ptr<Source> open(SourceOptions options, std::vector<std::string> targets = {"y"}) {
    return Source::open(options, {"shapes", std::move(targets)}, io_);
  }

  // Files of 37, 5 and 911 rows.
  std::shared_ptr<Source> open_example() {
    write_rows(folder_ / "a.h5", 37, 0);
    write_rows(folder_ / "b.h5", 5, 37);
    write_rows(folder_ / "c.h5", 911, 42);
    return open({.file = {folder_ / "*.h5"}});
  }

  std::shared_ptr<Source> open_rows(std::size_t rows) {
    write_rows(folder_ / "rows.h5", rows, 0);
    return open({.file = {folder_ / "rows.h5"}});
  }

  test::TemporaryFolder folder_;
  std::shared_ptr<IoThread> io_ = std::make_shared<IoThread>();
};

LoaderOptions of_rank(int64_t rank, int64_t ranks, int64_t batch = kBatch) {
  LoaderOptions options;
  options.seed = 42;
  options.batch = batch;
  options.slots = {{batch * rank / ranks, batch * (rank + 1) / ranks}};
  return options;
}

// What all ranks together see in `steps` batches; every row is checked against its number.
std::vector<Slot> stream(const std::shared_ptr<Source>& source, int64_t ranks, int64_t steps,
                         LoaderOptions changes = {}, int64_t batch_size = kBatch) {
  std::vector<Slot> seen;
  for (int64_t rank = 0; rank < ranks; ++rank) {
    LoaderOptions options = of_rank(rank, ranks, batch_size);
    options.tail = changes.tail;
    options.first_batch = changes.first_batch;
    options.origin = changes.origin;
    const auto loader = make_training_loader(source, options);
    for (int64_t k = 0; k < steps; ++k) {
      const Batch batch = loader->next();
      const at::Tensor& x = batch.fields.at("x");
      for (int64_t i = 0; i < batch.rows(); ++i) {
        const int64_t sample = batch.samples.const_data_ptr<int64_t>()[i];
        EXPECT_EQ(x.const_data_ptr<float>()[i * kWidth], static_cast<float>(sample));
        EXPECT_EQ(x.const_data_ptr<float>()[i * kWidth + kWidth - 1], static_cast<float>(sample));
        EXPECT_EQ(batch.fields.at("y").const_data_ptr<int32_t>()[i], sample % 7);
        seen.push_back({changes.first_batch + k, batch.slots.const_data_ptr<int64_t>()[i], sample});
      }
    }
  }
  std::ranges::sort(seen);
  return seen;
}

std::vector<int64_t> samples(const std::vector<Slot>& seen) {
  std::vector<int64_t> rows;
  for (const Slot& slot : seen) rows.push_back(slot.sample);
  std::ranges::sort(rows);
  return rows;
}

TEST_F(LoaderTest, EveryNumberOfRanksSeesTheSameRowsInTheSameSlots) {
  const auto source = open_example();
  const std::vector<Slot> expected = stream(source, 1, 80);
  for (const int64_t ranks : {2, 3, 4, 5, 6, 8}) EXPECT_EQ(stream(source, ranks, 80), expected);
}

TEST_F(LoaderTest, EachRowComesOncePerEpochForSeveralFiles) {
  const auto source = open_example();
  EXPECT_EQ(samples(stream(source, 1, 40)), counting<int64_t>(953));
}

TEST_F(LoaderTest, EachRowComesOncePerEpochWithFewerRowsThanABatch) {
  EXPECT_EQ(samples(stream(open_rows(7), 3, 1)), counting<int64_t>(7));
}

TEST_F(LoaderTest, EachRowComesOncePerEpochWithFewerRowsThanLanes) {
  EXPECT_EQ(samples(stream(open_rows(3), 2, 1, {}, 64)), counting<int64_t>(3));
}

TEST_F(LoaderTest, EpochsDiffer) {
  const auto source = open_rows(100);
  const std::vector<Slot> all = stream(source, 1, 10);
  EXPECT_NE(all[0].sample, all[100].sample);
}

TEST_F(LoaderTest, ResumeGoesOnAsIfNothingHadHappened) {
  const auto source = open_example();
  const std::vector<Slot> whole = stream(source, 2, 90);
  for (const int64_t k : {1, 13, 39, 40, 77}) {
    LoaderOptions resumed;
    resumed.first_batch = k;
    const auto first = std::ranges::lower_bound(whole, Slot{k, 0, 0});
    EXPECT_EQ(stream(source, 2, 90 - k, resumed), std::vector<Slot>(first, whole.end()));
  }
}

TEST_F(LoaderTest, AnOrderMayBeginAtALaterStepWithALaterEpoch) {
  const auto source = open_rows(100);  // 5 batches an epoch
  LoaderOptions third_epoch, moved;
  third_epoch.first_batch = 2 * 5;
  moved.first_batch = 7;
  moved.origin = {7, 2};
  std::vector<Slot> expected = stream(source, 2, 10, third_epoch);
  for (Slot& slot : expected) slot.batch += 7 - 2 * 5;
  EXPECT_EQ(stream(source, 2, 10, moved), expected);
}

TEST(SampleOrder, KnowsAnEpochThatHasNotBegun) {
  const OrderParameters order = choose_order(100, 10, 10, 24, 256);
  for (const Tail tail : {Tail::kPad, Tail::kDrop, Tail::kContinuous})
    for (const int64_t steps : {0, 1, 4, 5, 333})
      for (int64_t slot = 0; slot < 24; ++slot) {
        const auto last = slot_position(order, 24, tail, steps - 1, slot);
        if (!last || steps == 0) continue;
        EXPECT_LT(last->epoch, unused_epoch(order, 24, steps));
      }
}

TEST_F(LoaderTest, ResumeIsPossibleFarAhead) {
  LoaderOptions far;
  far.first_batch = int64_t{1} << 40;
  EXPECT_EQ(samples(stream(open_rows(48), 1, 2, far)), counting<int64_t>(48));
}

TEST_F(LoaderTest, ContinuousBatchesAreAlwaysFullAndResume) {
  const auto source = open_example();
  LoaderOptions continuous;
  continuous.tail = "continuous";
  const std::vector<Slot> whole = stream(source, 3, 90, continuous);
  EXPECT_EQ(whole.size(), 90u * kBatch);
  continuous.first_batch = 50;
  EXPECT_EQ(stream(source, 1, 40, continuous),
            std::vector<Slot>(whole.begin() + 50 * kBatch, whole.end()));
}

TEST_F(LoaderTest, ContinuousRowsComeEquallyOften) {
  LoaderOptions continuous;
  continuous.tail = "continuous";
  const std::vector<int64_t> rows = samples(stream(open_rows(36), 1, 3, continuous));
  for (int64_t row = 0; row < 36; ++row) EXPECT_EQ(std::ranges::count(rows, row), 2);
}

TEST_F(LoaderTest, DropLeavesTheRestOut) {
  LoaderOptions drop;
  drop.tail = "drop";
  EXPECT_EQ(stream(open_rows(50), 2, 4, drop).size(), 4u * kBatch);
}

TEST_F(LoaderTest, DropOfEverythingIsAnError) {
  LoaderOptions drop = of_rank(0, 1);
  drop.tail = "drop";
  const auto source = open_rows(5);
  EXPECT_THROW(make_training_loader(source, drop), DataError);
}

TEST_F(LoaderTest, ARankMayReadSeveralRangesOfSlots) {
  const auto source = open_rows(100);
  LoaderOptions options = of_rank(0, 1);
  options.slots = {{1, 3}, {20, 24}};
  const Batch part = make_training_loader(source, options)->next();
  const Batch whole = make_training_loader(source, of_rank(0, 1))->next();
  EXPECT_EQ(part.rows(), 6);
  EXPECT_TRUE(at::equal(part.slice({20, 24}).samples, whole.slice({20, 24}).samples));
}

TEST_F(LoaderTest, OrderDoesNotDependOnChunksOfTheSameHeight) {
  write_rows(folder_ / "gzip.h5", 90, 0, "", {.chunk = {8, 100}, .gzip = 1});
  write_rows(folder_ / "plain.h5", 90, 0, "", {.chunk = {8, kWidth}});
  EXPECT_EQ(stream(open({.file = {folder_ / "gzip.h5"}}), 1, 4),
            stream(open({.file = {folder_ / "plain.h5"}}), 1, 4));
}

TEST_F(LoaderTest, CompanionsComeAlong) {
  write_rows(folder_ / "a.h5", 3, 0);
  {
    H5Writer file(folder_ / "b.h5");
    file.write<float>("x", {3, 2}, {0, 1, 2, 3, 4, 5});
    file.column<int32_t>("y", {1, 99, 0}).column<uint8_t>("y_valid", {1, 0, 1});
    file.column<float>("y_weight", {0.5, 1, 2});
  }
  const auto source = open({.file = {folder_ / "b.h5"}});
  EXPECT_TRUE(source->description().target("y").has_valid);
  EXPECT_EQ(source->description().target("y").num_classes, 2);
  const Batch batch = make_evaluation_loader(source, Split::kTrain, of_rank(0, 1))->next();
  const auto* valid = batch.fields.at("y_valid").const_data_ptr<uint8_t>();
  EXPECT_EQ(std::vector<uint8_t>(valid, valid + 3), (std::vector<uint8_t>{1, 0, 1}));
  const auto* weight = batch.fields.at("y_weight").const_data_ptr<float>();
  EXPECT_EQ(std::vector<float>(weight, weight + 3), (std::vector<float>{0.5, 1, 2}));
}

TEST_F(LoaderTest, OnlyNamedFieldsAreDelivered) {
  LoaderOptions options = of_rank(0, 1);
  options.fields = {"y"};
  const auto source = open_rows(30);
  const Batch batch = make_training_loader(source, options)->next();
  EXPECT_EQ(batch.fields.size(), 1u);
  options.fields = {"z"};
  EXPECT_THROW(make_training_loader(source, options), DataError);
}

TEST_F(LoaderTest, EvaluationVisitsRowsInFileOrderForAnyNumberOfRanks) {
  const auto source = open_example();
  for (const int64_t ranks : {1, 2, 5}) {
    std::vector<Slot> seen;
    for (int64_t rank = 0; rank < ranks; ++rank) {
      const auto loader = make_evaluation_loader(source, Split::kTrain, of_rank(rank, ranks));
      for (int64_t k = 0; k < 41; ++k) {
        const Batch batch = loader->next();
        for (int64_t i = 0; i < batch.rows(); ++i) {
          const int64_t sample = batch.samples.const_data_ptr<int64_t>()[i];
          EXPECT_EQ(batch.fields.at("x").const_data_ptr<float>()[i * kWidth],
                    static_cast<float>(sample));
          seen.push_back({k, batch.slots.const_data_ptr<int64_t>()[i], sample});
        }
      }
    }
    std::ranges::sort(seen);
    ASSERT_EQ(seen.size(), 953u);
    for (int64_t row = 0; row < 953; ++row)
      EXPECT_EQ(seen[static_cast<std::size_t>(row)], (Slot{row / kBatch, row % kBatch, row}));
  }
}

TEST_F(LoaderTest, AFileThatIsCutSurfacesFromNext) {
  write_rows(folder_ / "a.h5", 400, 0);
  const auto source = open({.file = {folder_ / "a.h5"}});
  std::filesystem::resize_file(folder_ / "a.h5", 4096);
  const auto loader = make_evaluation_loader(source, Split::kTrain, of_rank(0, 1));
  const std::string message = test::message_of([&] {
    for (int k = 0; k < 20; ++k) loader->next();
  });
  EXPECT_NE(message.find("source shapes: " + (folder_ / "a.h5") + ": changed"), std::string::npos)
      << message;
}

TEST_F(LoaderTest, RanksThatAreThreadsShareASource) {
  const auto source = open_example();
  const std::vector<Slot> expected = stream(source, 1, 40);
  std::vector<std::vector<Slot>> seen(4);
  std::vector<std::thread> ranks;
  for (int64_t rank = 0; rank < 4; ++rank)
    ranks.emplace_back([&, rank] {
      const auto loader = make_training_loader(source, of_rank(rank, 4));
      for (int64_t k = 0; k < 40; ++k) {
        const Batch batch = loader->next();
        for (int64_t i = 0; i < batch.rows(); ++i)
          seen[static_cast<std::size_t>(rank)].push_back(
              {k, batch.slots.const_data_ptr<int64_t>()[i],
               batch.samples.const_data_ptr<int64_t>()[i]});
      }
    });
  for (std::thread& rank : ranks) rank.join();
  std::vector<Slot> all;
  for (const auto& of_one : seen) all.insert(all.end(), of_one.begin(), of_one.end());
  std::ranges::sort(all);
  EXPECT_EQ(all, expected);
}

TEST_F(LoaderTest, ALoaderMayStopEarly) {
  const auto source = open_rows(500);
  make_training_loader(source, of_rank(0, 1))->next();
}

}  // namespace
}  // namespace trunkline
