// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/kernels/sampling.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "device_array.hpp"
#include "slot_arrays.hpp"
#include "turbomind/cuda/kernels/slot_update.hpp"
#include "turbomind/sampling/token_choice.hpp"
#include "unit/turbomind/sampling/logits.hpp"

using namespace turbomind;
using namespace turbomind::cuda;
using namespace lmbench::test;
using turbomind::test::make_draw;
using turbomind::test::random_logits;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Rows of logits, each with its own draw, as they would stand in a batch.
struct Batch {
  std::vector<std::vector<float>> logits;
  std::vector<Draw> draws;

  void add(std::vector<float> row, const Draw& draw) {
    logits.push_back(std::move(row));
    draws.push_back(draw);
  }
  std::uint32_t count() const { return static_cast<std::uint32_t>(draws.size()); }
  std::uint32_t vocab() const { return static_cast<std::uint32_t>(logits[0].size()); }
};

SlotSampling sampling_of(const Draw& draw) {
  return {draw.sampling.seed, draw.sampling.temperature, draw.sampling.top_p, draw.sampling.top_k,
          0};
}

std::uint32_t columns_of(const Batch& batch, std::uint32_t parts) {
  return (batch.vocab() + parts - 1) / parts;
}

// [parts][samples][stride], padding and columns beyond the vocabulary poisoned.
std::vector<float> laid_out(const Batch& batch, std::uint32_t parts, std::uint32_t stride) {
  std::vector<float> data(std::size_t{parts} * batch.count() * stride, kNan);
  const std::uint32_t columns = columns_of(batch, parts);
  for (std::uint32_t i = 0; i < batch.count(); ++i) {
    for (std::uint32_t t = 0; t < batch.vocab(); ++t) {
      data[(std::size_t{t / columns} * batch.count() + i) * stride + t % columns] =
          batch.logits[i][t];
    }
  }
  return data;
}

// The device's choices. parts: the ranks that have a share of the logits; gathered: their logits were
// brought together, else each judges its own.
std::vector<std::int32_t> chosen(const Batch& batch, std::uint32_t parts = 1,
                                 bool is_gathered = true) {
  const std::uint32_t count = batch.count();
  const std::uint32_t columns = columns_of(batch, parts);
  const std::uint32_t stride = (columns + 3) / 4 * 4 + 4;
  const std::size_t part = std::size_t{count} * stride;
  SlotArrays slots(count, 1, batch.vocab());
  std::vector<SlotSampling> sampling(count + 1);
  std::vector<std::uint32_t> slot_of;
  std::vector<std::uint32_t> positions;
  for (std::uint32_t i = 0; i < count; ++i) {
    slot_of.push_back(count - 1 - i);  // rows and slots need not agree
    sampling[slot_of[i]] = sampling_of(batch.draws[i]);
    positions.push_back(batch.draws[i].position - 1);
  }
  slots.sampling.assign(sampling);
  slots.is_live.assign(std::vector<std::uint32_t>(count + 1, 1));
  slots.end_position.assign(std::vector<std::uint32_t>(count + 1, ~0U));
  const DeviceArray<std::uint32_t> device_slots(slot_of);
  const DeviceArray<std::uint32_t> device_positions(positions);
  const DeviceArray<float> data(laid_out(batch, parts, stride));
  const Samples samples{device_slots.get(), device_positions.get(), count};
  const std::uint32_t ranks = is_gathered ? 1 : parts;
  DeviceArray<PackedCandidate> candidates(std::size_t{ranks} * count);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    Logits logits{data.get(), stride, columns, part, 0, batch.vocab()};
    if (!is_gathered) {
      logits.data = data.get() + rank * part;
      logits.first_token = rank * columns;
      logits.token_count = logits.first_token < batch.vocab()
                               ? std::min(columns, batch.vocab() - logits.first_token)
                               : 0;
    }
    judge(samples, logits, slots.view, is_gathered, candidates.get() + std::size_t{rank} * count,
          nullptr);
  }
  DeviceArray<RingEntry> entries(count);
  DeviceArray<std::uint64_t> sequence(std::vector<std::uint64_t>{0});
  DeviceArray<std::uint64_t> next_pass(std::vector<std::uint64_t>{1});
  settle(samples, candidates.get(), ranks, slots.view,
         {entries.get(), sequence.get(), 1, count, next_pass.get()}, nullptr);
  std::vector<std::int32_t> tokens;
  for (const RingEntry& entry : entries.host()) tokens.push_back(entry.token);
  return tokens;
}

