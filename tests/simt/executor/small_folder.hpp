// A small model for the GPU, and jobs that a page, and the skinny product, cannot hold.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "gpu_engine.hpp"

namespace turbomind::test {

struct SmallFolder {
  SmallFolder() { lmbench::test::write_small_model(model, folder.path()); }

  Options options(std::uint32_t ranks = 1) const {
    return on_gpu(options_for(folder.path()).integer("tp", ranks));
  }
  Options processes(std::uint32_t ranks) const { return options(ranks).text("ranks", "processes"); }
  std::vector<Job> jobs() const {
    return {{random_prompt(5, model.vocab_size, 1), 9},
            {random_prompt(70, model.vocab_size, 2), 12, {.temperature = 1, .seed = 6}},
            {random_prompt(1, model.vocab_size, 3), 7, {.temperature = 1, .top_k = 9, .seed = 7}}};
  }

  SmallModel model = gpu_model();
  TemporaryFolder folder;
};

}  // namespace turbomind::test
