// The algorithms of large products that were found fastest, kept in a file from process to process:
// who reads the same file computes the same bits. Ranks, be they threads or processes, and engines that
// run side by side may share a file: each choice goes into it at once, under a lock, and the first one
// stands. Entries of other devices and versions are kept and not used.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "turbomind/cuda/tuning_file.hpp"

namespace turbomind::cuda {

class TuningCache {
 public:
  // Reads the file, or makes one without entries. Throws Error(invalid_argument): it is damaged, of
  // another form, or is not there and cannot be made.
  TuningCache(const std::filesystem::path& file, TuningDomain domain);

  // As the file had it; null: nothing.
  const ProductAlgorithm* find(const TunedShape& shape) const;

  // Puts a choice into the file, unless another rank or process did so first: what stands there then.
  // An entry that cannot run here is replaced. Never throws for the file's sake: what cannot be written
  // is tried again with the next choice.
  ProductAlgorithm keep(const TunedShape& shape, const ProductAlgorithm& chosen,
                        const std::function<bool(const ProductAlgorithm&)>& can_run);

  // [any] Choices that the file lacks, as it is read-only or could not be written.
  std::uint64_t unsaved_choices() const noexcept { return unsaved_choices_; }
 private:
  using Choices = std::map<TunedShape, ProductAlgorithm>;

  std::filesystem::path file_;
  TuningDomain domain_;
  Choices known_;
  Choices unsaved_;
  std::atomic<std::uint64_t> unsaved_choices_{0};
};

// Of the current device and the library in use. Null where no file is named.
std::unique_ptr<TuningCache> open_tuning_cache(const std::string& file, std::uint32_t device,
                                               DataType type);

}  // namespace turbomind::cuda
