// The least time of a batch's passes: the work of turbomind/model/roofline.hpp over what the device
// was seen to do at most.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "turbomind/model/roofline.hpp"

namespace turbomind::perf {

// 0: not known; least times are infinite then.
struct Ceilings {
  double read_bytes_per_s = 0;
  double flops_per_s = 0;
};

class LeastTime {
 public:
  LeastTime(const Roofline& model, const Ceilings& ceilings) : model_(model), ceilings_(ceilings) {}

  const Roofline& model() const { return model_; }
  const Ceilings& ceilings() const { return ceilings_; }
  double kv_bytes_per_token() const { return model_.kv_bytes_per_token(); }

  // A decode step of so many rows; context counts the new token.
  double step_bytes(double rows, std::uint64_t context) const {
    return model_.weight_bytes() + rows * model_.sequence_work(context - 1, 1, true).kv_bytes;
  }
  double step_reading_s(double rows, std::uint64_t context) const {
    return step_bytes(rows, context) / ceilings_.read_bytes_per_s;
  }
  double step_s(double rows, std::uint64_t context) const {
    const double flops = rows * model_.sequence_work(context - 1, 1, true).flops;
    return std::max(step_reading_s(rows, context), flops / ceilings_.flops_per_s);
  }

  double prefill_flops(double rows, std::uint64_t prompt_tokens) const {
    return rows * model_.sequence_work(0, prompt_tokens, true).flops;
  }
  double prefill_s(double rows, std::uint64_t prompt_tokens) const {
    if (prompt_tokens == 1) return step_s(rows, 1);
    const double bytes =
        model_.weight_bytes() + rows * model_.sequence_work(0, prompt_tokens, true).kv_bytes;
    return std::max(bytes / ceilings_.read_bytes_per_s,
                    prefill_flops(rows, prompt_tokens) / ceilings_.flops_per_s);
  }

  // A batch from its prompts to its last token.
  double batch_s(double rows, std::uint64_t prompt_tokens, std::uint64_t new_tokens) const {
    double total = prefill_s(rows, prompt_tokens);
    for (std::uint64_t i = 1; i < new_tokens; ++i) total += step_s(rows, prompt_tokens + i);
    return total;
  }
 private:
  Roofline model_;
  Ceilings ceilings_;
};

}  // namespace turbomind::perf
