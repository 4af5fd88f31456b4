// The double-precision model against closed forms: models with most weights zero, of which a layer
// can be worked out by hand, and a published text.
// SPDX-License-Identifier: Apache-2.0
#include "reference_llama.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "golden_model.hpp"
#include "reference_sampling.hpp"

using namespace lmbench::test;

namespace {

using Vector = std::vector<double>;

double norm_of(const Vector& x) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  return std::sqrt(squares);
}

double distance(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  Vector difference(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  return norm_of(difference);
}

// The tensors of a model, to be bent by hand.
struct Bent {
  explicit Bent(const SmallModel& of) : model(of), tensors(tensors_of(of)) {}

  SmallTensor& at(const std::string& name) {
    for (SmallTensor& tensor : tensors) {
      if (tensor.name == name) return tensor;
    }
    FAIL("no tensor " << name);
    return tensors.front();
  }
  void fill(const std::string& name, float value) {
    std::vector<float>& values = at(name).values;
    values.assign(values.size(), value);
  }
  void make_identity(const std::string& name) {
    fill(name, 0);
    SmallTensor& tensor = at(name);
    for (std::uint64_t i = 0; i < tensor.shape[0]; ++i) {
      tensor.values[i * tensor.shape[1] + i % tensor.shape[1]] = 1;
    }
  }
  Vector row(const std::string& name, std::uint64_t index) {
    const SmallTensor& tensor = at(name);
    const float* first = tensor.values.data() + index * tensor.shape[1];
    return {first, first + tensor.shape[1]};
  }
  Vector values(const std::string& name) {
    const std::vector<float>& values = at(name).values;
    return {values.begin(), values.end()};
  }
  ReferenceLlama build() const {
    return {{.heads = model.heads,
             .kv_heads = model.kv_heads,
             .head_size = model.head_size,
             .hidden_size = model.hidden_size(),
             .layers = model.layers,
             .inter_size = model.inter_size,
             .vocab_size = model.vocab_size,
             .norm_eps = model.norm_eps,
             .rope_theta = model.rope_theta},
            tensors};
  }

  SmallModel model;
  std::vector<SmallTensor> tensors;
};

const std::string kLayer = "model.layers.0.";
const std::string kAttention = kLayer + "self_attn.";

// One layer with as many key heads as query heads, whose head gives the final norm back: the
// logits are the normed stream, with weights of 1.
Bent identity_model() {
  SmallModel model;
  model.kv_heads = model.heads;
  model.layers = 1;
  model.vocab_size = model.hidden_size();
  model.has_qkv_bias = true;
  model.has_o_bias = true;
  Bent bent(model);
  bent.make_identity("lm_head.weight");
  bent.fill("model.norm.weight", 1);
  bent.fill(kLayer + "input_layernorm.weight", 1);
  bent.fill(kLayer + "post_attention_layernorm.weight", 1);
  for (const char* projection : {"q_proj", "k_proj", "v_proj", "o_proj"}) {
    bent.make_identity(kAttention + projection + ".weight");
    bent.fill(kAttention + projection + ".bias", 0);
  }
  bent.fill(kLayer + "mlp.down_proj.weight", 0);
  return bent;
}

Vector unit_norm(const Vector& x, const Bent& bent) {
  return rms_norm(x, Vector(x.size(), 1.0), bent.model.norm_eps);
}

Vector plus(Vector a, const Vector& b, double factor = 1) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
  return a;
}

constexpr double kTiny = 1e-12;

}  // namespace

TEST_CASE("a rotation by position 0 changes nothing, and any rotation keeps lengths") {
  const Vector head{1, -2, 3, 0.5, 0.25, 4, -1, 2};
  Vector turned = head;
  rotate_half_split(turned, 0, 10000);
  CHECK(turned == head);
  rotate_half_split(turned, 77, 10000);
  CHECK(distance(turned, head) > 1);
  CHECK(norm_of(turned) == doctest::Approx(norm_of(head)).epsilon(kTiny));
}

TEST_CASE("a head of two turns by its position in radians, the upper half counter-clockwise") {
  Vector head{1, 0};
  rotate_half_split(head, 3, 10000);
  CHECK(head[0] == doctest::Approx(std::cos(3.0)));
  CHECK(head[1] == doctest::Approx(std::sin(3.0)));
}

TEST_CASE("element j of a head of four turns with element j + 2, the second pair by p / 100") {
  Vector head{1, 1, 0, 0};
  rotate_half_split(head, 50, 10000);
  CHECK(head[0] == doctest::Approx(std::cos(50.0)));
  CHECK(head[2] == doctest::Approx(std::sin(50.0)));
  CHECK(head[1] == doctest::Approx(std::cos(0.5)));
  CHECK(head[3] == doctest::Approx(std::sin(0.5)));
}

TEST_CASE("the product of two rotated heads depends on their distance alone") {
  const Vector a{0.3, -1, 2, 0.7, 1.1, -0.2};
  const Vector b{1, 0.5, -0.4, 2, -1.3, 0.9};
  const auto product = [&](std::uint64_t p, std::uint64_t q) {
    Vector x = a;
    Vector y = b;
    rotate_half_split(x, p, 500);
    rotate_half_split(y, q, 500);
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
    return sum;
  };
  CHECK(product(9, 4) == doctest::Approx(product(105, 100)).epsilon(1e-10));
  CHECK(std::abs(product(9, 4) - product(4, 9)) > 1e-3);
}

