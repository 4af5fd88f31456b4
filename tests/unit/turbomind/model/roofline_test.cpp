// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/roofline.hpp"

#include <doctest/doctest.h>

#include "internlm_7b.hpp"

using namespace turbomind;
using turbomind::test::internlm_7b;

TEST_CASE("a decode step of InternLM-7B in fp16 reads 13.799 GB of weights, 512 KiB per token") {
  const Roofline roofline(internlm_7b(), DataType::fp16, 1);
  // All 7 321 948 160 parameters but the embedding.
  CHECK(roofline.weight_bytes() == (7321948160.0 - 103168.0 * 4096.0) * 2);
  CHECK(roofline.weight_bytes() / 1e9 == doctest::Approx(13.799).epsilon(1e-4));
  CHECK(roofline.kv_bytes_per_token() == 524288.0);
}

TEST_CASE("a rank of four has a quarter of the matrices and of the cache") {
  const Roofline whole(internlm_7b(), DataType::fp16, 1);
  const Roofline quarter(internlm_7b(), DataType::fp16, 4);
  CHECK(quarter.kv_bytes_per_token() == whole.kv_bytes_per_token() / 4);
  CHECK(quarter.weight_bytes() == doctest::Approx(whole.weight_bytes() / 4).epsilon(1e-3));
  CHECK(quarter.weight_bytes() > whole.weight_bytes() / 4);  // norms and o biases are whole
}

TEST_CASE("a decode row of context c reads c tokens, writes one, and multiplies every weight") {
  const Roofline roofline(internlm_7b(), DataType::fp16, 1);
  const SequenceWork row = roofline.sequence_work(127, 1, true);
  CHECK(row.kv_bytes == (128 + 1) * 524288.0);
  const double linear = 32 * (4096.0 * 12288 + 4096.0 * 4096 + 3.0 * 4096 * 11008);
  const double head = 103168.0 * 4096;
  CHECK(row.flops == 2 * (linear + head) + 4.0 * 32 * 4096 * 128);
}

TEST_CASE("a prefill of P tokens costs 2 P P_lin + 2 P_head + 2 L H D P (P + 1), in any chunks") {
  const Roofline roofline(internlm_7b(), DataType::fp16, 1);
  const double linear = 32 * (4096.0 * 12288 + 4096.0 * 4096 + 3.0 * 4096 * 11008);
  const SequenceWork whole = roofline.sequence_work(0, 2048, true);
  CHECK(whole.kv_bytes == 2048 * 524288.0);
  CHECK(whole.flops ==
        doctest::Approx(2 * 2048 * linear + 2 * 103168.0 * 4096 + 2.0 * 32 * 4096 * 2048 * 2049));
  const SequenceWork first = roofline.sequence_work(0, 1000, false);
  const SequenceWork rest = roofline.sequence_work(1000, 1048, true);
  CHECK(first.flops + rest.flops == doctest::Approx(whole.flops));
}
