// A model whose prompts are long enough for the large products, and what those cost.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gpu_engine.hpp"

namespace turbomind::test {

struct WideFolder {
  WideFolder() {
    model.layers = 1;
    model.has_qkv_bias = true;
    model.has_o_bias = true;
    lmbench::test::write_small_model(model, folder.path());
  }

  // Slots cost time: each power of two of them is warmed up.
  Options options(std::uint32_t slots = 2) const {
    return on_gpu(options_for(folder.path()))
        .integer("max_batch_size", slots)
        .integer("session_len", 300)
        .integer("max_context_token_num", 300);
  }
  Job job(std::uint32_t prompt_tokens) const {
    return {random_prompt(prompt_tokens, model.vocab_size, prompt_tokens), 2};
  }

  SmallModel model = gpu_model();
  TemporaryFolder folder;
};

// Whose algorithms were timed since the machine was made anew.
inline int timed_products() { return FakeGpu::calls("cublasLtMatmulAlgoGetHeuristic"); }

}  // namespace turbomind::test