TEST_CASE("rms_norm of a constant vector is its sign times the weight") {
  const Vector weight{1, 2, 3, 4};
  CHECK(distance(rms_norm(Vector(4, -7.0), weight, 0), {-1, -2, -3, -4}) < kTiny);
  CHECK(rms_norm(Vector(4, 0.0), weight, 1e-5) == Vector(4, 0.0));
  CHECK(rms_norm(Vector{3.0}, Vector{1.0}, 16)[0] == doctest::Approx(3.0 / 5));
}

TEST_CASE("layers that add nothing leave the normed embedding for the head") {
  SmallModel model;
  Bent bent(model);
  for (const char* layer : {"model.layers.0.", "model.layers.1."}) {
    bent.fill(layer + std::string("self_attn.o_proj.weight"), 0);
    bent.fill(layer + std::string("mlp.down_proj.weight"), 0);
  }
  const ReferenceLlama reference = bent.build();
  ReferenceSequence sequence(reference);
  sequence.append(5);
  const Vector logits = sequence.append(17);
  const Vector x = rms_norm(bent.row("model.embed_tokens.weight", 17),
                            bent.values("model.norm.weight"), model.norm_eps);
  REQUIRE(logits.size() == model.vocab_size);
  for (std::uint32_t i = 0; i < model.vocab_size; ++i) {
    const Vector row = bent.row("lm_head.weight", i);
    double sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) sum += row[j] * x[j];
    CHECK(logits[i] == doctest::Approx(sum).epsilon(kTiny));
  }
}

TEST_CASE("a first token attends to itself alone, whatever its query and key") {
  Bent bent = identity_model();
  const Vector x = bent.row("model.embed_tokens.weight", 3);
  const ReferenceLlama reference = bent.build();
  const Vector logits = ReferenceSequence(reference).append(3);
  CHECK(distance(logits, unit_norm(plus(x, unit_norm(x, bent)), bent)) < kTiny);
}

TEST_CASE("with equal scores the attention is the mean of all values") {
  Bent bent = identity_model();
  bent.fill(kAttention + "q_proj.weight", 0);
  const ReferenceLlama reference = bent.build();
  const std::vector<std::int32_t> tokens{4, 9, 4, 30};
  Vector mean(bent.model.hidden_size());
  for (const std::int32_t token : tokens) {
    const auto row = static_cast<std::uint64_t>(token);
    mean = plus(mean, unit_norm(bent.row("model.embed_tokens.weight", row), bent), 0.25);
  }
  const Vector logits = ReferenceSequence(reference).append(tokens);
  const Vector x = bent.row("model.embed_tokens.weight", 30);
  CHECK(distance(logits, unit_norm(plus(x, mean), bent)) < kTiny);
}

TEST_CASE("two tokens are weighed by the softmax of their scaled, rotated products") {
  SmallModel shape;
  shape.heads = 1;
  shape.kv_heads = 1;
  shape.head_size = 2;
  shape.layers = 1;
  shape.vocab_size = 2;
  Bent bent(shape);
  bent.at("model.embed_tokens.weight").values = {1, 1, 1, -1};  // rms 1: normed, they stay
  bent.make_identity("lm_head.weight");
  bent.fill("model.norm.weight", 1);
  bent.fill(kLayer + "input_layernorm.weight", 1);
  for (const char* projection : {"q_proj", "k_proj", "v_proj", "o_proj"}) {
    bent.make_identity(kAttention + projection + ".weight");
  }
  bent.fill(kLayer + "mlp.down_proj.weight", 0);
  bent.model.norm_eps = 0;
  const ReferenceLlama reference = bent.build();
  ReferenceSequence sequence(reference);
  sequence.append(0);
  const Vector logits = sequence.append(1);
  // q = (1, -1) and k1 are turned by 1 radian, k0 = (1, 1) by none.
  const double q_k0 = (std::cos(1.0) + std::sin(1.0)) + (std::sin(1.0) - std::cos(1.0));
  const double w0 = std::exp(q_k0 / std::sqrt(2.0));
  const double w1 = std::exp(2 / std::sqrt(2.0));
  const Vector attended{1, (w0 - w1) / (w0 + w1)};
  CHECK(distance(logits, unit_norm(plus({1, -1}, attended), bent)) < kTiny);
}

