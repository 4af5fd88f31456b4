// SPDX-License-Identifier: Apache-2.0
#include "process/harness_cost.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "error.hpp"
#include "plugin/identity.hpp"
#include "plugin/plugin_search.hpp"
#include "process/machine_facts.hpp"
#include "process/session.hpp"
#include "report/number_text.hpp"
#include "report/output_file.hpp"
#include "sha256.hpp"

namespace lmbench::process {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::optional<FloorReply> read_cache(const fs::path& file, const std::string& key) {
  std::ifstream in(file);
  const json cache = json::parse(in, nullptr, false);
  if (!cache.is_object() || !cache.contains("key") || cache["key"] != key) return std::nullopt;
  const auto figure = [&](const char* name) {
    const auto found = cache.find(name);
    return found != cache.end() && found->is_number() ? found->get<double>() : 0.0;
  };
  const FloorReply cost{.median_ns_per_token_batch_1 = figure("median_ns_per_token_batch_1"),
                        .p999_ns_per_token_batch_1 = figure("p999_ns_per_token_batch_1"),
                        .median_ns_per_token_batch_64 = figure("median_ns_per_token_batch_64")};
  const bool is_sound = cost.median_ns_per_token_batch_1 > 0 &&
                        cost.p999_ns_per_token_batch_1 > 0 && cost.median_ns_per_token_batch_64 > 0;
  return is_sound ? std::optional(cost) : std::nullopt;
}

void write_cache(const fs::path& file, const std::string& key, const FloorReply& cost) {
  const json cache = {{"key", key},
                      {"median_ns_per_token_batch_1", cost.median_ns_per_token_batch_1},
                      {"p999_ns_per_token_batch_1", cost.p999_ns_per_token_batch_1},
                      {"median_ns_per_token_batch_64", cost.median_ns_per_token_batch_64}};
  try {
    fs::create_directories(file.parent_path());
    report::replace_file(file, cache.dump() + "\n");
  } catch (const Error&) {  // it is measured again the next time
  } catch (const fs::filesystem_error&) {
  }
}

// Empty when the null engine is not there.
std::string cache_key() {
  try {
    const fs::path null_engine =
        plugin::find_plugin("null", plugin::plugin_folders(plugin::own_executable().path));
    std::string text = plugin::own_executable().sha256 + " " + sha256_of_file(null_engine);
    for (const auto& [name, value] : machine_facts()) {
      if (name == "cpu_model") text += " " + value;
    }
    return text;
  } catch (const Error&) {
    return {};
  }
}

std::optional<FloorReply> measure(RunLog& log) {
  constexpr Limits kLimits{.stall_s = 30, .total_s = 60};
  Session session({.environment = {}, .in_process = false, .cpus = {}}, log);
  auto got = session.ask<FloorReply>(FloorRequest{}, kLimits);
  if (auto* cost = std::get_if<FloorReply>(&got)) return *cost;
  log.write(Severity::warning,
            "the cost of the harness itself is not known: " + std::get<run::Outcome>(got).reason);
  return std::nullopt;
}

std::string ns_text(double ns) { return report::fixed_text(ns, ns < 10 ? 1 : 0); }

}  // namespace

std::optional<FloorReply> cached_harness_cost(
    const fs::path& file, const std::string& key,
    const std::function<std::optional<FloorReply>()>& measure_now) {
  const bool has_cache = !file.empty() && !key.empty();
  if (has_cache) {
    if (auto cost = read_cache(file, key)) return cost;
  }
  auto cost = measure_now();
  if (has_cache && cost && is_within_budget(*cost)) write_cache(file, key, *cost);
  return cost;
}

std::optional<FloorReply> harness_cost(RunLog& log) {
  const fs::path folder = cache_folder();
  const auto cost = cached_harness_cost(folder.empty() ? fs::path() : folder / "harness.json",
                                        folder.empty() ? std::string() : cache_key(),
                                        [&] { return measure(log); });
  if (!cost) return cost;
  log.write(Severity::info, harness_sentence(*cost));
  if (!is_within_budget(*cost)) {
    log.write(Severity::warning,
              "lmbench itself costs more than its budget here (" + harness_sentence(*cost) +
                  "); see harness_share_percent of each row, and whether the machine is busy");
  }
  return cost;
}

std::string harness_sentence(const FloorReply& cost) {
  return "harness: " + ns_text(cost.median_ns_per_token_batch_1) +
         " ns per token at batch 1 (budget " + ns_text(kBudgetBatch1Ns) + "), " +
         ns_text(cost.median_ns_per_token_batch_64) + " ns at batch 64 (budget " +
         ns_text(kBudgetBatch64Ns) + ")";
}

bool is_within_budget(const FloorReply& cost) {
  return cost.median_ns_per_token_batch_1 <= kBudgetBatch1Ns &&
         cost.median_ns_per_token_batch_64 <= kBudgetBatch64Ns;
}

fs::path cache_folder() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && fs::path(cache).is_absolute()) return fs::path(cache) / "lmbench";
  const char* const home = std::getenv("HOME");
  if (home != nullptr && fs::path(home).is_absolute()) return fs::path(home) / ".cache/lmbench";
  return {};
}

}  // namespace lmbench::process
