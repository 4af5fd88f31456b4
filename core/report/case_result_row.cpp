// SPDX-License-Identifier: Apache-2.0
#include "report/case_result_row.hpp"

namespace lmbench::report {

std::string flags_text(const CaseResultRow& row) {
  std::string text;
  for (const std::string& flag : row.flags) text += (text.empty() ? "" : " ") + flag;
  return text;
}

}  // namespace lmbench::report
