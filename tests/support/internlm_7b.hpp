// The shape of InternLM-7B, with biases on q, k, v and o.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/model/architecture.hpp"

namespace turbomind::test {

inline Architecture internlm_7b() {
  Architecture model;
  model.head_num = model.kv_head_num = 32;
  model.size_per_head = 128;
  model.hidden_size = 4096;
  model.inter_size = 11008;
  model.num_layer = 32;
  model.vocab_size = 103168;
  model.has_qkv_bias = model.has_o_bias = true;
  return model;
}

}  // namespace turbomind::test
