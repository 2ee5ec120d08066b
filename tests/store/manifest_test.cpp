// The manifest vouches for itself, and a forged one cannot reach outside its folder.
#include "trunkline/store/manifest.hpp"

#include <gtest/gtest.h>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

Manifest sample() {
  Manifest manifest;
  manifest.step = 50;
  manifest.block_bytes = 32;
  manifest.files["model.safetensors"] = {200, 128, 7, {{"w", {1, 2, 3}}, {"empty", {}}}};
  manifest.state_bytes = 20;
  manifest.state_hash = 0xfedcba9876543210;
  return manifest;
}

TEST(Manifest, ComesBackAsWritten) {
  const Manifest manifest = read_manifest(write_manifest(sample()));
  EXPECT_EQ(manifest.step, 50);
  EXPECT_EQ(manifest.block_bytes, 32);
  EXPECT_EQ(manifest.state_bytes, 20);
  EXPECT_EQ(manifest.state_hash, 0xfedcba9876543210);
  const FileRecord& file = manifest.files.at("model.safetensors");
  EXPECT_EQ(file.bytes, 200);
  EXPECT_EQ(file.header_bytes, 128);
  EXPECT_EQ(file.header_hash, 7u);
  EXPECT_EQ(file.blocks, sample().files["model.safetensors"].blocks);
}

// The seal is right in all of these: write_manifest hashes whatever it is given.
TEST(Manifest, RefusesNamesThatLeadElsewhere) {
  for (const std::string name : {"../model.safetensors", "/etc/passwd", "a/b", "..", ".", "",
                                 ".hidden", "a\\b", "state.json", "manifest.json"}) {
    Manifest manifest = sample();
    manifest.files[name] = {};
    EXPECT_THROW(read_manifest(write_manifest(manifest)), CheckpointError) << name;
  }
}

TEST(Manifest, RefusesAZeroByteInAName) {
  EXPECT_FALSE(is_plain_file_name(std::string_view("a\0b", 3)));
}

TEST(Manifest, RefusesNumbersOutOfRange) {
  Manifest manifest = sample();
  manifest.block_bytes = 0;
  EXPECT_THROW(read_manifest(write_manifest(manifest)), CheckpointError);
  manifest = sample();
  manifest.files["model.safetensors"].bytes = -1;
  EXPECT_THROW(read_manifest(write_manifest(manifest)), CheckpointError);
}

TEST(Manifest, RefusesAnythingWithoutItsSeal) {
  for (const std::string text : {"", "{}", "{\n \"step\": 50\n}\n", "\"\n}\n"})
    EXPECT_THROW(read_manifest(text), CheckpointError) << text;
}

}  // namespace
}  // namespace trunkline
