#include "trunkline/data/generate_shapes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "shape_maps.hpp"
#include "shape_render.hpp"
#include "shape_scene.hpp"
#include "stopwatch.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/h5/writer.hpp"

namespace trunkline {
namespace {

// Rows r with first <= r mod 10 < last.
struct ShapesSplit {
  const char* name;
  int64_t first, last;

  int64_t rows(int64_t all) const {
    return (last - first) * (all / 10) + std::clamp<int64_t>(all % 10 - first, 0, last - first);
  }
  bool has(int64_t row) const { return first <= row % 10 && row % 10 < last; }
};

constexpr std::array<ShapesSplit, 3> kSplits = {
    {{"train", 0, 8}, {"valid", 8, 9}, {"test", 9, 10}}};

void check_options(const ShapesOptions& options) {
  check<UsageError>(options.rows >= 10, "--rows {}: at least 10, so that every split has a row",
                    options.rows);
  check<UsageError>(options.size >= 8 && options.size <= 512, "--size {}: 8 to 512 pixels",
                    options.size);
  check<UsageError>(options.missing >= 0 && options.missing < 1,
                    "--missing {}: a share, at least 0 and below 1", options.missing);
  check<UsageError>(options.chunks == "row" || options.chunks == "auto", "--chunks {}: row or auto",
                    options.chunks);
}

// As files come from writers that leave chunks to their library: halved along every axis in turn.
std::vector<int64_t> split_chunk(std::vector<int64_t> shape) {
  constexpr int64_t kBytes = 128 << 10;
  const auto bytes = [&] {
    int64_t product = 1;
    for (const int64_t extent : shape) product *= extent;
    return product;
  };
  for (std::size_t axis = 0; bytes() > kBytes; axis = (axis + 1) % shape.size())
    shape[axis] = (shape[axis] + 1) / 2;
  return shape;
}

std::vector<int64_t> picture_chunk(const ShapesOptions& options, int64_t rows) {
  if (options.chunks == "row") return {};  // the writer's own choice
  return split_chunk({rows, 3, options.size, options.size});
}

/// The data sets of one split.
class ShapesGroup {
 public:
  ShapesGroup(h5::Writer& file, const ShapesOptions& options, const ShapesSplit& split);
  void append(int64_t row, const ShapeScene& scene, const std::vector<uint8_t>& picture);
  void append_maps(const ShapeMaps& maps);

 private:
  h5::DatasetWriter& create(const std::string& name, DType type, std::vector<int64_t> row_shape,
                            std::vector<int64_t> chunk = {});
  h5::DatasetWriter& target(const std::string& name, DType type, std::vector<int64_t> row_shape,
                            const std::string& kind);
  void create_maps();
  void append_maskable(int64_t row, const ShapeScene& scene);
  void append_angle(const ShapeScene& scene);