TEST_CASE("query heads of one group read the same key and value head") {
  SmallModel model;  // four query heads, two of keys
  model.layers = 1;
  model.vocab_size = model.hidden_size();
  Bent bent(model);
  bent.make_identity("lm_head.weight");
  bent.fill("model.norm.weight", 1);
  bent.fill(kLayer + "input_layernorm.weight", 1);
  bent.make_identity(kAttention + "v_proj.weight");  // the first two heads' worth of x
  bent.make_identity(kAttention + "o_proj.weight");
  bent.fill(kLayer + "mlp.down_proj.weight", 0);
  const ReferenceLlama reference = bent.build();
  const Vector logits = ReferenceSequence(reference).append(8);
  const Vector x = bent.row("model.embed_tokens.weight", 8);
  const Vector v = unit_norm(x, bent);
  Vector attended(x.size());
  for (std::size_t head = 0; head < 4; ++head) {
    for (std::size_t d = 0; d < 8; ++d) attended[head * 8 + d] = v[head / 2 * 8 + d];
  }
  CHECK(distance(logits, unit_norm(plus(x, attended), bent)) < kTiny);
}

TEST_CASE("biases are added once: of v through o, of o to the stream, of k not at all") {
  Bent bent = identity_model();
  for (const char* projection : {"q_proj", "k_proj", "v_proj"}) {
    bent.fill(kAttention + projection + ".weight", 0);
  }
  bent.fill(kAttention + "k_proj.bias", 5);
  bent.fill(kAttention + "v_proj.bias", 0.5F);
  bent.fill(kAttention + "o_proj.bias", 0.25F);
  const ReferenceLlama reference = bent.build();
  const Vector logits = ReferenceSequence(reference).append(std::vector<std::int32_t>{1, 2});
  const Vector x = bent.row("model.embed_tokens.weight", 2);
  CHECK(distance(logits, unit_norm(plus(x, Vector(x.size(), 0.75)), bent)) < kTiny);
}

TEST_CASE("the feed-forward part is down(silu(gate) * up)") {
  Bent bent = identity_model();
  bent.fill(kAttention + "o_proj.weight", 0);
  const std::uint64_t hidden = bent.model.hidden_size();
  for (const char* name : {"gate_proj", "up_proj", "down_proj"}) {
    bent.fill(kLayer + "mlp." + name + ".weight", 0);
  }
  // Inner element 0 is silu(2 z[0]) * 3 z[1], and goes to element 5 of the stream.
  bent.at(kLayer + "mlp.gate_proj.weight").values[0] = 2;
  bent.at(kLayer + "mlp.up_proj.weight").values[1] = 3;
  bent.at(kLayer + "mlp.down_proj.weight").values[5 * bent.model.inter_size] = 1;
  const ReferenceLlama reference = bent.build();
  const Vector logits = ReferenceSequence(reference).append(6);
  Vector x = bent.row("model.embed_tokens.weight", 6);
  REQUIRE(x.size() == hidden);
  const Vector z = unit_norm(x, bent);
  x[5] += 2 * z[0] / (1 + std::exp(-2 * z[0])) * 3 * z[1];
  CHECK(distance(logits, unit_norm(x, bent)) < kTiny);
}

TEST_CASE("tokens one by one and all at once are the same, and a tied head is the embedding") {
  SmallModel model;
  model.is_tied = true;
  Bent untied(model);
  SmallTensor head = untied.at("model.embed_tokens.weight");
  head.name = "lm_head.weight";
  untied.tensors.push_back(head);
  const ReferenceLlama reference(model);
  const ReferenceLlama copy = untied.build();
  const std::vector<std::int32_t> tokens{1, 60, 2, 2, 33};
  ReferenceSequence one_by_one(reference);
  Vector last;
  for (const std::int32_t token : tokens) last = one_by_one.append(token);
  CHECK(one_by_one.length() == tokens.size());
  CHECK(last == ReferenceSequence(reference).append(tokens));
  CHECK(last == ReferenceSequence(copy).append(tokens));
}

TEST_CASE("a tensor that is missing or of another size is refused") {
  Bent bent(SmallModel{});
  bent.at("model.norm.weight").values.pop_back();
  CHECK_THROWS_WITH(bent.build(), "reference: the size of model.norm.weight");
  bent.at("model.norm.weight").name = "model.gone.weight";
  CHECK_THROWS_WITH(bent.build(), "reference: there is no tensor model.norm.weight");
}

TEST_CASE("TinyStories-656K tells the published stories, with the published smallest lead") {
  const GoldenModel golden = golden_model(LMBENCH_SOURCE_DIR);
  if (!golden.is_here()) {
    MESSAGE(golden.reason);
    return;
  }
  const ReferenceLlama reference = ReferenceLlama::read(golden.fp32);
  double smallest_lead = 1e9;
  for (const GoldenText& text : golden.texts) {
    ReferenceSequence sequence(reference);
    Vector logits = sequence.append(text.prompt);
    std::vector<std::int32_t> told;
    while (told.size() < text.tokens.size()) {
      const Choice choice = choose(logits, {}, sequence.length());
      told.push_back(choice.token);
      if (&text == &golden.texts.front()) smallest_lead = std::min(smallest_lead, choice.lead);
      logits = sequence.append(choice.token);
    }
    CHECK(told == text.tokens);
  }
  CHECK(smallest_lead == doctest::Approx(golden.smallest_lead).epsilon(0.005));
  const ReferenceLlama brain = ReferenceLlama::read(golden.bf16);  // equal values, another name
  CHECK(ReferenceSequence(brain).append(golden.texts[0].prompt) ==
        ReferenceSequence(reference).append(golden.texts[0].prompt));
}
