// The wire form of a StepPlan: magic, version, then the fields in order, all little-endian, arrays
// with their length in front (wire_format.hpp).
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/scheduler/step_plan.hpp"

#include <cmath>
#include <string>

#include "turbomind/scheduler/wire_format.hpp"

namespace turbomind {
namespace {

constexpr std::uint32_t kMagic = 0x504d4254;  // "TBMP"
constexpr std::uint32_t kVersion = 1;

constexpr const char* kName = "step plan";

[[noreturn]] void refuse(const std::string& what) { refuse_wire(kName, what); }

void write_join(WireWriter& out, const SlotJoin& join) {
  out.put(join.slot);
  out.put(join.next_token);
  out.put(join.next_position);
  out.put(join.end_position);
  out.put(join.min_position);
  out.put_all(join.stop_tokens);
  out.put(join.sampling.temperature);
  out.put(join.sampling.top_p);
  out.put(join.sampling.top_k);
  out.put(join.sampling.seed);
}

SlotJoin read_join(WireReader& in) {
  SlotJoin join;
  join.slot = in.get<std::uint32_t>();
  join.next_token = in.get<std::int32_t>();
  join.next_position = in.get<std::uint32_t>();
  join.end_position = in.get<std::uint32_t>();
  join.min_position = in.get<std::uint32_t>();
  join.stop_tokens = in.get_all<std::int32_t>();
  join.sampling.temperature = in.get<float>();
  join.sampling.top_p = in.get<float>();
  join.sampling.top_k = in.get<std::int32_t>();
  join.sampling.seed = in.get<std::uint64_t>();
  if (join.next_position >= join.end_position) refuse("a slot joins at its end");
  if (!std::isfinite(join.sampling.temperature) || !std::isfinite(join.sampling.top_p)) {
    refuse("a sampling parameter is no number");
  }
  return join;
}

void write_prefill(WireWriter& out, const PrefillChunk& chunk) {
  out.put(chunk.slot);
  out.put(chunk.first_position);
  out.put(static_cast<std::uint8_t>(chunk.samples ? 1 : 0));
  out.put_all(chunk.tokens);
}

PrefillChunk read_prefill(WireReader& in) {
  PrefillChunk chunk;
  chunk.slot = in.get<std::uint32_t>();
  chunk.first_position = in.get<std::uint32_t>();
  const auto samples = in.get<std::uint8_t>();
  if (samples > 1) refuse("a flag is neither 0 nor 1");
  chunk.samples = samples == 1;
  chunk.tokens = in.get_all<std::int32_t>();
  if (chunk.tokens.empty()) refuse("a prefill without tokens");
  return chunk;
}

constexpr std::size_t kLeastJoinBytes = 44;
constexpr std::size_t kLeastPagesBytes = 8;
constexpr std::size_t kLeastPrefillBytes = 13;

}  // namespace

std::vector<std::byte> serialise(const StepPlan& plan) {
  WireWriter out;
  out.put(kMagic);
  out.put(kVersion);
  out.put(plan.number);
  out.put(static_cast<std::uint32_t>(plan.joins.size()));
  for (const SlotJoin& join : plan.joins) write_join(out, join);
  out.put(static_cast<std::uint32_t>(plan.pages.size()));
  for (const PagesAdded& added : plan.pages) {
    out.put(added.slot);
    out.put_all(added.pages);
  }
  out.put_all(plan.decode_slots);
  out.put(plan.decode_launches);
  out.put(static_cast<std::uint32_t>(plan.prefills.size()));
  for (const PrefillChunk& chunk : plan.prefills) write_prefill(out, chunk);
  return out.take();
}

StepPlan parse_step_plan(std::span<const std::byte> bytes) {
  WireReader in(bytes, kName);
  if (in.get<std::uint32_t>() != kMagic) refuse("not a step plan");
  const auto version = in.get<std::uint32_t>();
  if (version != kVersion) refuse("version " + std::to_string(version) + " is not known");
  StepPlan plan;
  plan.number = in.get<std::uint64_t>();
  if (plan.number == 0) refuse("numbers start at 1");
  const std::size_t joins = in.get_count(kLeastJoinBytes);
  for (std::size_t i = 0; i < joins; ++i) plan.joins.push_back(read_join(in));
  const std::size_t pages = in.get_count(kLeastPagesBytes);
  for (std::size_t i = 0; i < pages; ++i) {
    const auto slot = in.get<std::uint32_t>();
    plan.pages.push_back({slot, in.get_all<std::uint32_t>()});
  }
  plan.decode_slots = in.get_all<std::uint32_t>();
  plan.decode_launches = in.get<std::uint32_t>();
  if (plan.decode_slots.empty() != (plan.decode_launches == 0)) {
    refuse("decode launches and decode slots do not go together");
  }
  const std::size_t prefills = in.get_count(kLeastPrefillBytes);
  for (std::size_t i = 0; i < prefills; ++i) plan.prefills.push_back(read_prefill(in));
  in.finish();
  return plan;
}

}  // namespace turbomind
