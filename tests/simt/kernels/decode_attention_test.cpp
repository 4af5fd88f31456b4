// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/kernels/decode_attention.hpp"

#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>
#include <vector>

#include "paged_context.hpp"

using namespace turbomind;
using namespace turbomind::cuda;
using namespace lmbench::test;

namespace {

// Decode rows over sequences, one row per (slot, context).
struct Batch {
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> contexts;
};

struct Decoder {
  Decoder(const PagedContext& c, const Batch& b, std::uint32_t reach, double query_size = 1.0)
      : context(c),
        batch(b),
        max_context(reach),
        columns(c.shape().heads * c.shape().head_dim),
        query(random_halves(b.slots.size() * columns, query_size, c.shape().type, 99)),
        device_query(query),
        partials(decode_partial_elements(rows(), c.shape().heads, c.shape().head_dim, reach)),
        tickets(std::vector<std::uint32_t>(rows() * c.shape().heads)) {}

  std::uint32_t rows() const { return static_cast<std::uint32_t>(batch.slots.size()); }

  // Rows [first, first + count), as a launch of their own.
  Halves run(std::uint32_t first, std::uint32_t count) {
    std::vector<std::uint32_t> positions;
    for (std::uint32_t i = 0; i < count; ++i) positions.push_back(batch.contexts[first + i] - 1);
    DeviceArray<std::uint32_t> device_positions(positions);
    DeviceArray<std::uint32_t> device_slots(std::vector<std::uint32_t>(
        batch.slots.begin() + first, batch.slots.begin() + first + count));
    const Rows device_rows{nullptr, device_slots.get(), device_positions.get()};
    DeviceArray<std::uint16_t> output(std::size_t{count} * columns);
    decode_attention({.type = context.shape().type,
                      .query = device_query.get() + std::size_t{first} * columns,
                      .query_stride = columns,
                      .output = output.get(),
                      .kv = context.kv(),
                      .layer = PagedContext::kLayer,
                      .slots = &context.slots(),
                      .rows = &device_rows,
                      .row_count = count,
                      .heads = context.shape().heads,
                      .scale = context.scale(),
                      .max_context = max_context,
                      .partials = partials.get(),
                      .tickets = tickets.get()},
                     nullptr);
    return output.host();
  }

  std::vector<double> expected(std::uint32_t row) const {
    return context.attend(query.data() + std::size_t{row} * columns, batch.slots[row],
                          batch.contexts[row]);
  }

  const PagedContext& context;
  Batch batch;
  std::uint32_t max_context;
  std::uint32_t columns;
  Halves query;
  DeviceArray<std::uint16_t> device_query;
  DeviceArray<float> partials;
  DeviceArray<std::uint32_t> tickets;
};

void check_rows(Decoder& decoder) {
  const Halves found = decoder.run(0, decoder.rows());
  for (std::uint32_t row = 0; row < decoder.rows(); ++row) {
    CAPTURE(row);
    const Halves own(found.begin() + row * decoder.columns,
                     found.begin() + (row + 1) * decoder.columns);
    const DataType type = decoder.context.shape().type;
    CHECK(relative_l2(values_of(own, type), decoder.expected(row)) < attention_tolerance(type));
  }
}

}  // namespace

TEST_CASE("decode attention is that of double precision around the edges of pages and splits") {
  for (const DataType type : {DataType::fp16, DataType::bf16}) {
    const PagedContext context({.type = type, .heads = 2, .kv_heads = 2, .head_dim = 64},
                               {520, 257, 64});
    Decoder decoder(
        context, {{0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2}, {1, 7, 8, 9, 520, 255, 256, 257, 65, 63, 64}},
        520);
    check_rows(decoder);
  }
}

TEST_CASE("groups of any number of query heads share their keys and values") {
  for (const std::uint32_t group : {1U, 2U, 4U, 6U, 7U, 8U, 9U, 16U, 17U}) {
    CAPTURE(group);
    const PagedContext context({.heads = group, .kv_heads = 1, .head_dim = 64}, {300, 30});
    Decoder decoder(context, {{0, 1}, {300, 30}}, 300);
    check_rows(decoder);
  }
  const PagedContext context({.type = DataType::bf16, .heads = 6, .kv_heads = 3, .head_dim = 128},
                             {130});
  Decoder decoder(context, {{0, 0}, {130, 70}}, 512);
  check_rows(decoder);
}

TEST_CASE("one dominating score, and scores that are all equal") {
  const PagedContext context({.heads = 4, .kv_heads = 2, .head_dim = 128}, {300});
  Decoder dominated(context, {{0}, {300}}, 300, 20.0);
  check_rows(dominated);
  Decoder equal(context, {{0}, {300}}, 300, 0.0);
  check_rows(equal);
}

TEST_CASE("a row's bits do not depend on its batch, on the reach of the grid or on a repetition") {
  const PagedContext context({.heads = 4, .kv_heads = 2, .head_dim = 64}, {600, 600, 600});
  const Batch batch{{0, 1, 2, 0}, {600, 10, 300, 256}};
  Decoder together(context, batch, 768);
  const Halves first = together.run(0, 4);
  CHECK(together.run(0, 4) == first);
  Decoder alone(context, batch, 600);
  for (std::uint32_t row = 0; row < 4; ++row) {
    const Halves own(first.begin() + row * together.columns,
                     first.begin() + (row + 1) * together.columns);
    CHECK(alone.run(row, 1) == own);
  }
  for (const std::uint32_t ticket : together.tickets.host()) CHECK(ticket == 0);
}

TEST_CASE("nobody's row gives numbers") {
  const PagedContext context({.heads = 2, .kv_heads = 1, .head_dim = 64}, {70});
  Decoder decoder(context, {{1, 0}, {1, 70}}, 256);
  const Halves found = decoder.run(0, 2);
  for (std::uint32_t i = 0; i < decoder.columns; ++i)
    CHECK(value_of(found[i], DataType::fp16) == 0);
}

TEST_CASE("a head size without a kernel is refused") {
  CHECK(has_attention_kernel(64));
  CHECK(has_attention_kernel(128));
  CHECK_FALSE(has_attention_kernel(96));
  const PagedContext context({.heads = 1, .kv_heads = 1, .head_dim = 96}, {5});
  Decoder decoder(context, {{0}, {5}}, 64);
  CHECK_THROWS_WITH_AS(decoder.run(0, 1), "no attention kernel for heads of 96 elements",
                       lmbench::sdk::Error);
}
