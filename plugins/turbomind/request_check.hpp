// From the ABI's Request to a Sequence of our own: every field is checked and copied, so that
// nothing behind this needs to ask again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/engine_abi.hpp>

#include "turbomind/scheduler/sequence.hpp"

namespace turbomind {

struct RequestLimits {
  std::uint32_t vocab_size = 0;
  std::uint32_t session_len = 0;     // longest sequence, prompt included
  std::uint64_t kv_pool_tokens = 0;  // what the whole KV pool holds
  std::uint32_t block_tokens = 0;
  std::int32_t end_id = -1;  // EOS; -1: none
};

// [any] Throws sdk::Error with a sentence that names the field.
Sequence check_request(const lmbench::Request& request, const RequestLimits& limits);

}  // namespace turbomind
