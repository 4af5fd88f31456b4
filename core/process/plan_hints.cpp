// SPDX-License-Identifier: Apache-2.0
#include "process/plan_hints.hpp"

#include <algorithm>

namespace lmbench::process {

scenario::Options options_with_hints(const scenario::Options& options, std::uint32_t max_requests,
                                     std::uint32_t max_sequence_tokens) {
  scenario::Options hinted = options;
  hinted.emplace_back("lmbench.max_requests", std::int64_t{max_requests});
  hinted.emplace_back("lmbench.max_sequence_tokens", std::int64_t{max_sequence_tokens});
  return hinted;
}

scenario::Options plan_options(const scenario::Scenario& scenario) {
  std::uint32_t requests = 1;
  std::uint32_t sequence_tokens = 1;
  for (const std::uint32_t n : scenario.matrix.concurrency) requests = std::max(requests, n);
  for (const scenario::LengthPair& pair : scenario.matrix.lengths) {
    sequence_tokens = std::max(sequence_tokens, pair.prompt_tokens + pair.completion_tokens);
  }
  return options_with_hints(scenario.engine.options, requests, sequence_tokens);
}

}  // namespace lmbench::process
