// How a config names files and groups.
#include "trunkline/h5/location.hpp"

#include <gtest/gtest.h>

#include "support/h5_fixture.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline::h5 {
namespace {

class Locations : public ::testing::Test {
 protected:
  std::vector<Location> resolve(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(folder_ / name);
    return resolve_locations(paths);
  }
  Location at(const std::string& name, const std::string& group = "/") {
    return {folder_ / name, group};
  }

  test::TemporaryFolder folder_;
};

TEST_F(Locations, APathIsTheRootOfAFile) {
  EXPECT_EQ(resolve({"a.h5"}), (std::vector<Location>{at("a.h5")}));
}

TEST_F(Locations, AGroupFollowsTheLastHashAndSlash) {
  EXPECT_EQ(resolve({"a#/b.h5#/tasks/depth/"}),
            (std::vector<Location>{at("a#/b.h5", "/tasks/depth")}));
}

TEST_F(Locations, AnExistingFileIsThatFile) {
  std::filesystem::create_directory(folder_ / "a#");
  folder_.text("a#/b[1].h5", "");
  EXPECT_EQ(resolve({"a#/b[1].h5"}), (std::vector<Location>{at("a#/b[1].h5")}));
}

TEST_F(Locations, GlobsAreSortedAndListsKeepTheirOrder) {
  for (const char* name : {"b.h5", "a.h5", "Z.h5"}) folder_.text(name, "");
  EXPECT_EQ(
      resolve({"b.h5", "*.h5#/g"}),
      (std::vector<Location>{at("b.h5"), at("Z.h5", "/g"), at("a.h5", "/g"), at("b.h5", "/g")}));
}

TEST_F(Locations, AGlobWithoutMatchIsAnError) { EXPECT_THROW(resolve({"*.h5"}), DataError); }

TEST_F(Locations, AnEmptyListIsAnError) { EXPECT_THROW(resolve({}), DataError); }

}  // namespace
}  // namespace trunkline::h5