  h5::Writer& file_;
  const ShapesOptions& options_;
  std::string prefix_;
  int64_t rows_;
  h5::DatasetWriter &x_, &shape_, &position_, &scale_, &angle_, &angle_valid_, &attributes_,
      &texture_;
  h5::DatasetWriter *shape_valid_ = nullptr, *position_valid_ = nullptr;
  h5::DatasetWriter *mask_ = nullptr, *distance_ = nullptr;
};

ShapesGroup::ShapesGroup(h5::Writer& file, const ShapesOptions& options, const ShapesSplit& split)
    : file_(file),
      options_(options),
      prefix_(std::string(split.name) + "/"),
      rows_(split.rows(options.rows)),
      x_(create("x", DType::kU8, {3, options.size, options.size}, picture_chunk(options, rows_))),
      shape_(target("shape", DType::kU8, {}, "classification")),
      position_(target("position", DType::kF32, {2}, "regression")),
      scale_(target("scale", DType::kF32, {1}, "regression")),
      angle_(target("angle", DType::kF32, {2}, "regression")),
      angle_valid_(create("angle_valid", DType::kU8, {})),
      attributes_(target("attributes", DType::kU8, {5}, "multilabel")),
      texture_(target("texture", DType::kU8, {}, "classification")) {
  x_.attribute("role", "input");
  x_.attribute("layout", "chw");
  x_.attribute("scale", 1.0 / 255);
  shape_.attribute("class_names", std::vector<std::string>{"disc", "square", "triangle", "star"});
  texture_.attribute("class_names", std::vector<std::string>{"plain", "stripes", "checker", "dots",
                                                             "rings", "gradient"});
  attributes_.attribute("class_names",
                        std::vector<std::string>{"filled", "bright", "large", "warm", "noisy"});
  if (options.dense) create_maps();
  if (options.missing == 0) return;
  shape_valid_ = &create("shape_valid", DType::kU8, {});
  position_valid_ = &create("position_valid", DType::kU8, {});
}

void ShapesGroup::create_maps() {
  const std::vector<int64_t> map = {options_.size, options_.size};
  mask_ = &target("mask", DType::kU8, map, "dense_classification");
  mask_->attribute("class_names",
                   std::vector<std::string>{"background", "disc", "square", "triangle", "star"});
  distance_ = &target("distance", DType::kF32, map, "dense_regression");
  distance_->attribute("units", "pixels");
}

h5::DatasetWriter& ShapesGroup::create(const std::string& name, DType type,
                                       std::vector<int64_t> row_shape, std::vector<int64_t> chunk) {
  return file_.create({.name = prefix_ + name,
                       .dtype = type,
                       .rows = rows_,
                       .row_shape = std::move(row_shape),
                       .chunk = std::move(chunk),
                       .gzip = options_.gzip ? 4 : 0});
}

h5::DatasetWriter& ShapesGroup::target(const std::string& name, DType type,
                                       std::vector<int64_t> row_shape, const std::string& kind) {
  h5::DatasetWriter& dataset = create(name, type, std::move(row_shape));
  dataset.attribute("role", "target");
  dataset.attribute("kind", kind);
  return dataset;
}

template <class T, std::size_t kSize>
void append_row(h5::DatasetWriter& dataset, const std::array<T, kSize>& row) {
  dataset.append(std::span<const T>(row));
}

void ShapesGroup::append(int64_t row, const ShapeScene& scene,
                         const std::vector<uint8_t>& picture) {
  x_.append(std::span<const uint8_t>(picture));
  append_maskable(row, scene);
  append_angle(scene);
  scale_.append(scene.radius);
  texture_.append(static_cast<uint8_t>(scene.texture));
  append_row<uint8_t, 5>(
      attributes_,
      {scene.filled, luminance(scene.paint) > luminance(scene.ground), scene.radius > kLargeRadius,
       scene.paint[0] > scene.paint[2], scene.noise > kLoudNoise});
}

void ShapesGroup::append_maps(const ShapeMaps& maps) {
  mask_->append(std::span<const uint8_t>(maps.mask()));
  distance_->append(std::span<const float>(maps.distance()));
}

void ShapesGroup::append_maskable(int64_t row, const ShapeScene& scene) {
  const auto shown = [&](HiddenLabel label) -> uint8_t {
    return !is_hidden(options_.seed, static_cast<uint64_t>(row), label, options_.missing);
  };
  const uint8_t shape = shown(HiddenLabel::kShape), position = shown(HiddenLabel::kPosition);
  shape_.append(static_cast<uint8_t>(shape * static_cast<uint8_t>(scene.shape)));
  append_row<float, 2>(position_, {position ? scene.x : 0.F, position ? scene.y : 0.F});
  if (shape_valid_) shape_valid_->append(shape);
  if (position_valid_) position_valid_->append(position);
}

void ShapesGroup::append_angle(const ShapeScene& scene) {
  const int fold = symmetry(scene.shape);
  const float turned = static_cast<float>(fold) * scene.angle;
  if (fold > 0)
    append_row<float, 2>(angle_, {std::sin(turned), std::cos(turned)});
  else
    append_row<float, 2>(angle_, {0, 0});
  angle_valid_.append(static_cast<uint8_t>(fold > 0));
}

void write_rows(h5::Writer& file, const ShapesOptions& options, const ShapesSplit& split) {
  ShapesGroup group(file, options, split);
  ShapeRenderer renderer(options.size);
  ShapeMaps maps(options.dense ? options.size : 0);
  const auto write_if = [&](auto wanted) {
    for (int64_t row = 0; row < options.rows; ++row) {
      if (!split.has(row) || !wanted(shape_of_row(options.seed, static_cast<uint64_t>(row))))
        continue;
      const ShapeScene scene = scene_of_row(options.seed, static_cast<uint64_t>(row));
      group.append(row, scene, renderer.render(scene));
      if (!options.dense) continue;
      maps.draw(scene);
      group.append_maps(maps);
    }
  };
  if (!options.sorted) return write_if([](Shape) { return true; });
  for (int64_t shape = 0; shape < kShapes; ++shape)
    write_if([shape](Shape of_row) { return of_row == static_cast<Shape>(shape); });
}

}  // namespace

WriteSummary generate_shapes(const std::string& path, const ShapesOptions& options,
                             const std::shared_ptr<IoThread>& io) {
  const Stopwatch watch;
  check_options(options);
  h5::Writer file(path, options.force, io);
  file.attribute("/", "trunkline_schema", "1");
  file.attribute("/", "description",
                 fmt::format("generated shapes, {} pixels, seed {}", options.size, options.seed));
  for (const ShapesSplit& split : kSplits) write_rows(file, options, split);
  const int64_t bytes = file.finish();
  return {options.rows, bytes, watch.seconds()};
}

}  // namespace trunkline
