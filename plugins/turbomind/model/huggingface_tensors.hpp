// How the tensors of a Hugging Face LLaMA directory correspond to ours: names, shapes, which are
// there (biases, a tied head under either name), and which nobody uses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "turbomind/model/huggingface_checkpoint.hpp"
#include "turbomind/model/weight_source.hpp"

namespace turbomind {

// A source tensor whose rows are, in order, columns of ours (or, for embedding and head, rows).
struct HuggingfacePart {
  std::string name;
  std::uint64_t rows = 0;     // out
  std::uint64_t columns = 1;  // in; 1: a vector
  bool is_vector = false;
  bool is_rotated = false;  // q and k: rows of a head are in half-split order, ours in pairs
};

// w_qkv and its bias have three parts, the others one. Names the embedding for a tied head.
std::vector<HuggingfacePart> parts_of(Tensor tensor, std::uint32_t layer, const Architecture& model,
                                      const HuggingfaceCheckpoint& checkpoint);

// Sets biases and tied head from the tensors present and checks every shape and type. Throws
// sdk::Error(invalid_argument) with up to ten problems.
void check_tensors(const HuggingfaceCheckpoint& checkpoint, Architecture& model);

// Tensors that belong to no part and are not known as needless (rotary tables).
std::vector<std::string> unused_tensors(const HuggingfaceCheckpoint& checkpoint,
                                        const Architecture& model);

}  // namespace turbomind
