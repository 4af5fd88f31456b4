// SPDX-License-Identifier: Apache-2.0
#include "model_cells.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <set>

#include "straight_line.hpp"

namespace turbomind::perf {
namespace {

struct Lengths {
  std::uint32_t prompt_tokens;
  std::uint32_t completion_tokens;
};

constexpr std::array<Lengths, 5> kLengths{
    {{1, 128}, {128, 128}, {128, 2048}, {2048, 128}, {2048, 2048}}};
constexpr std::array<std::uint32_t, 4> kBatches{1, 16, 32, 64};

// A share of a limit that is not known is none.
void drop_infinite(std::optional<double>& percent) {
  if (percent && !std::isfinite(*percent)) percent.reset();
}

const CaseFigures* find_case(const std::vector<CaseFigures>& cases, const Cell& cell) {
  for (const CaseFigures& one : cases) {
    if (one.rows == cell.rows && one.prompt_tokens == cell.prompt_tokens &&
        one.completion_tokens == cell.completion_tokens) {
      return &one;
    }
  }
  return nullptr;
}

// Rows whose keys and values fit at once, at their longest; 0: not known.
double rows_that_fit(const std::vector<CaseFigures>& cases, const Cell& cell,
                     const LeastTime& least) {
  const double tokens = cell.prompt_tokens + cell.completion_tokens - 1.0;
  for (const CaseFigures& one : cases) {
    if (one.rows != cell.rows || !one.kv_reserved_bytes) continue;
    return std::floor(*one.kv_reserved_bytes / (tokens * least.kv_bytes_per_token()));
  }
  return 0;
}

// In as many equal waves as the memory asks for.
double least_batch_s(const Cell& cell, double fitting_rows, const LeastTime& least) {
  const double waves = fitting_rows > 0 ? std::ceil(cell.rows / fitting_rows) : 1;
  return waves * least.batch_s(cell.rows / waves, cell.prompt_tokens, cell.completion_tokens);
}

// The mean context of the steps P + 1 to P + R - 1.
std::uint64_t middle_context(std::uint32_t prompt_tokens, std::uint32_t completion_tokens) {
  return prompt_tokens + completion_tokens / 2;
}

void set_prefill(const CaseFigures& one, const LeastTime& least, Cell& cell) {
  if (cell.prompt_tokens == 1 || !one.prefill_tok_s || !one.is_ok()) return;
  const double seconds = double{1} * cell.rows * cell.prompt_tokens / *one.prefill_tok_s;
  cell.mfu_percent = 100 * least.prefill_flops(cell.rows, cell.prompt_tokens) /
                     least.ceilings().flops_per_s / seconds;
}

void set_measured(const CaseFigures& one, double fitting_rows, const LeastTime& least, Cell& cell) {
  if (!one.is_ok()) {
    cell.remark = one.status + (one.reason.empty() ? "" : ": " + one.reason);
    return;
  }
  cell.origin = Origin::measured;
  cell.remark = one.flags;
  cell.sm_clock_mhz = one.sm_clock_mhz;
  cell.output_tok_s = one.output_tok_s;
  if (one.output_tok_s) {
    const double seconds = double{1} * cell.rows * cell.completion_tokens / *one.output_tok_s;
    cell.roofline_percent = 100 * least_batch_s(cell, fitting_rows, least) / seconds;
  }
  cell.step_s = one.step_s();
  if (cell.step_s) {
    const std::uint64_t context = middle_context(cell.prompt_tokens, cell.completion_tokens);
    cell.mbu_percent = 100 * least.step_reading_s(*one.steady_rows, context) / *cell.step_s;
  }
  set_prefill(one, least, cell);
}

// Steps of the whole batch whose contexts lie in those of the cell.
std::vector<Point> steps_within(const std::vector<CaseFigures>& cases, const Cell& cell) {
  std::vector<Point> points;
  for (const CaseFigures& one : cases) {
    const std::optional<double> step_s = one.step_s();
    const bool is_within =
        one.prompt_tokens >= cell.prompt_tokens &&
        one.prompt_tokens + one.completion_tokens <= cell.prompt_tokens + cell.completion_tokens;
    if (one.rows != cell.rows || !is_within || !step_s || one.is_overcommitted()) continue;
    const std::uint64_t context = middle_context(one.prompt_tokens, one.completion_tokens);
    points.push_back({static_cast<double>(context), *step_s});
  }
  return points;
}

// From near the first context to near the last, so that a line has nothing to foretell.
bool reach_all(const std::vector<Point>& points, const Cell& cell) {
  const double margin = cell.completion_tokens / 8.0;
  const auto [first, last] = std::minmax_element(
      points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  return points.size() >= 2 && first->x <= cell.prompt_tokens + margin &&
         last->x >= cell.prompt_tokens + cell.completion_tokens - margin;
}

// The case that had the cell's prefill.
const CaseFigures* find_prefill(const std::vector<CaseFigures>& cases, const Cell& cell) {
  for (const CaseFigures& one : cases) {
    if (one.rows == cell.rows && one.prompt_tokens == cell.prompt_tokens && one.is_ok() &&
        one.prefill_tok_s && !one.is_overcommitted()) {
      return &one;
    }
  }
  return nullptr;
}

void set_sampled(const std::vector<CaseFigures>& cases, const LeastTime& least, Cell& cell) {
  const std::vector<Point> points = steps_within(cases, cell);
  const CaseFigures* const prefill = find_prefill(cases, cell);
  if (!reach_all(points, cell) || prefill == nullptr) {
    cell.remark = points.empty() ? "not run" : "not sampled to its end";
    return;
  }
  const StraightLine line = line_through(points);
  const std::uint64_t context = middle_context(cell.prompt_tokens, cell.completion_tokens);
  cell.origin = Origin::sampled;
  cell.sm_clock_mhz = prefill->sm_clock_mhz;
  cell.step_s = line.at(static_cast<double>(context));
  const double first_s = double{1} * cell.rows * cell.prompt_tokens / *prefill->prefill_tok_s;
  const double seconds = first_s + (cell.completion_tokens - 1) * *cell.step_s;
  cell.output_tok_s = double{1} * cell.rows * cell.completion_tokens / seconds;
  cell.roofline_percent =
      100 * least.batch_s(cell.rows, cell.prompt_tokens, cell.completion_tokens) / seconds;
  cell.mbu_percent = 100 * least.step_reading_s(cell.rows, context) / *cell.step_s;
  set_prefill(*prefill, least, cell);
  // A step is linear in the context: what is not was disturbed.
  const double distance_percent = largest_distance_percent(line, points);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%zu contexts, at most %.1f %% off a line%s",
                points.size(), distance_percent, distance_percent > 5 ? ": **doubtful**" : "");
  cell.remark = text.data();
}

Cell cell_of(const std::vector<CaseFigures>& cases, const LeastTime& least, std::uint32_t rows,
             const Lengths& lengths) {
  Cell cell;
  cell.rows = rows;
  cell.prompt_tokens = lengths.prompt_tokens;
  cell.completion_tokens = lengths.completion_tokens;
  const double fitting_rows = rows_that_fit(cases, cell, least);
  cell.fits = fitting_rows == 0 || fitting_rows >= rows;
  if (const CaseFigures* const one = find_case(cases, cell)) {
    set_measured(*one, fitting_rows, least, cell);
  } else if (!cell.fits) {
    cell.remark = "does not fit: " + std::to_string(static_cast<int>(fitting_rows)) + " rows do";
  } else {
    set_sampled(cases, least, cell);
  }
  drop_infinite(cell.roofline_percent);
  drop_infinite(cell.mbu_percent);
  drop_infinite(cell.mfu_percent);
  return cell;
}

}  // namespace

std::vector<Cell> cells_of(const std::vector<CaseFigures>& cases, const LeastTime& least) {
  std::set<std::uint32_t> batches(kBatches.begin(), kBatches.end());
  for (const CaseFigures& one : cases) batches.insert(one.rows);
  std::vector<Cell> cells;
  for (const std::uint32_t rows : batches) {
    for (const Lengths& lengths : kLengths) cells.push_back(cell_of(cases, least, rows, lengths));
  }
  return cells;
}

const Cell* find_cell(const std::vector<Cell>& cells, std::uint32_t rows,
                      std::uint32_t prompt_tokens, std::uint32_t completion_tokens) {
  for (const Cell& cell : cells) {
    if (cell.rows == rows && cell.prompt_tokens == prompt_tokens &&
        cell.completion_tokens == completion_tokens) {
      return &cell;
    }
  }
  return nullptr;
}

std::optional<double> mbu_target_percent(const Cell& cell) {
  return cell.rows == 1 ? std::optional(85.0) : std::nullopt;
}

std::optional<double> roofline_target_percent(const Cell& cell) {
  return cell.fits ? std::optional(75.0) : std::nullopt;
}

std::optional<double> mfu_target_percent(const Cell& cell) {
  return cell.prompt_tokens == 2048 ? std::optional(60.0) : std::nullopt;
}

}  // namespace turbomind::perf