std::vector<std::int32_t> expected(const Batch& batch) {
  std::vector<std::int32_t> tokens;
  for (std::uint32_t i = 0; i < batch.count(); ++i) {
    tokens.push_back(choose_token(batch.logits[i], batch.draws[i]));
  }
  return tokens;
}

// Draws of every kind over one row of logits.
std::vector<Draw> draws_of_every_kind(std::uint32_t vocab) {
  const auto k = [&](std::uint32_t wanted) { return static_cast<std::int32_t>(wanted); };
  return {make_draw(0.0F),
          make_draw(1.0F, 1.0F, 1),
          make_draw(1.0F, 1.0F, 0, 7, 3),
          make_draw(0.1F, 1.0F, 0, 8, 4),
          make_draw(5.0F, 1.0F, 0, 9, 5),
          make_draw(1.0F, 1.0F, 2, 10, 6),
          make_draw(0.7F, 1.0F, 50, 11, 7),
          make_draw(1.0F, 1.0F, k(vocab), 12, 8),
          make_draw(1.0F, 1.0F, k(vocab + 1), 13, 9),
          make_draw(1.0F, 0.01F, 0, 14, 10),
          make_draw(1.0F, 0.5F, 0, 15, 11),
          make_draw(2.0F, 0.999F, 0, 16, 12),
          make_draw(1.0F, 0.9F, 40, 17, 13),
          make_draw(0.3F, 0.1F, 3, ~std::uint64_t{0}, 14)};
}

Batch batch_of(const std::vector<float>& logits) {
  Batch batch;
  for (Draw draw : draws_of_every_kind(static_cast<std::uint32_t>(logits.size()))) {
    draw.position += 1;
    batch.add(logits, draw);
  }
  return batch;
}

}  // namespace

TEST_CASE("the device chooses the tokens that the host chooses, for vocabularies of any size") {
  for (const std::uint32_t vocab : {1U, 2U, 3U, 31U, 255U, 256U, 257U, 1000U, 5001U}) {
    CAPTURE(vocab);
    const Batch batch = batch_of(random_logits(vocab, vocab, 3.0F));
    CHECK(chosen(batch) == expected(batch));
  }
}

