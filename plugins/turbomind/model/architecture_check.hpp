// What every model must satisfy before anything is computed from its numbers, wherever they came
// from: positive, dividing each other, and small enough that no size overflows 64 bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "turbomind/model/architecture.hpp"

namespace turbomind {

// Throws sdk::Error(invalid_argument) that begins with `place` and names the key.
void check_architecture(const Architecture& architecture, const std::string& place);

// T must divide H, K and I. Throws sdk::Error(invalid_argument) that names the dimension.
void check_split(const Architecture& architecture, std::uint32_t ranks, const std::string& place);

// Special tokens in ascending order, each once, only those in the vocabulary.
void set_special_tokens(Architecture& architecture, std::vector<std::int64_t> tokens);

}  // namespace turbomind
