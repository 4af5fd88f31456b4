// The wire form of a StepPlan: magic, version, then the fields in order, all little-endian, arrays
// with their length in front. The parser trusts nothing: a length is checked against the bytes that
// are left before anything is allocated.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/scheduler/step_plan.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <lmbench/plugin.hpp>
#include <string>
#include <type_traits>

namespace turbomind {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire form is copied as it lies");

constexpr std::uint32_t kMagic = 0x504d4254;  // "TBMP"
constexpr std::uint32_t kVersion = 1;

class Writer {
 public:
  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
  }
  template <class T>
  void put_all(const std::vector<T>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    const std::size_t at = bytes_.size();
    bytes_.resize(at + values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(bytes_.data() + at, values.data(), values.size() * sizeof(T));
  }
  std::vector<std::byte> take() { return std::move(bytes_); }
 private:
  std::vector<std::byte> bytes_;
};

[[noreturn]] void refuse(const std::string& what) {
  throw lmbench::sdk::Error(lmbench::Code::internal, "step plan: " + what);
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class T>
  T get() {
    if (bytes_.size() < sizeof(T)) refuse("truncated");
    T value;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }
  template <class T>
  std::vector<T> get_all() {
    const auto count = get_count(sizeof(T));
    std::vector<T> values(count);
    if (count != 0) std::memcpy(values.data(), bytes_.data(), count * sizeof(T));
    bytes_ = bytes_.subspan(count * sizeof(T));
    return values;
  }
  // How many elements of at least least_bytes each follow.
  std::size_t get_count(std::size_t least_bytes) {
    const auto count = get<std::uint32_t>();
    if (count > bytes_.size() / least_bytes) refuse("a length goes beyond the end");
    return count;
  }
  void finish() const {
    if (!bytes_.empty()) refuse("bytes after the end");
  }
 private:
  std::span<const std::byte> bytes_;
};

void write_join(Writer& out, const SlotJoin& join) {
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

SlotJoin read_join(Reader& in) {
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

void write_prefill(Writer& out, const PrefillChunk& chunk) {
  out.put(chunk.slot);
  out.put(chunk.first_position);
  out.put(static_cast<std::uint8_t>(chunk.samples ? 1 : 0));
  out.put_all(chunk.tokens);
}

PrefillChunk read_prefill(Reader& in) {
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
  Writer out;
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
  Reader in(bytes);
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
