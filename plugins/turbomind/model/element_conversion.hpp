// Runs of weights from one element type to another, as raw little-endian bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "turbomind/model/architecture.hpp"

namespace turbomind {

// to.size() / bytes_of(to_type) elements; from holds as many. Rounds to nearest even. The spans may
// be the same memory when the types are equal, else they must not overlap.
void convert_elements(std::span<const std::byte> from, DataType from_type, std::span<std::byte> to,
                      DataType to_type);

// Position of the first NaN or infinity, or the number of elements.
std::uint64_t first_not_finite(std::span<const std::byte> elements, DataType type);

// "fp16"
const char* name_of(DataType type);

}  // namespace turbomind
