// TinyStories-656K with texts that others generated with it, where it lies beside the source tree:
// shared/models is not part of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lmbench::test {

struct GoldenText {
  std::vector<std::int32_t> prompt;
  std::vector<std::int32_t> tokens;  // greedy
};

struct GoldenModel {
  std::filesystem::path fp32;  // Hugging Face directories, equal values
  std::filesystem::path bf16;
  std::vector<GoldenText> texts;
  double smallest_lead = 0;  // of the first text: between the largest logit and the second

  std::string reason;  // "skipped: there is no ..." where it is not here

  bool is_here() const { return reason.empty(); }
};

// source_tree: LMBENCH_SOURCE_DIR.
GoldenModel golden_model(const std::filesystem::path& source_tree);

}  // namespace lmbench::test
