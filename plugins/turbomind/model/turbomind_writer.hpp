// Writes the tensor files of a TurboMind directory from any weight source, cut for its ranks, a
// block at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "turbomind/model/weight_source.hpp"

namespace turbomind {

// Called now and then with the share of the bytes written; may throw to stop.
using FractionSink = std::function<void(double)>;

// The folder exists. The source's type is that of the files: fp16 or bf16. A model with biases of
// q, k and v but none of wo gets zero files for it: readers of the format expect both. Throws
// sdk::Error when a file cannot be written.
void write_turbomind_weights(const WeightSource& source, std::uint32_t ranks,
                             const std::filesystem::path& folder, const FractionSink& progress);

}  // namespace turbomind
