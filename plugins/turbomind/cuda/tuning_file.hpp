// The text form of the algorithms that were found fastest: JSON with an entry per line, in an order of
// its own, so that two files can be compared line by line.
// {"form": "turbomind.cuda_tuning/1", "entries": [
// {"device": "NVIDIA H100 80GB HBM3", "cublaslt": 130100, "type": "fp16", "product": "add",
//  "inputs": 4096, "features": 4096, "has_bias": true, "rows": [65, 128], "algorithm": "00..."}]}
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "turbomind/cuda/product_description.hpp"

namespace turbomind::cuda {

// Where an algorithm means something: cuBLASLt promises that for one version of itself.
struct TuningDomain {
  std::string device;              // its name
  std::uint64_t cublaslt_version;  // cublasLtGetVersion()
  DataType type;

  auto operator<=>(const TuningDomain&) const = default;
};

struct TuningKey {
  TuningDomain domain;
  TunedShape shape;

  auto operator<=>(const TuningKey&) const = default;
};

using TuningEntries = std::map<TuningKey, ProductAlgorithm>;

std::string print_tuning(const TuningEntries& entries);

// Throws Error(invalid_argument) that names the file, what is wrong with it, and what to do.
TuningEntries parse_tuning(std::string_view text, const std::string& file);

}  // namespace turbomind::cuda
