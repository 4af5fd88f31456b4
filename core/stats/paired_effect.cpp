// SPDX-License-Identifier: Apache-2.0
#include "stats/paired_effect.hpp"

#include <algorithm>
#include <cmath>

#include "stats/ab_order.hpp"
#include "stats/moments.hpp"
#include "stats/student_t.hpp"

namespace lmbench::stats {
namespace {

constexpr double kTail = 0.025;  // of a 95 % interval, at each side

using Groups = std::vector<std::vector<double>>;

// The candidate's differences, by its place.
Groups by_place(std::span<const RoundGains> rounds, std::uint32_t places) {
  Groups groups(places);
  for (const RoundGains& round : rounds) {
    groups.at(round.candidate_place).push_back(round.candidate - (round.base + round.copy) / 2);
  }
  return groups;
}

double mean_of_means(const Groups& groups) {
  double sum = 0;
  for (const auto& group : groups) sum += mean_of(group);
  return sum / static_cast<double>(groups.size());
}

double squares_within(const std::vector<double>& group) {
  const double mean = mean_of(group);
  double sum = 0;
  for (const double value : group) sum += (value - mean) * (value - mean);
  return sum;
}

void add_half_width(Effect& effect) {
  effect.half_width = student_t_above(kTail, effect.degrees_of_freedom) * effect.standard_error;
}

}  // namespace

std::optional<Effect> candidate_effect(std::span<const RoundGains> rounds, std::uint32_t places) {
  const Groups groups = by_place(rounds, places);
  const bool has_empty =
      std::any_of(groups.begin(), groups.end(), [](const auto& group) { return group.empty(); });
  if (has_empty || rounds.size() <= places) return std::nullopt;
  Effect effect;
  effect.rounds = rounds.size();
  effect.value = mean_of_means(groups);
  effect.degrees_of_freedom = static_cast<double>(rounds.size() - places);
  double squares = 0;
  double reciprocals = 0;  // of the groups' sizes: equal ones give the usual spread / sqrt(rounds)
  for (const auto& group : groups) {
    squares += squares_within(group);
    reciprocals += 1 / static_cast<double>(group.size());
  }
  effect.spread = std::sqrt(squares / effect.degrees_of_freedom);
  effect.standard_error = effect.spread * std::sqrt(reciprocals) / places;
  add_half_width(effect);
  return effect;
}

std::optional<Effect> repeat_effect(std::span<const RoundGains> rounds) {
  if (rounds.size() < 2) return std::nullopt;
  std::vector<double> differences;
  for (const RoundGains& round : rounds) differences.push_back(round.copy - round.base);
  Effect effect;
  effect.rounds = rounds.size();
  effect.value = mean_of(differences);
  effect.spread = standard_deviation_of(differences);
  effect.degrees_of_freedom = static_cast<double>(rounds.size() - 1);
  effect.standard_error = effect.spread / std::sqrt(static_cast<double>(rounds.size()));
  add_half_width(effect);
  return effect;
}

std::vector<double> place_effects(std::span<const RoundGains> rounds, std::uint32_t places) {
  const Groups groups = by_place(rounds, places);
  const double all = mean_of_means(groups);
  std::vector<double> effects;
  for (const auto& group : groups) effects.push_back(mean_of(group) - all);
  return effects;
}

double exceedance_p(const Effect& effect, double least) {
  const double excess = std::abs(effect.value) - least;
  if (excess <= 0) return 1;
  if (effect.standard_error == 0) return 0;
  return std::min(1.0,
                  2 * student_t_tail(excess / effect.standard_error, effect.degrees_of_freedom));
}

std::optional<std::uint32_t> rounds_for(double half_width, double spread, std::uint32_t places) {
  constexpr std::uint32_t kMost = 1'000'000;
  const std::uint32_t block = block_rounds(places);
  for (std::uint32_t rounds = block; rounds <= kMost; rounds += block) {
    const double t = student_t_above(kTail, rounds - places);
    if (t * spread <= half_width * std::sqrt(static_cast<double>(rounds))) return rounds;
    // Far from the end, a step as long as a normal distribution allows; never beyond the answer.
    const double least = 1.95 * spread / half_width;
    const double reachable = std::min(least * least, static_cast<double>(kMost));
    if (reachable > rounds + block) {
      rounds = static_cast<std::uint32_t>(reachable) / block * block - block;
    }
  }
  return std::nullopt;
}

}  // namespace lmbench::stats
