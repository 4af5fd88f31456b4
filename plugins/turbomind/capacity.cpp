// SPDX-License-Identifier: Apache-2.0
#include "turbomind/capacity.hpp"

#include <algorithm>
#include <limits>
#include <lmbench/plugin.hpp>

#include "turbomind/scheduler/step_plan.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr std::uint32_t kDefaultBatchSize = 64;     // the original's
constexpr std::uint32_t kDefaultBlockTokens = 128;  // of a config.ini that does not say
constexpr std::uint32_t kMostDefaultContextTokens = 8192;
constexpr double kDefaultCacheShare = 0.5;
constexpr std::uint64_t kMostPages = std::numeric_limits<std::uint32_t>::max() / 2;

std::uint32_t first_given(std::uint32_t first, std::uint32_t second, std::uint32_t third) {
  if (first != 0) return first;
  return second != 0 ? second : third;
}

std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) { return (value + by - 1) / by; }

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string(divide_up(bytes, 1U << 20U)) + " MiB";
}

std::uint32_t plan_session_len(const CapacityInput& input, Capacity& capacity) {
  if (input.options.session_len != 0) return input.options.session_len;
  const std::uint32_t own =
      input.model.session_len != 0 ? input.model.session_len : input.max_position_embeddings;
  if (input.hints.max_sequence_tokens <= own) return own;
  capacity.warnings.push_back("session_len is raised from " + std::to_string(own) + " to " +
                              std::to_string(input.hints.max_sequence_tokens) +
                              " for the longest sequence of the plan");
  return input.hints.max_sequence_tokens;
}

std::uint32_t plan_batch_size(const CapacityInput& input) {
  const std::uint32_t hint = input.has_config_ini ? 0 : input.hints.max_requests;
  return first_given(input.options.max_batch_size, input.model.max_batch_size,
                     hint != 0 ? hint : kDefaultBatchSize);
}

// Where nothing asks for a number: a session, but no more than a pass can make good use of, nor
// than the plan ever has waiting. A longer prompt is prefilled in several passes.
std::uint64_t default_context_tokens(const CapacityInput& input, const Capacity& capacity) {
  if (input.has_config_ini) return capacity.session_len;
  std::uint64_t tokens = std::min(capacity.session_len, kMostDefaultContextTokens);
  const std::uint64_t planned =
      std::uint64_t{input.hints.max_requests} * input.hints.max_sequence_tokens;
  if (planned != 0) tokens = std::min(tokens, planned);
  return std::max<std::uint64_t>(tokens, capacity.max_batch_size);
}

std::uint32_t plan_context_tokens(const CapacityInput& input, Capacity& capacity) {
  const std::uint64_t given =
      first_given(input.options.max_context_token_num, input.model.max_context_token_num, 0);
  const std::uint64_t session = capacity.session_len;
  std::uint64_t tokens = given == 0 ? default_context_tokens(input, capacity) : given;
  if (given != 0 && given <= capacity.max_batch_size) tokens = given * session;
  const std::uint64_t least = std::max<std::uint64_t>(session, capacity.max_batch_size);
  if (given != 0 && tokens < least) {
    const std::string text = "max_context_token_num is " + std::to_string(tokens) +
                             ", but must be at least session_len (" + std::to_string(session) +
                             ") and max_batch_size (" + std::to_string(capacity.max_batch_size) +
                             ")";
    if (input.options.max_context_token_num != 0) throw Error(Code::invalid_argument, text);
    capacity.warnings.push_back(text + "; it is raised to " + std::to_string(least));
    tokens = least;
  }
  // More than all sequences at their longest is never asked for.
  tokens = std::min({tokens, std::max(capacity.max_batch_size * session, least), kMostPages});
  return static_cast<std::uint32_t>(tokens);
}

std::uint32_t plan_block_tokens(const CapacityInput& input) {
  const std::uint32_t tokens =
      first_given(input.options.cache_block_seq_len, input.model.cache_block_seq_len,
                  input.has_config_ini ? kDefaultBlockTokens : kPageTokens);
  if (tokens % kPageTokens == 0) return tokens;
  throw Error(Code::unsupported, "cache_block_seq_len is " + std::to_string(tokens) +
                                     "; this engine has blocks of a multiple of " +
                                     std::to_string(kPageTokens) + " tokens only");
}

