// One worker and the questions put to it, each with a deadline. Whatever happens to the worker
// meanwhile, an answer or an outcome comes back: nothing here waits for ever.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "process/protocol.hpp"
#include "process/run_log.hpp"
#include "process/watchdog.hpp"
#include "process/worker_link.hpp"
#include "run/outcome.hpp"

namespace lmbench::process {

struct SessionOptions {
  std::map<std::string, std::string> environment;
  bool in_process = false;
  std::string cpus;  // that the worker process may run on; empty: all
};

// An engine may have much to free; a worker that takes longer to end is killed.
constexpr double kQuitPatienceS = 10;

class Session {
 public:
  // log must outlive the session. Throws Error when no worker can be started.
  Session(const SessionOptions& options, RunLog& log);

  // The answer, or why there is none. While it waits it passes on heartbeats.
  using HeartbeatSink = std::function<void(const Heartbeat&)>;
  template <class Answer>
  std::variant<Answer, run::Outcome> ask(const Request& request, const Limits& limits,
                                         const HeartbeatSink& on_heartbeat = {}) {
    std::variant<Reply, run::Outcome> got = ask_any(request, limits, on_heartbeat);
    if (auto* outcome = std::get_if<run::Outcome>(&got)) return std::move(*outcome);
    Reply& reply = std::get<Reply>(got);
    if (auto* answer = std::get_if<Answer>(&reply)) return std::move(*answer);
    if (auto* failed = std::get_if<FailedReply>(&reply)) return std::move(failed->outcome);
    give_up();
    return run::Outcome{run::Status::crash, "the worker answered something else than was asked"};
  }

  // The worker ended, or was ended because it hung, ran out of time or was interrupted.
  bool is_over() const noexcept { return is_over_; }

  int worker_pid() const noexcept { return link_.worker_pid(); }

  // Asks the worker to end, which destroys the engine. What goes wrong meanwhile is a warning: it
  // comes too late to spoil a figure.
  void quit(double patience_s = kQuitPatienceS);
 private:
  std::variant<Reply, run::Outcome> ask_any(const Request& request, const Limits& limits,
                                            const HeartbeatSink& on_heartbeat);
  std::optional<std::variant<Reply, run::Outcome>> look_once(Watchdog& watchdog,
                                                             const HeartbeatSink& on_heartbeat);
  void give_up();

  RunLog& log_;
  WorkerLink link_;
  bool is_over_ = false;
};

}  // namespace lmbench::process
