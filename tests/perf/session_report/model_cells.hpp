// The cells of a session: for each batch and each (prompt, completion) pair of profile_generation.py,
// what was measured of it, or follows from decode steps at a few contexts, beside the least time. Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "case_figures.hpp"
#include "least_time.hpp"

namespace turbomind::perf {

// sampled: the decode steps' time is a straight line through steps at several contexts.
enum class Origin { measured, sampled, absent };

struct Cell {
  std::uint32_t rows = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
  Origin origin = Origin::absent;
  std::string remark;                      // why it is absent; how it was sampled
  bool fits = true;                        // all rows' keys and values at once
  std::optional<double> step_s;            // mean decode step
  std::optional<double> output_tok_s;      // with prefill
  std::optional<double> roofline_percent;  // least time of the whole batch / its time
  std::optional<double> mbu_percent;       // least reading time of a decode step / its time
  std::optional<double> mfu_percent;       // least arithmetic time of the prefill / its time
  std::optional<double> sm_clock_mhz;
};

// All cells of batches 1, 16, 32 and 64, and of whatever others the cases have.
std::vector<Cell> cells_of(const std::vector<CaseFigures>& cases, const LeastTime& least);

const Cell* find_cell(const std::vector<Cell>& cells, std::uint32_t rows,
                      std::uint32_t prompt_tokens, std::uint32_t completion_tokens);

// What a session is to reach; empty where the cell has none.
std::optional<double> mbu_target_percent(const Cell& cell);
std::optional<double> roofline_target_percent(const Cell& cell);
std::optional<double> mfu_target_percent(const Cell& cell);

}  // namespace turbomind::perf