struct Memory {
  std::uint64_t block_bytes;
  std::uint64_t workspace_bytes;
  std::uint64_t room_bytes;  // for the pool: free, less weights and workspace
};

Memory measure(const CapacityInput& input, const Capacity& capacity) {
  Memory memory{};
  memory.block_bytes = input.kv_bytes_per_token * capacity.block_tokens;
  memory.workspace_bytes = input.workspace_bytes(capacity);
  const std::uint64_t taken = input.weight_bytes + memory.workspace_bytes;
  const bool is_known = input.free_bytes != 0;
  memory.room_bytes = is_known ? input.free_bytes - std::min(input.free_bytes, taken)
                               : std::numeric_limits<std::uint64_t>::max();
  return memory;
}

[[noreturn]] void refuse_pool(const CapacityInput& input, const Capacity& capacity,
                              const Memory& memory, std::uint64_t blocks) {
  throw Error(Code::out_of_memory,
              "a KV pool of " + std::to_string(blocks) + " blocks of " +
                  std::to_string(capacity.block_tokens) + " tokens (" +
                  mebibytes(blocks * memory.block_bytes) + ") does not fit: weights " +
                  mebibytes(input.weight_bytes) + ", workspace " +
                  mebibytes(memory.workspace_bytes) + ", free " + mebibytes(input.free_bytes) +
                  " of " + mebibytes(input.total_bytes) +
                  "; lower engine option cache_max_entry_count, session_len or max_batch_size");
}

// Slots times the longest sequence: more blocks are never used.
std::uint64_t useful_blocks(const Capacity& capacity, std::uint32_t longest_tokens) {
  return capacity.max_batch_size * divide_up(longest_tokens, capacity.block_tokens);
}

std::uint64_t blocks_of_share(const CapacityInput& input, const Capacity& capacity,
                              const Memory& memory, double share) {
  const std::uint64_t useful = useful_blocks(capacity, capacity.session_len);
  if (input.total_bytes == 0) return useful;
  const std::uint64_t whole = input.shares_free_memory ? memory.room_bytes : input.total_bytes;
  const auto bytes = static_cast<std::uint64_t>(static_cast<double>(whole) * share);
  return std::min(useful, bytes / memory.block_bytes);
}

std::uint64_t plan_blocks(const CapacityInput& input, const Capacity& capacity,
                          const Memory& memory) {
  const double given = input.options.cache_max_entry_count != 0
                           ? input.options.cache_max_entry_count
                           : input.model.cache_max_entry_count;
  if (given >= 1) return static_cast<std::uint64_t>(given);
  if (given > 0) return blocks_of_share(input, capacity, memory, given);
  if (input.has_config_ini) return blocks_of_share(input, capacity, memory, kDefaultCacheShare);
  const bool has_hints = input.hints.max_requests != 0 && input.hints.max_sequence_tokens != 0;
  const std::uint64_t wanted = has_hints
                                   ? useful_blocks(capacity, input.hints.max_sequence_tokens)
                                   : blocks_of_share(input, capacity, memory, kDefaultCacheShare);
  return std::min(wanted, memory.room_bytes / memory.block_bytes);  // nobody asked for so much
}

}  // namespace

Capacity plan_capacity(const CapacityInput& input) {
  Capacity capacity;
  capacity.session_len = plan_session_len(input, capacity);
  capacity.max_batch_size = plan_batch_size(input);
  capacity.max_context_token_num = plan_context_tokens(input, capacity);
  capacity.block_tokens = plan_block_tokens(input);
  const Memory memory = measure(input, capacity);
  const std::uint64_t blocks = plan_blocks(input, capacity, memory);
  const std::uint64_t pages_per_block = capacity.block_tokens / kPageTokens;
  if (blocks == 0 || blocks > memory.room_bytes / memory.block_bytes) {
    refuse_pool(input, capacity, memory, std::max<std::uint64_t>(blocks, 1));
  }
  if (blocks > kMostPages / pages_per_block) {
    throw Error(Code::invalid_argument, "a KV pool of " + std::to_string(blocks) +
                                            " blocks is more than this engine can count");
  }
  capacity.block_count = static_cast<std::uint32_t>(blocks);
  if (capacity.session_len > input.max_position_embeddings) {
    capacity.warnings.push_back("session_len of " + std::to_string(capacity.session_len) +
                                " goes beyond the trained length of " +
                                std::to_string(input.max_position_embeddings));
  }
  return capacity;
}

}  // namespace turbomind
