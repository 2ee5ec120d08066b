// Converters of published data sets to HDF5 files that can be trained on as they are.
//
// All write OUT.tmp and rename it, so that a failure leaves nothing behind, and write the same
// bytes for the same input. Errors: UsageError if OUT exists and `force` is not given; DataError
// that names the input file; CheckpointError if the disk refuses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "trunkline/data/write_summary.hpp"
#include "trunkline/h5/io_thread.hpp"

namespace trunkline {

/// `trunkline data convert mnist-idx DIR OUT`: the four files train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or with .gz,
/// of MNIST or of a data set in the same form (Fashion-MNIST, KMNIST), to the groups train and
/// test:
///
///   x  u8 (n, 1, height, width)  scale 1/255, bias 0
///   y  u8 (n)                    num_classes 10
///
/// Streams in blocks of about 1 MiB.
WriteSummary convert_mnist_idx(const std::string& folder, const std::string& path, bool force,
                               const std::shared_ptr<IoThread>& io);

struct MultiMnistOptions {
  uint64_t seed = 0;
  std::string right = {};  ///< folder of the right pictures; empty: those of the left ones
  int64_t side = 28;       ///< 28: the canvas reduced; 36: the whole canvas
  bool force = false;      ///< replace an existing file
};

/// `trunkline data convert multi-mnist DIR OUT --seed S`: two overlaid digits per picture, to the
/// groups train (made of the first 5/6 of the training files: 50,000 of MNIST), valid (of the rest)
/// and test (of the test files), one picture per source picture:
///
///   x            u8 (n, 1, s, s)  scale and bias: (x/255 - .1307) / .3081
///   left, right  u8 (n)           num_classes 10
///
/// Picture i has digit i at rows and columns 0:28 of a 36x36 canvas and a random digit of the same
/// split, keyed by (seed, split, i), at 6:34, where they overlap the brighter pixel; pixel p of the
/// result is pixel floor(p * 36 / s) of the canvas, along both axes. With another folder for the
/// right pictures, cut into splits alike (Fashion-MNIST: "Multi-Fashion+MNIST"), the pairs are of
/// one picture of each. Source: Kurin et al. 2022, arXiv 2201.04122; the overlay of Sabour et al.
/// 2017, arXiv 1710.09829; pairs of two data sets: Lin et al. 2019, arXiv 1912.12854. Memory: the
/// pictures of one split.
WriteSummary convert_multi_mnist(const std::string& folder, const std::string& path,
                                 const MultiMnistOptions& options,
                                 const std::shared_ptr<IoThread>& io);

}  // namespace trunkline
