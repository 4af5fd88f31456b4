// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/architecture_check.hpp"

#include <algorithm>
#include <cmath>
#include <lmbench/plugin.hpp>

namespace turbomind {
namespace {

// With these limits the bytes of a whole model fit in 62 bits.
constexpr std::uint64_t kMostWidth = std::uint64_t{1} << 22U;  // h, H * D, I
constexpr std::uint64_t kMostVocab = std::uint64_t{1} << 24U;
constexpr std::uint64_t kMostLayers = std::uint64_t{1} << 12U;

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw lmbench::sdk::Error(lmbench::Code::invalid_argument, place + ": " + what);
}

void check_range(const std::string& place, const char* key, std::uint64_t value,
                 std::uint64_t most) {
  if (value >= 1 && value <= most) return;
  refuse(place, std::string(key) + " is " + std::to_string(value) + ", not between 1 and " +
                    std::to_string(most));
}

void check_divides(const std::string& place, std::uint32_t ranks, const char* key,
                   std::uint32_t value) {
  if (value % ranks == 0) return;
  refuse(place, "tp = " + std::to_string(ranks) + " does not divide " + key + " = " +
                    std::to_string(value));
}

}  // namespace

void check_architecture(const Architecture& model, const std::string& place) {
  check_range(place, "head_num", model.head_num, kMostWidth);
  check_range(place, "kv_head_num", model.kv_head_num, model.head_num);
  check_range(place, "size_per_head", model.size_per_head, kMostWidth);
  check_range(place, "head_num x size_per_head",
              std::uint64_t{model.head_num} * model.size_per_head, kMostWidth);
  check_range(place, "hidden size", model.hidden_size, kMostWidth);
  check_range(place, "inter_size", model.inter_size, kMostWidth);
  check_range(place, "vocab_size", model.vocab_size, kMostVocab);
  check_range(place, "num_layer", model.num_layer, kMostLayers);
  if (model.head_num % model.kv_head_num != 0) {
    refuse(place, "kv_head_num = " + std::to_string(model.kv_head_num) +
                      " does not divide head_num = " + std::to_string(model.head_num));
  }
  if (model.size_per_head % 2 != 0) {
    refuse(place, "size_per_head = " + std::to_string(model.size_per_head) +
                      " is odd, so the rotary embedding has no pairs");
  }
  if (!(model.norm_eps > 0 && model.norm_eps < 1)) refuse(place, "norm_eps is not between 0 and 1");
  if (!(model.rope_theta > 0) || std::isinf(model.rope_theta)) {
    refuse(place, "rope_theta is not a positive number");
  }
}

void check_split(const Architecture& model, std::uint32_t ranks, const std::string& place) {
  if (ranks == 0) refuse(place, "tp must be at least 1");
  check_divides(place, ranks, "head_num", model.head_num);
  check_divides(place, ranks, "kv_head_num", model.kv_head_num);
  check_divides(place, ranks, "inter_size", model.inter_size);
}

void set_special_tokens(Architecture& model, std::vector<std::int64_t> tokens) {
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  model.special_tokens.clear();
  for (const std::int64_t token : tokens) {
    if (token < 0 || token >= model.vocab_size) continue;
    model.special_tokens.push_back(static_cast<std::int32_t>(token));
  }
}

}  // namespace turbomind
