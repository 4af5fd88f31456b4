// What an engine, or whoever drives it, did against the contract of engine_abi.hpp, as it was seen.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmbench::plugin {

enum class ContractRule : std::uint32_t {
  one_terminal,          // not more than one terminal event for each accepted request
  ended_by_destroy,      // none is without one when destroy() has returned
  none_for_refused,      // no event of a request that is unknown or was refused
  in_order,              // nothing after the terminal event, never two at once, times do not fall
  counts_add_up,         // the token counts are what the request asked for
  min_and_max_tokens,    // no ending before min_new_tokens, none beyond max_new_tokens
  cached_on_first_only,  // cached_prompt_tokens and admitted_ns stand on the first event
  fields_as_declared,    // reserved fields are zero, reasons agree with kinds
  claims_hold,           // what the descriptor's capabilities promise of each event
  none_after_destroy,    // no event after destroy() returned
  error_has_text,        // a sentence with each code that is not ok
  accepts_a_prefix,      // *accepted agrees with the code
  host,                  // the caller's own part: states, and the control thread
};

std::string_view name_of(ContractRule rule) noexcept;  // "one-terminal"

struct Violation {
  ContractRule rule;
  std::string sentence;
};

// [any]
class ContractViolations {
 public:
  // The first few of each rule are kept; an engine that breaks one in each event does not fill the
  // memory.
  void add(ContractRule rule, std::string sentence);

  bool is_empty() const;
  std::vector<Violation> all() const;  // in the order in which they were seen
  std::optional<std::string> first(ContractRule rule) const;
 private:
  mutable std::mutex mutex_;
  std::vector<Violation> violations_;
};

}  // namespace lmbench::plugin
