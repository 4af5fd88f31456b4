// SPDX-License-Identifier: Apache-2.0
#include "turbomind/observed_weights.hpp"

#include <doctest/doctest.h>

#include "engine_fixture.hpp"

using namespace turbomind;

namespace {

class Progress final : public lmbench::IProgress {
 public:
  void on_load_progress(lmbench::StrView stage, double fraction) noexcept override {
    CHECK(lmbench::sdk::view(stage) == "weights");
    fractions.push_back(fraction);
  }
  std::vector<double> fractions;
};

}  // namespace

TEST_CASE("the host hears of a load once per percent, up to the end") {
  Progress progress;
  const ObservedWeights weights(std::make_unique<NoWeights>(fake_architecture()),
                                fake_architecture(), 1000, &progress);
  std::vector<std::byte> out(1);
  for (int i = 0; i < 1010; ++i) weights.read_rows(Tensor::norm, 0, {}, 0, 1, out);
  CHECK(progress.fractions.size() == 100);
  CHECK(progress.fractions.front() == doctest::Approx(0.01));
  CHECK(progress.fractions.back() == doctest::Approx(1.0));
}

TEST_CASE("a host without progress costs nothing but the read") {
  const ObservedWeights weights(std::make_unique<NoWeights>(fake_architecture()),
                                fake_architecture(), 1000, nullptr);
  std::vector<std::byte> out(4, std::byte{9});
  weights.read_rows(Tensor::norm, 0, {}, 0, 1, out);
  CHECK(out == std::vector<std::byte>(4));
}

TEST_CASE("the architecture that executors see is the one with the options' overrides") {
  Architecture changed = fake_architecture();
  changed.rope_theta = 5;
  const ObservedWeights weights(std::make_unique<NoWeights>(fake_architecture()), changed, 1,
                                nullptr);
  CHECK(weights.architecture().rope_theta == 5);
}
