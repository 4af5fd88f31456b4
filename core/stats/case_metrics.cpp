// SPDX-License-Identifier: Apache-2.0
#include "stats/case_metrics.hpp"

#include <algorithm>
#include <map>

#include "stats/rate_identity.hpp"
#include "stats/steady_window.hpp"
#include "stats/timelines.hpp"

namespace lmbench::stats {
namespace {

constexpr double kNsPerSecond = 1e9;

// Of one metric, gathered request by request.
class Gathered {
 public:
  void add(double value_ns, std::uint64_t stamp_ns, double position = 0, std::uint64_t weight = 1) {
    observations_.push_back({value_ns, stamp_ns, position, weight});
  }
  Distribution summary() const { return distribution_of(observations_); }
 private:
  std::vector<Observation> observations_;
};

// One value for each request that `value_of` adds one for.
template <class AddValue>
Distribution over_requests(const Timelines& timelines, const AddValue& add_value) {
  Gathered gathered;
  for (const Timeline& line : timelines.all()) add_value(line, gathered);
  return gathered.summary();
}

void add_queue_metrics(const Timelines& timelines, CaseMetrics& m) {
  m.queue_runner = over_requests(timelines, [](const Timeline& line, Gathered& to) {
    const RequestRecord& r = *line.request;
    if (r.accept_ns != 0) to.add(ns_between(r.due_ns, r.accept_ns), r.accept_ns);
  });
  m.queue_engine = over_requests(timelines, [](const Timeline& line, Gathered& to) {
    const RequestRecord& r = *line.request;
    if (r.accept_ns != 0 && r.admit_ns != 0) {
      to.add(ns_between(r.accept_ns, r.admit_ns), r.admit_ns);
    }
  });
  m.submit_lag = over_requests(timelines, [](const Timeline& line, Gathered& to) {
    const RequestRecord& r = *line.request;
    if (r.submit_ns != 0) to.add(ns_between(r.due_ns, r.submit_ns), r.submit_ns);
  });
}

void add_request_metrics(const Timelines& timelines, CaseMetrics& m) {
  m.ftl = over_requests(timelines, [](const Timeline& line, Gathered& to) {
    if (!line.has_tokens()) return;
    to.add(ns_between(line.request->due_ns, line.first_token_ns()), line.first_token_ns());
  });
  m.ftl_service = over_requests(timelines, [](const Timeline& line, Gathered& to) {
    if (!line.has_tokens() || line.request->submit_ns == 0) return;
    to.add(ns_between(line.request->submit_ns, line.first_token_ns()), line.first_token_ns());
  });
  m.prefill = over_requests(timelines, [](const Timeline& line, Gathered& to) {
    if (!line.has_tokens() || line.request->admit_ns == 0) return;
    to.add(ns_between(line.request->admit_ns, line.first_token_ns()), line.first_token_ns());
  });
  m.tpot = over_requests(timelines, [](const Timeline& line, Gathered& to) {
    if (!line.has_tokens() || line.tokens_after_first_event() == 0) return;
    const double ns = ns_between(line.first_token_ns(), line.last_token_ns());
    to.add(ns / static_cast<double>(line.tokens_after_first_event()), line.last_token_ns());
  });
  m.latency = over_requests(timelines, [](const Timeline& line, Gathered& to) {
    if (line.end_ns != 0) to.add(ns_between(line.request->due_ns, line.end_ns), line.end_ns);
  });
}

void add_gap_metrics(const Timelines& timelines, CaseMetrics& m) {
  Gathered steps;
  Gathered tokens;
  Gathered lags;
  for (const Timeline& line : timelines.all()) {
    std::uint64_t tokens_before = 0;
    for (std::size_t i = 0; i < line.token_events.size(); ++i) {
      const EventRecord& event = line.token_events[i];
      if (event.engine_ns != 0) lags.add(ns_between(event.engine_ns, event.t_ns), event.t_ns);
      if (i > 0) {
        const double gap_ns = ns_between(line.token_events[i - 1].t_ns, event.t_ns);
        const auto position = static_cast<double>(tokens_before);
        steps.add(gap_ns, event.t_ns, position);
        tokens.add(gap_ns / event.token_count, event.t_ns, position, event.token_count);
      }
      tokens_before += event.token_count;
    }
  }
  m.step_gap = steps.summary();
  m.token_gap = tokens.summary();
  m.delivery_lag = lags.summary();
}

// Prompt tokens of all rounds over the time from the release of a round to its last first token. Not
// of a round in which a request was admitted when another one had ended: that time is the queue's.
std::optional<double> prefill_rate(const Timelines& timelines) {
  struct Round {
    std::uint64_t prompt_tokens = 0;
    std::uint64_t release_ns = UINT64_MAX;
    std::uint64_t last_first_token_ns = 0;
    std::uint64_t last_admit_ns = 0;  // 0: not known
    std::uint64_t first_end_ns = UINT64_MAX;
  };
  std::map<std::uint32_t, Round> rounds;
  for (const Timeline& line : timelines.all()) {
    if (!line.has_tokens()) return std::nullopt;
    Round& round = rounds[line.request->round];
    round.prompt_tokens += line.request->prompt_tokens;
    round.release_ns = std::min(round.release_ns, line.request->due_ns);
    round.last_first_token_ns = std::max(round.last_first_token_ns, line.first_token_ns());
    round.last_admit_ns = std::max(round.last_admit_ns, line.request->admit_ns);
    if (line.end_ns != 0) round.first_end_ns = std::min(round.first_end_ns, line.engine_end_ns);
  }
  double tokens = 0;
  double ns = 0;
  for (const auto& [number, round] : rounds) {
    if (round.last_admit_ns >= round.first_end_ns) continue;
    tokens += static_cast<double>(round.prompt_tokens);
    ns += ns_between(round.release_ns, round.last_first_token_ns);
  }
  if (ns <= 0) return std::nullopt;
  return tokens / ns * kNsPerSecond;
}

void add_rates(const Timelines& timelines, CaseMetrics& m) {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t token_events = 0;
  std::uint64_t finished = 0;
  double busy_ns = 0;
  for (const Timeline& line : timelines.all()) {
    m.output_tokens += line.tokens;
    prompt_tokens += line.request->prompt_tokens;
    token_events += line.token_events.size();
    finished += line.is_finished ? 1 : 0;
    if (line.has_tokens()) busy_ns += ns_between(line.first_token_ns(), line.last_token_ns());
  }
  if (token_events > 0) {
    m.tokens_per_event = static_cast<double>(m.output_tokens) / static_cast<double>(token_events);
  }
  m.test_ns = timelines.test_ns();
  if (m.test_ns <= 0) return;
  const auto per_second = [&](std::uint64_t count) {
    return static_cast<double>(count) / m.test_ns * kNsPerSecond;
  };
  m.output_tok_s = per_second(m.output_tokens);
  m.total_tok_s = per_second(prompt_tokens + m.output_tokens);
  m.request_s = per_second(finished);
  m.mean_batch = busy_ns / m.test_ns;
}

void add_steady_metrics(const Timelines& timelines, bool is_barrier, CaseMetrics& m) {
  const std::vector<Window> windows = steady_windows(timelines, is_barrier);
  const SteadyFigures steady = steady_figures(timelines, windows);
  m.rate_mismatch_percent = rate_mismatch_percent(timelines, windows);
  if (m.test_ns > 0) m.steady_share = steady.window_ns / m.test_ns;
  if (steady.window_ns <= 0 || steady.tokens == 0) return;
  m.decode_tok_s = static_cast<double>(steady.tokens) / steady.window_ns * kNsPerSecond;
  m.steady_mean_batch = steady.busy_ns / steady.window_ns;
  if (steady.gaps == 0) return;
  m.steady_step_ns = steady.gap_ns / static_cast<double>(steady.gaps);
  m.steady_context_tokens = steady.context_tokens / static_cast<double>(steady.gaps);
}

std::optional<double> mean_events_per_call(const CaseRecord& record) {
  if (record.events.empty()) return std::nullopt;
  std::vector<std::uint32_t> calls;
  calls.reserve(record.events.size());
  for (const EventRecord& event : record.events) calls.push_back(event.batch);
  std::sort(calls.begin(), calls.end());
  const auto distinct = std::unique(calls.begin(), calls.end()) - calls.begin();
  return static_cast<double>(record.events.size()) / static_cast<double>(distinct);
}

}  // namespace

CaseMetrics case_metrics(const CaseRecord& record) {
  const Timelines timelines(record);
  CaseMetrics m;
  m.requests = timelines.all().size();
  add_queue_metrics(timelines, m);
  add_request_metrics(timelines, m);
  add_gap_metrics(timelines, m);
  add_rates(timelines, m);
  add_steady_metrics(timelines, record.is_barrier, m);
  if (record.is_barrier) m.prefill_tok_s = prefill_rate(timelines);
  m.first_prefill_ns = first_prefill_ns(record);
  m.events_per_call = mean_events_per_call(record);
  return m;
}

}  // namespace lmbench::stats
