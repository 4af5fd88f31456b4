// SPDX-License-Identifier: Apache-2.0
#include "summary_tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace turbomind::perf {
namespace {

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string fixed(const std::optional<double>& value, int digits) {
  return value ? fixed(*value, digits) : "-";
}

// "87.1 (85: met)". Nothing is faster than its limit: a clock, a formula or a result is wrong then.
std::string beside_target(const std::optional<double>& percent,
                          const std::optional<double>& target) {
  constexpr double kMostPercent = 105;  // ceilings are measured, and may be passed by a little
  if (percent && *percent > kMostPercent) return fixed(*percent, 1) + " (**impossible**)";
  if (!percent || !target) return fixed(percent, 1);
  return fixed(*percent, 1) + " (" + fixed(*target, 0) +
         (*percent >= *target ? ": met)" : ": **missed**)");
}

std::string line_of(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string head_of(const std::vector<std::string>& names) {
  std::string rule = "|";
  for (std::size_t i = 0; i < names.size(); ++i) rule += "---|";
  return line_of(names) + rule + "\n";
}

std::string lengths(std::uint32_t prompt_tokens, std::uint32_t completion_tokens) {
  return "(" + std::to_string(prompt_tokens) + "," + std::to_string(completion_tokens) + ")";
}

std::string origin_text(const Cell& cell) {
  if (cell.origin == Origin::absent) return cell.remark;
  const std::string name = cell.origin == Origin::measured ? "measured" : "sampled";
  return cell.remark.empty() ? name : name + "; " + cell.remark;
}

std::optional<double> in_ms(const std::optional<double>& seconds) {
  return seconds ? std::optional(*seconds * 1e3) : std::nullopt;
}

}  // namespace

std::string cells_table(const std::vector<Cell>& cells) {
  std::string table = head_of({"batch", "(P,R)", "how", "ms/step", "tok/s", "e2e roofline %",
                               "decode MBU %", "prefill MFU %", "SM MHz"});
  for (const Cell& cell : cells) {
    table += line_of(
        {std::to_string(cell.rows), lengths(cell.prompt_tokens, cell.completion_tokens),
         origin_text(cell), fixed(in_ms(cell.step_s), 3), fixed(cell.output_tok_s, 1),
         beside_target(cell.roofline_percent, roofline_target_percent(cell)),
         beside_target(cell.mbu_percent, mbu_target_percent(cell)),
         beside_target(cell.mfu_percent, mfu_target_percent(cell)), fixed(cell.sm_clock_mhz, 0)});
  }
  return table;
}

std::string early_cells_table(const std::vector<Cell>& early_cells,
                              const std::vector<Cell>& cells) {
  std::string table =
      head_of({"batch", "(P,R)", "ms/step", "without early starts", "decode MBU %"});
  for (const Cell& cell : early_cells) {
    if (cell.origin != Origin::measured) continue;
    const Cell* const plain =
        find_cell(cells, cell.rows, cell.prompt_tokens, cell.completion_tokens);
    table += line_of(
        {std::to_string(cell.rows), lengths(cell.prompt_tokens, cell.completion_tokens),
         fixed(in_ms(cell.step_s), 3), plain == nullptr ? "-" : fixed(in_ms(plain->step_s), 3),
         beside_target(cell.mbu_percent, mbu_target_percent(cell))});
  }
  return table;
}

std::string peer_table(const std::vector<PeerRow>& peer, const std::vector<Cell>& cells) {
  std::string table = head_of({"batch", "(P,R)", "transformers tok/s", "turbomind tok/s", "ratio"});
  for (const PeerRow& row : peer) {
    const Cell* const own = find_cell(cells, row.rows, row.prompt_tokens, row.completion_tokens);
    const bool is_known = own != nullptr && own->output_tok_s.has_value();
    table += line_of({std::to_string(row.rows), lengths(row.prompt_tokens, row.completion_tokens),
                      fixed(row.output_tok_s, 1), is_known ? fixed(*own->output_tok_s, 1) : "-",
                      is_known ? fixed(*own->output_tok_s / row.output_tok_s, 2) : "-"});
  }
  return table;
}

std::string assumptions_table(const std::vector<Assumption>& assumptions) {
  std::string table = head_of({"what", "assumed", "seen", "by"});
  for (const Assumption& row : assumptions) {
    table += line_of({row.what, fixed(row.assumed, 2) + " " + row.unit,
                      row.seen ? fixed(*row.seen, 2) + " " + row.unit : "-", row.how});
  }
  return table;
}

double roof_s(const KernelTime& kernel, const Ceilings& ceilings) {
  return std::max(kernel.bytes / ceilings.read_bytes_per_s, kernel.flops / ceilings.flops_per_s);
}

std::string kernels_table(const std::vector<KernelTime>& kernels, const Ceilings& ceilings) {
  std::string table =
      head_of({"kernel", "shape", "median us", "least us", "GB/s", "TFLOP/s", "roofline %"});
  for (const KernelTime& kernel : kernels) {
    table +=
        line_of({kernel.name, kernel.shape, fixed(kernel.median_s * 1e6, 1),
                 fixed(kernel.least_s * 1e6, 1), fixed(kernel.bytes / kernel.median_s / 1e9, 0),
                 fixed(kernel.flops / kernel.median_s / 1e12, 1),
                 fixed(100 * roof_s(kernel, ceilings) / kernel.median_s, 1)});
  }
  return table;
}

}  // namespace turbomind::perf
