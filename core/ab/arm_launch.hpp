// One launch of one arm: a worker that loads once and runs every case of the plan, in the order of
// its round. What an A/B session counts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ab/arms.hpp"
#include "ab/idle_watch.hpp"
#include "ab/launch_figures.hpp"
#include "process/case_attempt.hpp"
#include "process/launcher.hpp"
#include "process/run_log.hpp"
#include "process/run_telemetry.hpp"
#include "report/case_result_row.hpp"

namespace lmbench::ab {

struct LaunchedCase {
  report::CaseResultRow row;
  std::optional<LaunchFigures> figures;  // none: the case did not end ok or invalid
};

// What the launches of one arm have in common, and its worker while one lives.
class ArmRunner {
 public:
  // What it is given must outlive it.
  ArmRunner(const Arm& arm, bool in_process, process::RunTelemetry& telemetry,
            process::RunLog& log);

  // Runs the cases, each with its own number of rounds and the prompts of this seed; their raw events
  // go into the folder. on_case gets each row as it ends. stays: the worker is kept for the next
  // launch, which then begins with a reset.
  struct Order {
    std::vector<scenario::Case> cases;        // in the order in which they run
    std::vector<scenario::Measure> measures;  // by the cases' index in the plan
    std::uint64_t prompts_seed = 0;
    process::ResultsFolder folder;
    bool keeps_tokens = false;
    bool stays = false;
  };
  void launch(const Order& order, const process::Session::HeartbeatSink& on_heartbeat,
              const std::function<void(LaunchedCase)>& on_case);

  // Ends the worker; whatever comes next begins without one.
  void close();
  // Of a core, by a worker that stays, between its launches; empty: not known.
  std::optional<double> idle_share() const { return idle_watch_.share(); }
  const process::Launcher& launcher() const noexcept { return launcher_; }
  const Arm& arm() const noexcept { return arm_; }
 private:
  LaunchedCase run_case(const Order& order, const scenario::Case& c,
                        const process::Session::HeartbeatSink& on_heartbeat);

  const Arm& arm_;
  process::RunTelemetry& telemetry_;
  std::uint32_t worker_pid_ = 0;
  process::Launcher launcher_;
  IdleWatch idle_watch_{"/"};
};

}  // namespace lmbench::ab
