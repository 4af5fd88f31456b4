// SPDX-License-Identifier: Apache-2.0
#include "scenario/plan.hpp"

#include <algorithm>

namespace lmbench::scenario {
namespace {

std::string padded(std::size_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

}  // namespace

std::vector<Case> make_plan(const Scenario& scenario) {
  const Matrix& matrix = scenario.matrix;
  const std::size_t cases = matrix.concurrency.size() * matrix.lengths.size();
  const std::size_t width = std::max<std::size_t>(2, std::to_string(cases).size());
  std::vector<Case> plan;
  plan.reserve(cases);
  for (const std::uint32_t concurrency : matrix.concurrency) {
    for (const LengthPair& pair : matrix.lengths) {
      const auto index = static_cast<std::uint32_t>(plan.size());
      std::string case_id =
          padded(index + std::size_t{1}, width) + "-b" + std::to_string(concurrency) + "-p" +
          std::to_string(pair.prompt_tokens) + "-r" + std::to_string(pair.completion_tokens);
      plan.push_back(
          {index, std::move(case_id), concurrency, pair.prompt_tokens, pair.completion_tokens});
    }
  }
  return plan;
}

}  // namespace lmbench::scenario
