// SPDX-License-Identifier: Apache-2.0
#include "report/round_columns.hpp"

#include <array>
#include <string>

#include "report/number_text.hpp"

namespace lmbench::report {
namespace {

using Row = CaseResultRow;
using stats::RateInterval;
using stats::RoundFigures;

struct CountColumn {
  const char* name;
  const char* formula;
  std::uint32_t RoundFigures::*value;
};

constexpr std::array<CountColumn, 2> kCounts = {{
    {"warmup_rounds", "warm-up rounds that ran", &RoundFigures::warmup_rounds},
    {"test_rounds", "test rounds that ran", &RoundFigures::test_rounds},
}};

struct IntervalColumn {
  const char* name;
  const char* unit;
  const char* formula;
  std::string (*cell)(const RateInterval&);
};

constexpr std::array<IntervalColumn, 5> kInterval = {{
    {"output_tok_s_n", "-", "rounds; of a closed loop: slices",
     [](const RateInterval& i) { return std::to_string(i.n); }},
    {"output_tok_s_n_eff", "-", "n (1 - rho) / (1 + rho)",
     [](const RateInterval& i) { return fixed_text(i.n_eff, 1); }},
    {"output_tok_s_half_width_percent", "%", "100 (exp(h) - 1)",
     [](const RateInterval& i) { return number_text(i.half_width_percent); }},
    {"output_tok_s_low", "1/s", "exp(mean - h)",
     [](const RateInterval& i) { return number_text(i.low); }},
    {"output_tok_s_high", "1/s", "exp(mean + h)",
     [](const RateInterval& i) { return number_text(i.high); }},
}};

}  // namespace

void add_round_columns(std::vector<Column>& columns) {
  columns.push_back(
      {"stop_reason", "-", "why the test ended", [](const Row& row) { return row.stop_reason; }});
  for (const CountColumn& count : kCounts) {
    columns.push_back({count.name, "-", count.formula, [value = count.value](const Row& row) {
                         return row.rounds_run ? std::to_string((*row.rounds_run).*value)
                                               : std::string();
                       }});
  }
  for (const IntervalColumn& part : kInterval) {
    columns.push_back({part.name, part.unit, part.formula, [cell = part.cell](const Row& row) {
                         const bool is_known = row.rounds_run && row.rounds_run->output_tok_s;
                         return is_known ? cell(*row.rounds_run->output_tok_s) : std::string();
                       }});
  }
}

}  // namespace lmbench::report
