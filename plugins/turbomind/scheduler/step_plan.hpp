// What the scheduler tells every rank to do next: a plain value that can cross a process border.
// A plan is made when something changes; between changes one plan stands for several decode steps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace turbomind {

struct SamplingParameters {
  float temperature = 0.0F;  // 0: greedy
  float top_p = 1.0F;        // (0, 1]
  std::int32_t top_k = 0;    // 0: no limit; 1: greedy
  std::uint64_t seed = 0;

  bool operator==(const SamplingParameters&) const = default;
};

// A sequence takes a slot; whatever the slot held before is forgotten, its page table is empty.
// The executor keeps this state until the next join of the slot.
struct SlotJoin {
  std::uint32_t slot = 0;
  std::int32_t next_token = 0;      // what the first decode step feeds (a prefill replaces it)
  std::uint32_t next_position = 0;  // where that token stands in the sequence, from 0
  std::uint32_t end_position = 0;   // P + R: the token sampled for position end_position - 1 ends
                                    // the sequence by length
  std::uint32_t min_position = 0;   // stop tokens for positions below this do not end it
  std::vector<std::int32_t> stop_tokens;  // EOS among them unless it is ignored
  SamplingParameters sampling;

  bool operator==(const SlotJoin&) const = default;
};

// Pages of kPageTokens tokens appended to the page table of a slot.
struct PagesAdded {
  std::uint32_t slot = 0;
  std::vector<std::uint32_t> pages;

  bool operator==(const PagesAdded&) const = default;
};

// A run of known tokens of one sequence whose keys and values are to be computed.
struct PrefillChunk {
  std::uint32_t slot = 0;
  std::uint32_t first_position = 0;
  bool samples = false;  // the last token is followed by a new one: sample it
  std::vector<std::int32_t> tokens;

  bool operator==(const PrefillChunk&) const = default;
};

constexpr std::uint32_t kPageTokens = 64;

// Of one plan. More save host work on a device; each one delays a join by up to a step.
constexpr std::uint32_t kMostDecodeLaunches = 4;

struct StepPlan {
  std::uint64_t number = 0;  // running, from 1; every rank checks that none is missing
  std::vector<SlotJoin> joins;
  std::vector<PagesAdded> pages;
  std::vector<std::uint32_t> decode_slots;  // the decode batch of this plan, in row order
  std::uint32_t decode_launches = 0;        // decode steps over decode_slots; rows that end in
                                            // between stand still. 0 when decode_slots is empty
  std::vector<PrefillChunk> prefills;       // one pass after the decode steps

  bool operator==(const StepPlan&) const = default;
};

// The wire form: little-endian, versioned. parse throws Error on anything truncated or unknown.
std::vector<std::byte> serialise(const StepPlan& plan);
StepPlan parse_step_plan(std::span<const std::byte> bytes);

}  // namespace turbomind
