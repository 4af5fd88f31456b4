// SPDX-License-Identifier: Apache-2.0
#include "run/workload.hpp"

#include <bit>
#include <span>
#include <string_view>

#include "error.hpp"

namespace lmbench::run {
namespace {

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

stats::RequestRecord make_record(const scenario::Case& shape, const Phase& phase,
                                 std::size_t slot) {
  stats::RequestRecord record{};
  record.round = phase.first_round + static_cast<std::uint32_t>(slot / shape.concurrency);
  record.sequence = static_cast<std::uint32_t>(slot % shape.concurrency);
  record.prompt_tokens = shape.prompt_tokens;
  record.requested_tokens = phase.completion_tokens;
  record.is_warmup = phase.is_warmup ? 1 : 0;
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

std::uint64_t most_rounds(const scenario::Case& shape, std::uint32_t completion_tokens) noexcept {
  // The recorder counts events in 32 bits; this is far beyond any memory.
  constexpr std::uint64_t kMaxEvents = 0xffff'ffffU;
  return kMaxEvents / (std::uint64_t{completion_tokens} + 2) / shape.concurrency;
}

void require_recordable(const scenario::Case& shape, const Phase& phase) {
  if (phase.rounds <= most_rounds(shape, phase.completion_tokens)) return;
  const std::uint64_t requests = std::uint64_t{phase.rounds} * shape.concurrency;
  throw Error("case " + shape.case_id + " has " + std::to_string(requests) + " requests of " +
              std::to_string(phase.completion_tokens) +
              " tokens, more than one case can record; take fewer rounds");
}

Workload make_workload(const scenario::Case& shape, const Phase& phase,
                       const scenario::Sampling& sampling, const PromptMaker& prompts) {
  require_recordable(shape, phase);
  const std::size_t slots = std::size_t{phase.rounds} * shape.concurrency;
  Workload load;
  load.concurrency = shape.concurrency;
  load.completion_tokens = phase.completion_tokens;
  load.rounds = phase.rounds;
  load.prompts.resize((prompts.is_shared() ? 1 : slots) * std::size_t{shape.prompt_tokens});
  load.requests.assign(slots, make_request(phase.completion_tokens));
  load.table.resize(slots);

  for (std::size_t slot = 0; slot < slots; ++slot) {
    stats::RequestRecord& record = load.table[slot];
    record = make_record(shape, phase, slot);
    const std::uint64_t round = record.round + (record.is_warmup != 0 ? kFirstWarmupRound : 0);
    const std::size_t offset = prompts.is_shared() ? 0 : slot * shape.prompt_tokens;
    const std::span prompt(load.prompts.data() + offset, shape.prompt_tokens);
    if (!prompts.is_shared() || slot == 0) prompts.fill(round, record.sequence, prompt);
    load.requests[slot].prompt = {prompt.data(), prompt.size()};
    set_sampling(load.requests[slot], sampling, prompts.sampling_seed(round, record.sequence));
  }
  return load;
}

void hash_prompts(const Workload& load, Sha256& sum) {
  for (std::size_t slot = 0; slot < load.table.size(); ++slot) {
    if (load.table[slot].due_ns == 0) continue;
    const TokenView prompt = load.requests[slot].prompt;
    sum.update(bytes_of({prompt.data, prompt.size}));
  }
}

}  // namespace lmbench::run
