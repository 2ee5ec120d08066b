// A synthetic multi-task data set: pictures of one textured shape each, with seven targets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "trunkline/data/write_summary.hpp"
#include "trunkline/h5/io_thread.hpp"

namespace trunkline {

/// `trunkline data generate shapes`. `sorted`, `chunks` auto and `gzip` make files as users bring
/// them: they exist to test readers.
struct ShapesOptions {
  int64_t rows = 10000;  ///< over all splits, at least 10
  int64_t size = 64;     ///< pixels per side, 8 to 512
  uint64_t seed = 0;
  double missing = 0;          ///< share of rows without the labels `shape` and `position`, [0, 1)
  bool sorted = false;         ///< rows of a split by class: disc, square, triangle, star
  std::string chunks = "row";  ///< row: whole rows, about 1 MiB; auto: split along every axis
  bool gzip = false;
  bool dense = false;  ///< with mask and distance, labels per pixel
  bool force = false;  ///< replace an existing file
};

/// Writes the groups train, valid and test with 0.8, 0.1 and 0.1 of the rows. Picture r depends
/// only on (seed, r, size), and its split only on r (mod 10: 0 to 7, 8, 9), so a longer file
/// extends every split of a shorter one. Each group has
///
///   x           u8 (n, 3, size, size)  scale 1/255; anti-aliased, noisy
///   shape       u8 (n)      disc, square, triangle, star
///   position    f32 (n, 2)  centre x, y; the canvas is [0, 1], y grows downwards
///   scale       f32 (n, 1)  circumscribed radius, in canvas widths, 0.15 to 0.34
///   angle       f32 (n, 2)  sin and cos of m times the angle of an m-fold shape; angle_valid u8
///   (n)
///                           is 0 for discs, which have no angle
///   attributes  u8 (n, 5)   filled (no hole), bright (lighter than the background), large (radius
///                           above 0.245), warm (more red than blue), noisy
///   texture     u8 (n)      plain, stripes, checker, dots, rings, gradient
///
/// with `dense`
///
///   mask        u8 (n, size, size)   background, or the class of the shape whose paint covers the
///                                    centre of the pixel: 1 + that in shape
///   distance    f32 (n, size, size)  pixels from the centre of the pixel to the nearest outline of
///                                    the shape, that of its hole included; never negative
///
/// and, with `missing`, shape_valid and position_valid, u8 (n); what they hide is stored as 0.
/// @throws UsageError for impossible options or an existing file; CheckpointError if the disk
///   refuses. Then no file is left.
WriteSummary generate_shapes(const std::string& path, const ShapesOptions& options,
                             const std::shared_ptr<IoThread>& io);

}  // namespace trunkline
