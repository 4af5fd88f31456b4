// The figures of results.csv that a session's summary is made from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turbomind::perf {

// An empty optional: not available.
struct CaseFigures {
  std::uint32_t rows = 0;  // requests at once
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
  std::string status;
  std::string reason;  // why it is not ok
  std::string flags;
  std::optional<double> output_tok_s;
  std::optional<double> prefill_tok_s;
  std::optional<double> decode_tok_s;  // where the whole batch decodes
  std::optional<double> steady_rows;   // in the batch there
  std::optional<double> kv_reserved_bytes;
  std::optional<double> sm_clock_mhz;

  bool is_ok() const { return status == "ok"; }
  bool is_overcommitted() const { return flags.find("kv_overcommit") != std::string::npos; }

  // Of a decode step of the whole batch.
  std::optional<double> step_s() const {
    if (!is_ok() || !decode_tok_s || !steady_rows || *decode_tok_s <= 0) return std::nullopt;
    return *steady_rows / *decode_tok_s;
  }
};

// Throws std::runtime_error that names the column when one is missing. No text has no cases.
std::vector<CaseFigures> parse_cases(std::string_view csv);

// A file that is not there has no cases.
std::vector<CaseFigures> read_cases(const std::filesystem::path& results_csv);

}  // namespace turbomind::perf
