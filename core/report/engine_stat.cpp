// SPDX-License-Identifier: Apache-2.0
#include "report/engine_stat.hpp"

#include <nlohmann/json.hpp>

namespace lmbench::report {

nlohmann::ordered_json engine_stats_json(const std::vector<EngineStat>& stats) {
  auto json = nlohmann::ordered_json::object();
  for (const EngineStat& stat : stats) {
    json[stat.name] = {{"value", stat.value},
                       {"unit", stat.unit},
                       {"kind", stat.is_counter ? "counter" : "gauge"}};
  }
  return json;
}

}  // namespace lmbench::report
