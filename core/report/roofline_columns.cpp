// SPDX-License-Identifier: Apache-2.0
#include "report/roofline_columns.hpp"

#include <array>

#include "report/number_text.hpp"

namespace lmbench::report {
namespace {

struct PercentColumn {
  const char* name;
  const char* formula;
  std::optional<double> stats::RooflineShare::*value;
};

constexpr std::array<PercentColumn, 3> kPercents = {{
    {"decode_mbu_percent",
     "time to read weights, keys and values of a decode step at the peak rate / mean step_gap in "
     "steady windows",
     &stats::RooflineShare::decode_mbu_percent},
    {"prefill_mfu_percent", "2 parameters prefill_tok_s / (peak rate of operations x devices)",
     &stats::RooflineShare::prefill_mfu_percent},
    {"roofline_percent",
     "least time for all prefills and decode steps at the peak rates / (last end - first due)",
     &stats::RooflineShare::roofline_percent},
}};

}  // namespace

void add_roofline_columns(std::vector<Column>& columns) {
  for (const PercentColumn& percent : kPercents) {
    columns.push_back(
        {percent.name, "%", percent.formula, [value = percent.value](const CaseResultRow& row) {
           return text_or_empty(row.roofline.*value, number_text);
         }});
  }
}

}  // namespace lmbench::report
