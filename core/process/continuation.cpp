// SPDX-License-Identifier: Apache-2.0
#include "process/continuation.hpp"

#include <cstdio>
#include <ctime>

#include "process/config_hash.hpp"
#include "process/identity_changes.hpp"
#include "process/result_recorder.hpp"
#include "process/run_manifest.hpp"
#include "report/console.hpp"
#include "report/number_text.hpp"
#include "report/progress.hpp"

namespace lmbench::process {
namespace {

std::optional<run::Outcome> load_now(Launcher& launcher, report::ProgressLine& progress) {
  auto failure = launcher.make_ready([&](const Heartbeat& heartbeat) {
    progress.show("loading: " + heartbeat.stage + " " +
                  report::fixed_text(heartbeat.fraction * 100, 0) + " %");
  });
  progress.clear();
  return failure;
}

report::Manifest manifest_now(const RunOrder& order, const Launcher& launcher) {
  report::Manifest now = initial_manifest(order, std::nullopt, std::time(nullptr));
  if (launcher.description()) now.engine = engine_facts(*launcher.description(), launcher.load());
  return now;
}

std::string count_text(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// Why finished rows are measured again.
std::string cause(const report::Manifest& then, const report::Manifest& now) {
  const std::vector<std::string> changes = changes_of_engine(then, now);
  if (!changes.empty()) return changes.front();
  if (then.measuring_version != now.measuring_version) return "this lmbench measures otherwise";
  return "the run was cut before it was known what these rows are of";
}

}  // namespace

Continuation continue_run(const RunOrder& order, const std::vector<scenario::Case>& plan,
                          const ResultsFolder& folder, const EarlierRun& earlier,
                          Launcher& launcher, RunLog& log) {
  Continuation continuation;
  report::ProgressLine progress(stderr, progress_width());
  progress.say("going on in " + folder.root.string() +
               ": loading the engine, to know whether it is still the same");
  continuation.load_failure = load_now(launcher, progress);
  const report::Manifest now = manifest_now(order, launcher);
  for (const std::string& change : changes_around(earlier.manifest, now)) {
    log.write(Severity::warning, change);
  }
  const KeptRows finished = rows_to_keep(earlier, plan, {});
  if (continuation.load_failure) {
    if (continuation.load_failure->status != run::Status::interrupted) {
      log.write(Severity::warning, "the engine cannot be loaded (" +
                                       report::outcome_text(*continuation.load_failure) +
                                       "), so it is not known whether it has changed");
    }
    continuation.kept = finished;
  } else {
    continuation.kept = rows_to_keep(earlier, plan, [&](const scenario::Case& c) {
      return config_hash(order.scenario, c, now.engine->objects, now.model_files);
    });
  }
  const std::size_t outdated = finished.size() - continuation.kept.size();
  if (outdated > 0 && !order.retry_all) {
    log.write(Severity::warning, cause(earlier.manifest, now) + ": " +
                                     count_text(outdated, "finished case") + " will be repeated");
  }
  if (order.retry_all && !continuation.load_failure) continuation.kept.clear();
  withdraw_others(folder, earlier, order.scenario, plan, continuation.kept);
  progress.say(count_text(continuation.kept.size(), "case") + " done, " +
               std::to_string(plan.size() - continuation.kept.size()) + " to run");
  return continuation;
}

}  // namespace lmbench::process
