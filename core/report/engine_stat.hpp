// One figure that an engine counts itself, as IGenerationEngine::stats() gave it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace lmbench::report {

struct EngineStat {
  std::string name;
  std::string unit;
  bool is_counter = false;  // since load or reset; else a gauge
  double value = 0;
  bool operator==(const EngineStat&) const = default;
};

// {"steps": {"value": 8.0, "unit": "1", "kind": "counter"}}
nlohmann::ordered_json engine_stats_json(const std::vector<EngineStat>& stats);

}  // namespace lmbench::report
