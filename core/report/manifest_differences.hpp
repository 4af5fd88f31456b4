// What is not the same in two manifests, value by value: before two runs are compared it must be
// known what else was changed between them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lmbench::report {

struct Difference {
  std::string key;  // "scenario.measure.test_rounds", "engine.objects.libdnnl.so.2.6.sha256"
  std::string a;    // its value; "absent" where there is none
  std::string b;
};

struct ManifestDifferences {
  std::vector<Difference> settings;     // engine, scenario, lmbench, machine, ... in this order
  std::vector<Difference> of_each_run;  // times, measured costs: what two runs never have in common
};

// Of two manifest.json. The outcome of cases is left out, being the matter of results.csv. Throws
// Error with a_name or b_name in it for a text that is no manifest.
ManifestDifferences manifest_differences(const std::string& a_json, const std::string& a_name,
                                         const std::string& b_json, const std::string& b_name);

}  // namespace lmbench::report
