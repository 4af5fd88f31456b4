// SPDX-License-Identifier: Apache-2.0
#include "process/session.hpp"

#include <algorithm>
#include <cstdio>

#include "clock.hpp"
#include "error.hpp"
#include "process/interrupt.hpp"

namespace lmbench::process {
namespace {

using std::chrono::milliseconds;

// A signal that comes just before the wait begins is noticed after this time.
constexpr milliseconds kLongestWait{100};
// A conversion that is stopped removes what it has written.
constexpr milliseconds kInterruptPatience{5000};

// Changes when the worker got on with something: a load's stage or fraction, a token, a round.
std::uint64_t progress_of(const Heartbeat& heartbeat) {
  const std::size_t load =
      std::hash<std::string>{}(heartbeat.stage) ^ (std::hash<double>{}(heartbeat.fraction) * 31);
  return load + heartbeat.tokens * 1'000'003U + heartbeat.rounds;
}

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g s", value);
  return text;
}

run::Outcome late(run::Status status, const Limits& limits) {
  if (status == run::Status::timeout) {
    return {status, "not done within " + seconds(limits.total_s.value_or(0))};
  }
  return {status, "no progress for " + seconds(limits.stall_s)};
}

Severity severity_of(int level) {
  if (level <= 1) return Severity::debug;
  return level == 2 ? Severity::info : level == 3 ? Severity::warning : Severity::error;
}

}  // namespace

Session::Session(const SessionOptions& options, RunLog& log)
    : log_(log),
      link_({.environment = options.environment,
             .in_process = options.in_process,
             .cpus = options.cpus,
             .on_output = [&log](std::string_view text) { log.write_output(text); }}) {}

void Session::quit(double patience_s) {
  is_over_ = true;
  link_.stop(milliseconds(static_cast<std::int64_t>(std::min(patience_s, kQuitPatienceS) * 1e3)));
  const std::string how = link_.unclean_end();
  if (!how.empty()) log_.write(Severity::warning, "the engine did not end cleanly: " + how);
}

void Session::give_up() {
  is_over_ = true;
  link_.stop(milliseconds(0));
}

std::variant<Reply, run::Outcome> Session::ask_any(const Request& request, const Limits& limits,
                                                   const HeartbeatSink& on_heartbeat) {
  Watchdog watchdog(limits, monotonic_now_ns());
  link_.send(request);  // should the worker be gone already, the next look says how
  while (true) {
    if (auto result = look_once(watchdog, on_heartbeat)) return std::move(*result);
    if (is_interrupted()) {
      is_over_ = true;
      link_.interrupt(kInterruptPatience);
      return run::Outcome{run::Status::interrupted, "running"};
    }
    if (const auto verdict = watchdog.verdict(monotonic_now_ns())) {
      give_up();
      return late(*verdict, limits);
    }
  }
}

// One wait for news; empty while the answer is not there.
std::optional<std::variant<Reply, run::Outcome>> Session::look_once(
    Watchdog& watchdog, const HeartbeatSink& on_heartbeat) {
  const auto patience = milliseconds(watchdog.patience_ns(monotonic_now_ns()) / 1'000'000 + 1);
  std::optional<Reply> reply;
  try {
    reply = link_.receive(std::min(patience, kLongestWait));
  } catch (const Error& e) {
    give_up();
    return run::Outcome{run::Status::bad_plugin, e.what()};
  }
  if (!reply) {
    if (!link_.has_ended()) return std::nullopt;
    is_over_ = true;
    return link_.death();
  }
  if (const auto* heartbeat = std::get_if<Heartbeat>(&*reply)) {
    watchdog.see(progress_of(*heartbeat), monotonic_now_ns());
    if (on_heartbeat) on_heartbeat(*heartbeat);
    return std::nullopt;
  }
  if (const auto* line = std::get_if<LogLine>(&*reply)) {
    log_.write_engine(severity_of(line->level), line->text);
    return std::nullopt;
  }
  return std::move(*reply);
}

}  // namespace lmbench::process
