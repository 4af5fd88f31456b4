// A session of InternLM-7B on a card with an H100's data sheet, by an engine that needs `slowdown`
// times the least time for everything.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <vector>

#include "case_figures.hpp"
#include "internlm_7b.hpp"
#include "least_time.hpp"

namespace turbomind::perf::test {

inline LeastTime h100() {
  return {Roofline(turbomind::test::internlm_7b(), DataType::bf16, 1), {3.35e12, 989e12}};
}

inline CaseFigures ideal_case(std::uint32_t rows, std::uint32_t prompt_tokens,
                              std::uint32_t completion_tokens, double slowdown) {
  const LeastTime least = h100();
  CaseFigures one;
  one.rows = rows;
  one.prompt_tokens = prompt_tokens;
  one.completion_tokens = completion_tokens;
  one.status = "ok";
  const double batch_s = least.batch_s(rows, prompt_tokens, completion_tokens) * slowdown;
  const double prefill_s = least.prefill_s(rows, prompt_tokens) * slowdown;
  one.output_tok_s = double{1} * rows * completion_tokens / batch_s;
  one.prefill_tok_s = double{1} * rows * prompt_tokens / prefill_s;
  one.decode_tok_s = double{1} * rows * (completion_tokens - 1) / (batch_s - prefill_s);
  one.steady_rows = rows;
  one.kv_reserved_bytes = 64e9;
  return one;
}

// As configs/scenarios/gpu_session.toml has them.
inline std::vector<CaseFigures> ideal_session(std::initializer_list<std::uint32_t> batches,
                                              double slowdown) {
  std::vector<CaseFigures> cases;
  for (const std::uint32_t rows : batches) {
    for (const std::uint32_t prompt : {128U, 2048U, 1U}) {
      cases.push_back(ideal_case(rows, prompt, 128, slowdown));
    }
    for (const std::uint32_t prompt : {2144U, 4064U, 3072U, 1152U}) {
      cases.push_back(ideal_case(rows, prompt, 32, slowdown));
    }
  }
  return cases;
}

}  // namespace turbomind::perf::test
