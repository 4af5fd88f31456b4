// SPDX-License-Identifier: Apache-2.0
#include "stats/round_figures.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "stats/steady_window.hpp"

namespace lmbench::stats {
namespace {

constexpr double kNsPerSecond = 1e9;
constexpr std::size_t kSlices = 10;  // of equal length: "batch means", as simulation has them

struct Unit {
  std::uint64_t tokens = 0;
  std::uint64_t begin_ns = UINT64_MAX;
  std::uint64_t end_ns = 0;
};

std::vector<double> rates_of(const std::vector<Unit>& units) {
  std::vector<double> rates;
  for (const Unit& unit : units) {
    if (unit.tokens == 0 || unit.end_ns <= unit.begin_ns) return {};
    rates.push_back(static_cast<double>(unit.tokens) / ns_between(unit.begin_ns, unit.end_ns) *
                    kNsPerSecond);
  }
  return rates;
}

std::vector<Unit> rounds_of(const Timelines& timelines) {
  std::map<std::uint32_t, Unit> rounds;
  for (const Timeline& line : timelines.all()) {
    Unit& round = rounds[line.request->round];
    round.tokens += line.tokens;
    round.begin_ns = std::min(round.begin_ns, line.request->due_ns);
    round.end_ns = std::max(round.end_ns, line.end_ns);
  }
  std::vector<Unit> units;
  for (const auto& [number, round] : rounds) units.push_back(round);
  return units;
}

std::vector<Unit> slices_of(const Timelines& timelines) {
  const std::vector<Window> windows = steady_windows(timelines, false);
  if (windows.empty()) return {};
  const Window window = windows.front();
  const std::uint64_t length_ns = window.end_ns - window.begin_ns;
  std::vector<Unit> slices(kSlices);
  for (std::size_t i = 0; i < kSlices; ++i) {
    slices[i].begin_ns = window.begin_ns + length_ns * i / kSlices;
    slices[i].end_ns = window.begin_ns + length_ns * (i + 1) / kSlices;
  }
  for (const Timeline& line : timelines.all()) {
    for (const EventRecord& event : line.token_events) {
      const auto slice = std::find_if(slices.begin(), slices.end(), [&event](const Unit& s) {
        return event.t_ns > s.begin_ns && event.t_ns <= s.end_ns;
      });
      if (slice != slices.end()) slice->tokens += event.token_count;
    }
  }
  return slices;
}

std::uint32_t count_rounds(const CaseRecord& record, bool is_warmup) {
  std::uint32_t rounds = 0;
  for (const RequestRecord& request : record.requests) {
    if ((request.is_warmup != 0) == is_warmup) rounds = std::max(rounds, request.round + 1);
  }
  return rounds;
}

}  // namespace

std::vector<double> output_rates(const Timelines& timelines, bool is_barrier) {
  return rates_of(is_barrier ? rounds_of(timelines) : slices_of(timelines));
}

RoundFigures round_figures(const CaseRecord& record) {
  std::vector<double> ln_rates = output_rates(Timelines(record), record.is_barrier);
  for (double& rate : ln_rates) rate = std::log(rate);
  return {.warmup_rounds = count_rounds(record, true),
          .test_rounds = count_rounds(record, false),
          .output_tok_s = rate_interval(ln_rates)};
}

}  // namespace lmbench::stats
