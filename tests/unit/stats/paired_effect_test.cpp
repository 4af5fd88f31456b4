// SPDX-License-Identifier: Apache-2.0
#include "stats/paired_effect.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace lmbench::stats;

namespace {

// Differences d of the candidate at places 0, 1, 2, 0, ...; base and copy differ by a.
std::vector<RoundGains> rounds_of(const std::vector<double>& d, const std::vector<double>& a) {
  std::vector<RoundGains> rounds;
  for (std::size_t i = 0; i < d.size(); ++i) {
    RoundGains round;
    round.base = 5 + 0.1 * static_cast<double>(i);  // drifts, which no difference sees
    round.copy = round.base + a[i];
    round.candidate = round.base + a[i] / 2 + d[i];
    round.candidate_place = static_cast<std::uint32_t>(i % 3);
    rounds.push_back(round);
  }
  return rounds;
}

}  // namespace

TEST_CASE("the effect is the mean of the places' means, with the spread within them") {
  // Places: {1, 3}, {2, 6}, {3, 3}: means 2, 4, 3; squares within 2, 8, 0; 3 degrees of freedom.
  const auto rounds = rounds_of({1, 2, 3, 3, 6, 3}, {0, 0, 0, 0, 0, 0});
  const auto effect = candidate_effect(rounds, 3);
  REQUIRE(effect);
  CHECK(effect->rounds == 6);
  CHECK(effect->value == doctest::Approx(3));
  CHECK(effect->degrees_of_freedom == 3);
  CHECK(effect->spread == doctest::Approx(std::sqrt(10.0 / 3)));
  CHECK(effect->standard_error == doctest::Approx(std::sqrt(10.0 / 3 / 6)));
  CHECK(effect->half_width == doctest::Approx(3.182446305 * std::sqrt(10.0 / 3 / 6)));
  const auto places = place_effects(rounds, 3);
  CHECK(places[0] == doctest::Approx(-1));
  CHECK(places[1] == doctest::Approx(1));
  CHECK(places[2] == doctest::Approx(0));
}

TEST_CASE("a place that lost a round weighs as much as the others") {
  const auto rounds = rounds_of({1, 2, 3, 3, 6}, {0, 0, 0, 0, 0});  // {1, 3}, {2, 6}, {3}
  const auto effect = candidate_effect(rounds, 3);
  REQUIRE(effect);
  CHECK(effect->value == doctest::Approx(3));
  CHECK(effect->degrees_of_freedom == 2);
  const double spread = std::sqrt(10.0 / 2);
  CHECK(effect->standard_error == doctest::Approx(spread * std::sqrt(0.5 + 0.5 + 1) / 3));
}

TEST_CASE("what a place does to everybody is not an effect of the candidate") {
  // First in a round costs 0.5; over a block each arm stands there equally often.
  std::vector<RoundGains> rounds;
  const std::array<std::array<int, 3>, 6> orders = {
      {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (const auto& order : orders) {
      std::array<double, 3> gain{1.0, 1.0, 1.25};
      gain.at(static_cast<std::size_t>(order[0])) -= 0.5;
      RoundGains round{.base = gain[0], .copy = gain[1], .candidate = gain[2]};
      while (order.at(round.candidate_place) != 2) ++round.candidate_place;
      rounds.push_back(round);
    }
  }
  const auto effect = candidate_effect(rounds, 3);
  REQUIRE(effect);
  CHECK(effect->value == doctest::Approx(0.25));
  CHECK(effect->spread == doctest::Approx(0).epsilon(1e-9));
  CHECK(repeat_effect(rounds)->value == doctest::Approx(0));
}

TEST_CASE("the copy against the base is a plain paired t") {
  const auto effect = repeat_effect(rounds_of({0, 0, 0, 0}, {1, 3, 2, 2}));
  REQUIRE(effect);
  CHECK(effect->value == doctest::Approx(2));
  CHECK(effect->spread == doctest::Approx(std::sqrt(2.0 / 3)));
  CHECK(effect->half_width == doctest::Approx(3.182446305 * std::sqrt(2.0 / 3) / 2));
}

TEST_CASE("there is no effect without a round at each place and one to spare") {
  CHECK_FALSE(candidate_effect(rounds_of({1, 2, 3}, {0, 0, 0}), 3));
  CHECK_FALSE(candidate_effect(rounds_of({1, 2}, {0, 0}), 3));
  CHECK_FALSE(candidate_effect({}, 3));
  CHECK_FALSE(repeat_effect(rounds_of({1}, {0})));
  auto lopsided = rounds_of({1, 2, 3, 4, 5, 6}, {0, 0, 0, 0, 0, 0});
  for (auto& round : lopsided)
    round.candidate_place = round.candidate_place == 2 ? 1 : round.candidate_place;
  CHECK_FALSE(candidate_effect(lopsided, 3));
}

TEST_CASE("p is that of Student's t for what is beyond the least effect") {
  const Effect effect{.rounds = 18,
                      .value = -0.01,
                      .spread = 0,
                      .standard_error = 0.002,
                      .degrees_of_freedom = 15,
                      .half_width = 0};
  // (0.01 - 0.003) / 0.002 = 3.5; R: 2 * pt(-3.5, 15) = 0.003226.
  CHECK(exceedance_p(effect, 0.003) == doctest::Approx(0.003226).epsilon(2e-4));
  CHECK(exceedance_p(effect, 0.01) == 1);
  CHECK(exceedance_p({.value = 0.1}, 0.003) == 0);  // without any spread
}

TEST_CASE("the rounds for a width are those of the published table of sample sizes") {
  // detect 2 %, 1 % and 0.5 %: widths 0.91 %, 0.42 %, 0.21 %; spreads 0.25 % to 2 %.
  const std::array<double, 6> spreads = {0.25, 0.5, 0.75, 1, 1.5, 2};
  const std::array<double, 3> widths = {(2 - 0.5) / 1.65, (1 - 0.3) / 1.65, (0.5 - 0.15) / 1.65};
  constexpr std::array<std::array<std::uint32_t, 6>, 3> kRounds = {
      {{6, 6, 12, 12, 18, 24}, {6, 12, 18, 30, 54, 90}, {12, 30, 54, 90, 198, 348}}};
  for (std::size_t row = 0; row < widths.size(); ++row) {
    for (std::size_t column = 0; column < spreads.size(); ++column) {
      CAPTURE(row);
      CAPTURE(column);
      CHECK(rounds_for(widths.at(row), spreads.at(column), 3) == kRounds.at(row).at(column));
    }
  }
  CHECK(rounds_for(1, 0, 3) == 6);
  CHECK_FALSE(rounds_for(1e-6, 1, 3));
}
