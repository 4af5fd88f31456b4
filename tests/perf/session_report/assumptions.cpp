// SPDX-License-Identifier: Apache-2.0
#include "assumptions.hpp"

#include <cmath>

#include "straight_line.hpp"

namespace turbomind::perf {
namespace {

constexpr double kPlainBoundaryUs = 2.9;
constexpr double kEarlyBoundaryUs = 1.0;
constexpr double kReadTbPerS = 3.16;  // of an H100
constexpr double kProductOverheadUs = 4.2;
constexpr double kPrefillAttentionPercent = 35;

// Seven a layer; before and after them the embedding with the first norm, the last norm, the head,
// the choice of a token and the books.
double kernels_of_step(std::uint32_t layers) { return 7.0 * layers + 5; }

// What a batch of one loses between its kernels.
std::optional<double> boundary_us(const std::vector<Cell>& cells, const Observations& seen) {
  const Cell* const cell = find_cell(cells, 1, 128, 128);
  if (cell == nullptr || !cell->step_s) return std::nullopt;
  const double reading_s = seen.least.step_reading_s(1, cell->prompt_tokens + 64);
  if (!std::isfinite(reading_s)) return std::nullopt;
  return (*cell->step_s - reading_s) * 1e6 / kernels_of_step(seen.layers);
}

std::optional<double> if_positive(double value) {
  return value > 0 ? std::optional(value) : std::nullopt;
}

bool is_one_row(const KernelTime& kernel) { return kernel.shape.ends_with("M = 1"); }

std::optional<StraightLine> products_line(const Observations& seen, const std::string& name) {
  std::vector<Point> points;
  for (const KernelTime& kernel : seen.kernels) {
    if (kernel.name == name && is_one_row(kernel))
      points.push_back({kernel.bytes, kernel.median_s});
  }
  if (points.size() < 2) return std::nullopt;
  return line_through(points);
}

// Of the shapes with 2048 tokens or more, the best.
std::optional<double> prefill_attention_percent(const Observations& seen) {
  std::optional<double> best;
  for (const KernelTime& kernel : seen.kernels) {
    if (seen.least.ceilings().flops_per_s <= 0) break;
    if (kernel.name != "prefill_attention" || kernel.shape.starts_with("P = 128,")) continue;
    const double percent = 100 * kernel.flops / kernel.median_s / seen.least.ceilings().flops_per_s;
    best = std::max(best.value_or(0), percent);
  }
  return best;
}

}  // namespace

std::vector<Assumption> compare_assumptions(const Observations& seen) {
  std::vector<Assumption> rows;
  const auto add_line = [&](const std::string& name) {
    const std::optional<StraightLine> line = products_line(seen, name);
    const std::string how = "a line through the products of one row by " + name;
    rows.push_back({"overhead of a product", kProductOverheadUs, "us",
                    line ? std::optional(line->intercept * 1e6) : std::nullopt, how});
    rows.push_back({"rate of a product", kReadTbPerS, "TB/s",
                    line ? if_positive(1 / line->slope / 1e12) : std::nullopt, how});
  };
  const std::string in_model = "(step of (128,128) at batch 1 - least reading time) / " +
                               std::to_string(static_cast<int>(kernels_of_step(seen.layers))) +
                               " kernels";
  rows.push_back({"read bandwidth", kReadTbPerS, "TB/s",
                  if_positive(seen.least.ceilings().read_bytes_per_s / 1e12),
                  "a kernel that only reads"});
  rows.push_back({"boundary", kPlainBoundaryUs, "us", if_positive(seen.boundaries.plain_us),
                  "empty kernels in a graph"});
  rows.push_back({"boundary", kPlainBoundaryUs, "us", boundary_us(seen.cells, seen), in_model});
  rows.push_back({"boundary, early starts", kEarlyBoundaryUs, "us",
                  if_positive(seen.boundaries.early_us), "empty kernels in a graph"});
  rows.push_back({"boundary, early starts", kEarlyBoundaryUs, "us",
                  boundary_us(seen.early_cells, seen), in_model});
  add_line("cublaslt");
  add_line("skinny");
  rows.push_back({"prefill attention", kPrefillAttentionPercent, "%",
                  prefill_attention_percent(seen),
                  "best of 2048 tokens or more, of the matrix peak"});
  return rows;
}

}  // namespace turbomind::perf
