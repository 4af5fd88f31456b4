// SPDX-License-Identifier: Apache-2.0
#include "turbomind/request_check.hpp"

#include <algorithm>
#include <cmath>
#include <lmbench/plugin.hpp>
#include <string>
#include <vector>

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::Request;
using lmbench::sdk::Error;

constexpr std::int32_t kMostTopK = 1024;  // as the original

[[noreturn]] void refuse(Code code, const Request& request, const std::string& what) {
  throw Error(code, "request " + std::to_string(request.id) + ": " + what);
}

[[noreturn]] void refuse(const Request& request, const std::string& what) {
  refuse(Code::invalid_argument, request, what);
}

std::vector<std::int32_t> copy_tokens(const Request& request, lmbench::TokenView tokens,
                                      const char* field, std::uint32_t vocab_size) {
  if (tokens.size != 0 && tokens.data == nullptr) {
    refuse(request, std::string(field) + " has a size but no data");
  }
  for (std::uint64_t i = 0; i < tokens.size; ++i) {
    const std::int32_t token = tokens.data[i];
    if (token >= 0 && static_cast<std::uint32_t>(token) < vocab_size) continue;
    refuse(request, std::string(field) + "[" + std::to_string(i) + "] is " + std::to_string(token) +
                        ", not a token of the vocabulary of " + std::to_string(vocab_size));
  }
  return {tokens.data, tokens.data + tokens.size};
}

void check_lengths(const Request& request, const RequestLimits& limits) {
  if (request.prompt.size == 0) refuse(request, "prompt is empty; at least one token is needed");
  if (request.max_new_tokens == 0) refuse(request, "max_new_tokens is 0, not at least 1");
  if (request.min_new_tokens > request.max_new_tokens) {
    refuse(request, "min_new_tokens is " + std::to_string(request.min_new_tokens) +
                        ", above max_new_tokens of " + std::to_string(request.max_new_tokens));
  }
  const std::string lengths = std::to_string(request.prompt.size) + " prompt tokens and " +
                              std::to_string(request.max_new_tokens) + " new tokens";
  const std::uint64_t room =
      limits.session_len - std::min<std::uint64_t>(limits.session_len, request.max_new_tokens);
  if (request.prompt.size > room) {
    refuse(request, lengths + " exceed session_len of " + std::to_string(limits.session_len) +
                        "; raise engine option session_len or shorten the request");
  }
  const std::uint64_t tokens = request.prompt.size + request.max_new_tokens;
  const std::uint64_t blocks = (tokens + limits.block_tokens - 1) / limits.block_tokens;
  if (blocks * limits.block_tokens > limits.kv_pool_tokens) {
    refuse(Code::out_of_memory, request,
           lengths + " need more than the whole KV pool of " +
               std::to_string(limits.kv_pool_tokens) +
               " tokens; raise engine option cache_max_entry_count");
  }
}

SamplingParameters check_sampling(const Request& request) {
  if (!std::isfinite(request.temperature) || request.temperature < 0) {
    refuse(request, "temperature is " + std::to_string(request.temperature) + ", not at least 0");
  }
  if (request.temperature == 0) return {};  // greedy: the rest is not read
  if (!(request.top_p > 0 && request.top_p <= 1)) {
    refuse(request, "top_p is " + std::to_string(request.top_p) + ", not above 0 and at most 1");
  }
  if (request.top_k < 0 || request.top_k > kMostTopK) {
    refuse(request, "top_k is " + std::to_string(request.top_k) + ", not between 0 and " +
                        std::to_string(kMostTopK));
  }
  return {.temperature = request.temperature,
          .top_p = request.top_p,
          .top_k = request.top_k,
          .seed = request.seed};
}

void check_extra(const Request& request) {
  for (std::uint64_t i = 0; i < request.extra.size; ++i) {
    const std::string key(lmbench::sdk::view(request.extra.data[i].key));
    if (key.rfind("lmbench.", 0) == 0) continue;  // the runner's hints
    refuse(request, "unknown key '" + key + "'; turbomind has no keys of a single request");
  }
}

}  // namespace

Sequence check_request(const Request& request, const RequestLimits& limits) {
  if (request.id == 0) refuse(request, "id is 0, which is nobody's");
  const std::uint32_t unknown_flags = request.flags & ~lmbench::kIgnoreEos;
  if (unknown_flags != 0) {
    refuse(Code::unsupported, request, "unknown flag bits " + std::to_string(unknown_flags));
  }
  check_lengths(request, limits);
  check_extra(request);
  Sequence sequence;
  sequence.id = request.id;
  sequence.prompt = copy_tokens(request, request.prompt, "prompt", limits.vocab_size);
  sequence.stop_tokens =
      copy_tokens(request, request.stop_tokens, "stop_tokens", limits.vocab_size);
  if ((request.flags & lmbench::kIgnoreEos) == 0 && limits.end_id >= 0) {
    sequence.stop_tokens.push_back(limits.end_id);
  }
  sequence.min_new_tokens = request.min_new_tokens;
  sequence.max_new_tokens = request.max_new_tokens;
  sequence.sampling = check_sampling(request);
  return sequence;
}

}  // namespace turbomind
