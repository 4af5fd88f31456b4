// What lmbench itself costs per token, measured with the null engine in a worker of its own, once
// for each worker binary: kept in the user's cache folder until lmbench, the null engine or the
// processor is another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "process/protocol.hpp"
#include "process/run_log.hpp"

namespace lmbench::process {

constexpr double kBudgetBatch1Ns = 100;  // per token, of the median
constexpr double kBudgetBatch64Ns = 20;

// The kept figures for this key, else those of `measure`, which are then kept if they are within the
// budget: a busy machine must not spoil later runs. A cache that is damaged or cannot be written is
// none. file: empty when there is no place for it.
std::optional<FloorReply> cached_harness_cost(
    const std::filesystem::path& file, const std::string& key,
    const std::function<std::optional<FloorReply>()>& measure);

// Of this lmbench. Empty, with a warning, when it cannot be measured.
std::optional<FloorReply> harness_cost(RunLog& log);

// "harness: 31 ns per token at batch 1 (budget 100), 6 ns at batch 64 (budget 20)"
std::string harness_sentence(const FloorReply& cost);
bool is_within_budget(const FloorReply& cost);

// $XDG_CACHE_HOME/lmbench, or ~/.cache/lmbench; empty when the environment names neither.
std::filesystem::path cache_folder();

}  // namespace lmbench::process
