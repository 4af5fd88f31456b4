// The difference between two arms of an A/B session, from one number for each launch. Launches of
// one round are neighbours in time, so their difference is free of what drifts slowly; what a place
// in the round does is taken out by comparing each place with itself.
//
// Gains are ln(rate), or -ln(time), so that more is better; effects are differences of gains.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lmbench::stats {

// One complete round: the base, its copy, and one candidate.
struct RoundGains {
  double base = 0;
  double copy = 0;
  double candidate = 0;
  std::uint32_t candidate_place = 0;  // in the round, from 0
};

struct Effect {
  std::size_t rounds = 0;
  double value = 0;
  double spread = 0;  // standard deviation of one round's difference
  double standard_error = 0;
  double degrees_of_freedom = 0;
  double half_width = 0;  // of the 95 % t interval around value

  double low() const noexcept { return value - half_width; }
  double high() const noexcept { return value + half_width; }
};

// The candidate against the mean of base and copy. Rounds are grouped by the candidate's place,
// places 0 ... places - 1; value is the mean of the groups' means and spread the pooled standard
// deviation within them. Empty when a place has no round, or there are not more rounds than places.
std::optional<Effect> candidate_effect(std::span<const RoundGains> rounds, std::uint32_t places);

// The copy against the base: two launches of one build. Its half-width is the noise floor of the
// session. Empty below two rounds.
std::optional<Effect> repeat_effect(std::span<const RoundGains> rounds);

// How much a place gains over the mean of all, by place. Precondition: candidate_effect() is there.
std::vector<double> place_effects(std::span<const RoundGains> rounds, std::uint32_t places);

// How likely a true effect of no more than least (either way) would look as large as this:
// 2 P(T > (|value| - least) / standard_error), at most 1.
double exceedance_p(const Effect& effect, double least);

// Rounds after which the half-width is expected to be at most this, with the spread seen so far; in
// whole blocks. Empty beyond a million.
std::optional<std::uint32_t> rounds_for(double half_width, double spread, std::uint32_t places);

}  // namespace lmbench::stats
