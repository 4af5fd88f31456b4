// SPDX-License-Identifier: Apache-2.0
#include "run/workload.hpp"

#include <bit>
#include <span>
#include <string_view>

#include "error.hpp"
#include "sha256.hpp"

namespace lmbench::run {
namespace {

// The recorder counts events of a case in 32 bits; this is far beyond any memory.
constexpr std::uint64_t kMaxEvents = 0xffff'ffffU;

std::size_t count_requests(const scenario::Case& shape, const scenario::Measure& measure) {
  const std::uint64_t rounds = std::uint64_t{measure.warmup_rounds} + measure.test_rounds;
  const std::uint64_t requests = rounds * shape.concurrency;
  const std::uint64_t events_each = std::uint64_t{shape.completion_tokens} + 2;
  if (requests > kMaxEvents / events_each) {
    throw Error("case " + shape.case_id + " has " + std::to_string(requests) + " requests of " +
                std::to_string(shape.completion_tokens) +
                " tokens, more than one case can record; take fewer rounds");
  }
  return static_cast<std::size_t>(requests);
}

std::string_view bytes_of(std::span<const std::int32_t> ids) {
  static_assert(std::endian::native == std::endian::little, "the hash is over little-endian ids");
  const auto bytes = std::as_bytes(ids);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Request make_request(std::uint32_t completion_tokens) {
  Request request{};
  request.struct_size = sizeof(Request);
  request.flags = kIgnoreEos;
  request.min_new_tokens = completion_tokens;
  request.max_new_tokens = completion_tokens;
  return request;
}

stats::RequestRecord make_record(const scenario::Case& shape, const scenario::Measure& measure,
                                 std::size_t slot) {
  const auto place = static_cast<std::uint32_t>(slot / shape.concurrency);
  const bool is_warmup = place < measure.warmup_rounds;
  stats::RequestRecord record{};
  record.round = is_warmup ? place : place - measure.warmup_rounds;
  record.sequence = static_cast<std::uint32_t>(slot % shape.concurrency);
  record.prompt_tokens = shape.prompt_tokens;
  record.requested_tokens = shape.completion_tokens;
  record.is_warmup = is_warmup ? 1 : 0;
  return record;
}

}  // namespace

bool is_greedy(const scenario::Sampling& sampling) noexcept {
  return sampling.top_k == 1 || sampling.temperature == 0.0F;
}

void set_sampling(Request& request, const scenario::Sampling& sampling,
                  std::uint64_t seed) noexcept {
  const bool greedy = is_greedy(sampling);
  request.temperature = greedy ? 0.0F : sampling.temperature;
  request.top_p = greedy ? 1.0F : sampling.top_p;
  request.top_k = greedy ? 1 : sampling.top_k;
  request.seed = seed;
}

Workload make_workload(const scenario::Case& shape, const scenario::Measure& measure,
                       const scenario::Sampling& sampling, const PromptMaker& prompts) {
  const std::size_t slots = count_requests(shape, measure);
  Workload load;
  load.concurrency = shape.concurrency;
  load.prompt_tokens = shape.prompt_tokens;
  load.completion_tokens = shape.completion_tokens;
  load.warmup_rounds = measure.warmup_rounds;
  load.test_rounds = measure.test_rounds;
  load.prompts.resize((prompts.is_shared() ? 1 : slots) * std::size_t{shape.prompt_tokens});
  load.requests.assign(slots, make_request(shape.completion_tokens));
  load.table.resize(slots);

  Sha256 sum;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    stats::RequestRecord& record = load.table[slot];
    record = make_record(shape, measure, slot);
    const std::uint64_t round = record.round + (record.is_warmup != 0 ? kFirstWarmupRound : 0);
    const std::size_t offset = prompts.is_shared() ? 0 : slot * shape.prompt_tokens;
    const std::span prompt(load.prompts.data() + offset, shape.prompt_tokens);
    if (!prompts.is_shared() || slot == 0) prompts.fill(round, record.sequence, prompt);
    load.requests[slot].prompt = {prompt.data(), prompt.size()};
    set_sampling(load.requests[slot], sampling, prompts.sampling_seed(round, record.sequence));
    sum.update(bytes_of(prompt));
  }
  load.prompts_sha256 = sum.hex_digest();
  return load;
}

}  // namespace lmbench::run