TEST_CASE("a vocabulary of real size") {
  const std::vector<float> logits = random_logits(103'168, 5, 2.5F);
  Batch batch;
  for (const Draw& draw : {make_draw(0.0F, 1.0F, 0, 1, 1), make_draw(0.8F, 1.0F, 0, 2, 2),
                           make_draw(1.0F, 0.8F, 50, 3, 3)}) {
    batch.add(logits, draw);
  }
  CHECK(chosen(batch) == expected(batch));
}

TEST_CASE("ties, equal logits, infinities and NaN are chosen from as on the host") {
  std::vector<float> ties = random_logits(700, 3, 1.0F);
  for (std::size_t i = 0; i < ties.size(); ++i) {
    if (i % 3 == 0) ties[i] = 2.5F;
  }
  std::vector<float> masked = random_logits(700, 4, 1.0F);
  for (std::size_t i = 0; i < masked.size(); ++i) {
    if (i % 5 != 0) masked[i] = -kInfinity;
  }
  std::vector<float> broken = random_logits(700, 5, 1.0F);
  broken[333] = kNan;
  for (const std::vector<float>& logits :
       {ties, masked, broken, std::vector<float>(700, 1.0F), std::vector<float>(700, -0.0F)}) {
    const Batch batch = batch_of(logits);
    CHECK(chosen(batch) == expected(batch));
  }
}

// Each mass but the first is a little less than 2^32, so nearly every addition carries: the masses of
// a digit, of neighbouring keys, and of the equal logits of one key.
TEST_CASE("masses add up across the words that they are summed in") {
  std::vector<float> logits{0.0F};
  for (std::uint32_t key = 0; key < 300; ++key) {
    logits.insert(logits.end(), 3, -5.6F - 1e-5F * static_cast<float>(key));
  }
  Batch batch;
  for (std::uint32_t i = 1; i < 20; ++i) {
    batch.add(logits, make_draw(1.0F, 0.05F * static_cast<float>(i), 0, i, i));
  }
  CHECK(chosen(batch) == expected(batch));
}

TEST_CASE("any number of ranks chooses the same tokens") {
  for (const std::uint32_t vocab : {257U, 1001U}) {
    const Batch batch = batch_of(random_logits(vocab, vocab, 3.0F));
    for (const std::uint32_t parts : {2U, 3U, 4U, 8U}) {
      CAPTURE(parts);
      CHECK(chosen(batch, parts) == expected(batch));
    }
  }
}

TEST_CASE("ranks that judge their own logits agree with one that has them all") {
  Batch batch;
  const std::vector<float> logits = random_logits(90, 6, 3.0F);
  for (std::uint32_t i = 1; i < 40; ++i)
    batch.add(logits, make_draw(0.03F * static_cast<float>(i), 1.0F, 0, i, i));
  batch.add(logits, make_draw(0.0F, 1.0F, 0, 1, 1));
  // 13 ranks: the last one has no token that exists.
  for (const std::uint32_t parts : {2U, 4U, 13U}) {
    CAPTURE(parts);
    CHECK(chosen(batch, parts, false) == expected(batch));
  }
}

namespace {

// Sequences in slots whose candidates the test gives, over several passes of a ring.
struct Books {
  explicit Books(std::uint32_t slot_count)
      : slots(slot_count, 1, 100),
        entries(std::size_t{kDepth} * slot_count),
        sequence(std::vector<std::uint64_t>(kDepth)),
        next_pass(std::vector<std::uint64_t>{1}) {
    slots.is_live.assign(std::vector<std::uint32_t>(slot_count + 1, 1));
  }

  static constexpr std::uint32_t kDepth = 2;

  // Each slot in turn gets its token, the last of the ranks having the best candidate.
  std::vector<RingEntry> settle_all(const std::vector<std::uint32_t>& slot_of,
                                    const std::vector<std::uint32_t>& tokens) {
    const auto count = static_cast<std::uint32_t>(slot_of.size());
    const std::vector<std::uint32_t> before = slots.position.host();
    std::vector<std::uint32_t> positions;
    std::vector<PackedCandidate> candidates(2 * count);
    for (std::uint32_t i = 0; i < count; ++i) {
      positions.push_back(before[slot_of[i]]);
      candidates[i] = PackedCandidate{5} << 32U | static_cast<std::uint32_t>(~77U);
      candidates[count + i] = PackedCandidate{6} << 32U | static_cast<std::uint32_t>(~tokens[i]);
    }
    const DeviceArray<std::uint32_t> device_slots(slot_of);
    const DeviceArray<std::uint32_t> device_positions(positions);
    const DeviceArray<PackedCandidate> device_candidates(candidates);
    settle({device_slots.get(), device_positions.get(), count}, device_candidates.get(), 2,
           slots.view,
           {entries.get(), sequence.get(), kDepth, slots.view.max_slots, next_pass.get()}, nullptr);
    const std::uint64_t pass = next_pass.host()[0] - 1;
    CHECK(sequence.host()[pass % kDepth] == pass);
    const std::vector<RingEntry> all = entries.host();
    const auto first =
        all.begin() + static_cast<std::ptrdiff_t>(pass % kDepth * slots.view.max_slots);
    return {first, first + count};
  }

  void stop_at(std::uint32_t slot, std::int32_t token) {
    const DeviceArray<StopUpdate> stops(std::vector<StopUpdate>{{slot, token}});
    apply_stops(stops.get(), 1, slots.view, nullptr);
  }

  SlotArrays slots;
  DeviceArray<RingEntry> entries;
  DeviceArray<std::uint64_t> sequence;
  DeviceArray<std::uint64_t> next_pass;
};

}  // namespace

TEST_CASE("tokens, positions and ends are booked, and passes go around the ring") {
  Books books(4);
  books.slots.position.assign({10, 20, 30, 40, 0});
  books.slots.end_position.assign({13, 22, 100, 100, 0});
  books.slots.min_position.assign({0, 0, 0, 43, 0});
  books.stop_at(2, 9);
  books.stop_at(3, 9);
  const std::vector<std::uint32_t> all{3, 0, 1, 2};
  // Slot 1 ends by length at position 21.
  std::vector<RingEntry> entries = books.settle_all(all, {9, 1, 2, 3});
  CHECK(entries[0].token == 9);
  CHECK(entries[0].slot == 3);
  CHECK(entries[0].position == 41);
  CHECK(entries[2].slot == 1);
  CHECK(books.slots.is_live.host() == std::vector<std::uint32_t>{1, 0, 1, 1, 1});
  CHECK(books.slots.token.host() == std::vector<std::int32_t>{1, 2, 3, 9, 0});
  CHECK(books.slots.position.host() == std::vector<std::uint32_t>{11, 21, 31, 41, 0});
  // Slot 0 ends by length at position 12, slot 2 meets its stop token; slot 3 does so below its
  // minimum.
  entries = books.settle_all(all, {9, 1, 2, 9});
  CHECK(entries[2].slot == 4);  // slot 1 stands still
  CHECK(entries[3].token == 9);
  CHECK(books.slots.is_live.host() == std::vector<std::uint32_t>{0, 0, 0, 1, 1});
  // Slot 3 stops at position 43, where its minimum is reached.
  entries = books.settle_all(all, {9, 1, 2, 9});
  CHECK(entries[0].position == 43);
  CHECK(entries[1].slot == 4);
  CHECK(books.slots.is_live.host() == std::vector<std::uint32_t>{0, 0, 0, 0, 1});
  CHECK(books.slots.position.host() == std::vector<std::uint32_t>{12, 21, 32, 43, 0});
  CHECK(books.next_pass.host()[0] == 4);
}

TEST_CASE("more samples than threads of the block are settled") {
  Books books(300);
  books.slots.end_position.assign(std::vector<std::uint32_t>(301, 100));
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> tokens;
  for (std::uint32_t i = 0; i < 300; ++i) {
    slots.push_back(299 - i);
    tokens.push_back(i % 100);
  }
  const std::vector<RingEntry> entries = books.settle_all(slots, tokens);
  for (std::uint32_t i = 0; i < 300; ++i) {
    REQUIRE(entries[i].slot == 299 - i);
    REQUIRE(entries[i].token == static_cast<std::int32_t>(i % 100));
    REQUIRE(entries[i].position == 1);
  }
}

TEST_CASE("joins, stop tokens and pages reach the slots") {
  SlotArrays slots(3, 4, 70);
  slots.stop_bits.assign(std::vector<std::uint32_t>(4 * 3, ~0U));
  const SlotSampling sampling{5, 0.5F, 0.9F, 7, 0};
  const DeviceArray<JoinUpdate> joins(
      std::vector<JoinUpdate>{{2, 11, 12, 13, 14, 0, sampling}, {0, 21, 22, 23, 24, 0, sampling}});
  apply_joins(joins.get(), 2, slots.view, nullptr);
  const DeviceArray<StopUpdate> stops(std::vector<StopUpdate>{{2, 69}, {2, 0}, {2, 31}, {0, 32}});
  apply_stops(stops.get(), 4, slots.view, nullptr);
  const DeviceArray<PageUpdate> pages(std::vector<PageUpdate>{{2, 3, 100}, {0, 0, 200}});
  apply_pages(pages.get(), 2, slots.view, nullptr);
  CHECK(slots.token.host() == std::vector<std::int32_t>{21, 0, 11, 0});
  CHECK(slots.position.host() == std::vector<std::uint32_t>{22, 0, 12, 0});
  CHECK(slots.end_position.host() == std::vector<std::uint32_t>{23, 0, 13, 0});
  CHECK(slots.min_position.host() == std::vector<std::uint32_t>{24, 0, 14, 0});
  CHECK(slots.is_live.host() == std::vector<std::uint32_t>{1, 0, 1, 0});
  CHECK(slots.sampling.host()[2].top_k == 7);
  const std::vector<std::uint32_t> bits = slots.stop_bits.host();
  CHECK(bits[0] == 0);
  CHECK(bits[1] == 1);
  CHECK(bits[2 * 3] == 0x80000001U);
  CHECK(bits[2 * 3 + 2] == 1U << 5U);
  CHECK(bits[3] == ~0U);  // of slot 1, which nobody joined
  std::vector<std::uint32_t> table(4 * 4, ~0U);
  table[2 * 4 + 3] = 100;
  table[0] = 200;
  CHECK(slots.pages.host() == table);
}
