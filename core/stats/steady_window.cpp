// SPDX-License-Identifier: Apache-2.0
#include "stats/steady_window.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace lmbench::stats {
namespace {

struct Bounds {
  std::uint64_t all_began_ns = 0;
  std::uint64_t one_ended_ns = UINT64_MAX;
  bool is_whole = true;  // every request had a token and an end
};

std::optional<Window> window_of(const Bounds& bounds) {
  if (!bounds.is_whole || bounds.one_ended_ns <= bounds.all_began_ns) return std::nullopt;
  return Window{bounds.all_began_ns, bounds.one_ended_ns};
}

std::vector<Window> barrier_windows(const Timelines& timelines) {
  std::map<std::uint32_t, Bounds> rounds;
  for (const Timeline& line : timelines.all()) {
    Bounds& bounds = rounds[line.request->round];
    bounds.is_whole = bounds.is_whole && line.has_tokens() && line.end_ns != 0;
    if (!bounds.is_whole) continue;
    bounds.all_began_ns = std::max(bounds.all_began_ns, line.first_token_ns());
    bounds.one_ended_ns = std::min(bounds.one_ended_ns, line.end_ns);
  }
  std::vector<Window> windows;
  for (const auto& [round, bounds] : rounds) {
    if (const auto window = window_of(bounds)) windows.push_back(*window);
  }
  std::sort(windows.begin(), windows.end(),
            [](const Window& a, const Window& b) { return a.begin_ns < b.begin_ns; });
  return windows;
}

std::vector<Window> closed_windows(const Timelines& timelines) {
  struct Client {
    std::uint64_t first_token_ns = UINT64_MAX;
    std::uint64_t last_end_ns = 0;
  };
  std::map<std::uint32_t, Client> clients;
  for (const Timeline& line : timelines.all()) {
    Client& client = clients[line.request->sequence];
    if (line.has_tokens()) {
      client.first_token_ns = std::min(client.first_token_ns, line.first_token_ns());
    }
    client.last_end_ns = std::max(client.last_end_ns, line.end_ns);
  }
  Bounds bounds;
  bounds.is_whole = !clients.empty();
  for (const auto& [sequence, client] : clients) {
    bounds.all_began_ns = std::max(bounds.all_began_ns, client.first_token_ns);
    bounds.one_ended_ns = std::min(bounds.one_ended_ns, client.last_end_ns);
  }
  const auto window = window_of(bounds);
  return window ? std::vector<Window>{*window} : std::vector<Window>{};
}

double overlap_ns(const Window& window, std::uint64_t from_ns, std::uint64_t to_ns) {
  const std::uint64_t begin = std::max(window.begin_ns, from_ns);
  const std::uint64_t end = std::min(window.end_ns, to_ns);
  return end > begin ? ns_between(begin, end) : 0;
}

// The first window that ends at or after the time.
auto window_at(const std::vector<Window>& windows, std::uint64_t t_ns) {
  return std::lower_bound(windows.begin(), windows.end(), t_ns,
                          [](const Window& w, std::uint64_t t) { return w.end_ns < t; });
}

void add_gaps(const Timeline& line, const std::vector<Window>& windows, SteadyFigures& figures) {
  std::uint64_t context = line.request->prompt_tokens;
  for (std::size_t i = 1; i < line.token_events.size(); ++i) {
    const std::uint64_t begin_ns = line.token_events[i - 1].t_ns;
    const std::uint64_t end_ns = line.token_events[i].t_ns;
    context += line.token_events[i - 1].token_count;
    const auto window = window_at(windows, end_ns);
    if (window == windows.end() || begin_ns < window->begin_ns) continue;
    ++figures.gaps;
    figures.gap_ns += ns_between(begin_ns, end_ns);
    figures.context_tokens += static_cast<double>(context);
  }
}

}  // namespace

std::vector<Window> steady_windows(const Timelines& timelines, bool is_barrier) {
  return is_barrier ? barrier_windows(timelines) : closed_windows(timelines);
}

SteadyFigures steady_figures(const Timelines& timelines, const std::vector<Window>& windows) {
  SteadyFigures figures;
  for (const Window& w : windows) figures.window_ns += ns_between(w.begin_ns, w.end_ns);
  for (const Timeline& line : timelines.all()) {
    if (!line.has_tokens()) continue;
    add_gaps(line, windows, figures);
    auto window = window_at(windows, line.first_token_ns());
    for (; window != windows.end() && window->begin_ns < line.last_token_ns(); ++window) {
      figures.busy_ns += overlap_ns(*window, line.first_token_ns(), line.last_token_ns());
    }
    for (const EventRecord& event : line.token_events) {
      const auto at = window_at(windows, event.t_ns);
      if (at != windows.end() && event.t_ns > at->begin_ns) figures.tokens += event.token_count;
    }
  }
  return figures;
}

}  // namespace lmbench::stats
