// SPDX-License-Identifier: Apache-2.0
#include "golden_model.hpp"

#include <nlohmann/json.hpp>

#include "safetensors_values.hpp"

namespace lmbench::test {

GoldenModel golden_model(const std::filesystem::path& source_tree) {
  const std::filesystem::path folder = source_tree / "../shared/models";
  GoldenModel model;
  model.fp32 = folder / "tinystories-656k-f32";
  model.bf16 = folder / "tinystories-656k-bf16";
  for (const std::filesystem::path& needed : {model.fp32, model.bf16, folder / "golden.json"}) {
    if (std::filesystem::exists(needed)) continue;
    model.reason = "skipped: there is no " + needed.string();
    return model;
  }
  const auto golden = nlohmann::json::parse(text_of(folder / "golden.json"));
  for (const auto& entry : golden.at("greedy")) {
    model.texts.push_back({entry.at("prompt_ids").get<std::vector<std::int32_t>>(),
                           entry.at("ids").get<std::vector<std::int32_t>>()});
  }
  golden.at("greedy").at(0).at("smallest_top1_top2_logit_gap").get_to(model.smallest_lead);
  return model;
}

}  // namespace lmbench::test
