// Greedy generations of small random models in every type and shape against double precision.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "loaded_engine.hpp"
#include "temporary_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::test::TemporaryFolder;

namespace {

// Lengths around the pages of 64 tokens and the splits of 256 of the KV cache, and 1: no prefill.
std::vector<Job> jobs_for(const SmallModel& model) {
  std::vector<Job> jobs;
  for (const std::uint32_t length : {1U, 2U, 17U, 63U, 64U, 65U, 130U, 254U, 300U}) {
    jobs.push_back({random_prompt(length, model.vocab_size, length), 24});
  }
  return jobs;
}

Agreement agreement_of(const SmallModel& model) {
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  const ReferenceLlama reference(model);
  LoadedEngine engine(options_for(folder.path()));
  const std::vector<Job> jobs = jobs_for(model);
  return compare(reference, jobs, engine.generate(jobs), tolerance_of(model.type));
}

struct Shape {
  const char* name;
  SmallModel model;
};

std::vector<Shape> shapes() {
  std::vector<Shape> shapes;
  const auto add = [&](const char* name, auto bend) {
    SmallModel model;
    model.max_position_embeddings = 512;
    bend(model);
    shapes.push_back({name, model});
  };
  add("two query heads per KV head", [](SmallModel&) {});
  add("as many KV heads as query heads", [](SmallModel& m) { m.kv_heads = m.heads; });
  add("one KV head for all", [](SmallModel& m) { m.kv_heads = 1; });
  add("biases of q, k, v and o", [](SmallModel& m) { m.has_qkv_bias = m.has_o_bias = true; });
  add("biases of q, k and v alone", [](SmallModel& m) { m.has_qkv_bias = true; });
  add("a tied head", [](SmallModel& m) { m.is_tied = true; });
  add("internlm, three layers, an odd vocabulary", [](SmallModel& m) {
    m.model_type = "internlm";
    m.kv_heads = m.heads;
    m.has_qkv_bias = m.has_o_bias = true;
    m.layers = 3;
    m.vocab_size = 97;
  });
  add("odd sizes: heads of six, an inner size of 50, another theta", [](SmallModel& m) {
    m.head_size = 6;
    m.inter_size = 50;
    m.rope_theta = 500;
    m.norm_eps = 1e-3;
  });
  add("real head sizes: two heads of 64", [](SmallModel& m) {
    m.heads = 2;
    m.kv_heads = 1;
    m.head_size = 64;
    m.inter_size = 160;
    m.vocab_size = 257;
  });
  return shapes;
}

// Every clear step has the reference's token, every other one a near tie.
void check_all_shapes(SmallType type, double least_clear_share) {
  Agreement sum;
  for (Shape& shape : shapes()) {
    CAPTURE(shape.name);
    shape.model.type = type;
    const Agreement agreement = agreement_of(shape.model);
    CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
    sum.add(agreement);
  }
  MESSAGE(sum.clear << " of " << sum.steps << " steps are clear");
  CHECK(sum.clear_share() >= least_clear_share);
}

}  // namespace

TEST_CASE("greedy tokens of fp32 models are those of double precision") {
  check_all_shapes(SmallType::fp32, 0.999);
}

TEST_CASE("greedy tokens of fp16 models are those of double precision") {
  check_all_shapes(SmallType::fp16, 0.98);
}

TEST_CASE("greedy tokens of bf16 models are those of double precision") {
  check_all_shapes(SmallType::bf16, 0.94);
}
