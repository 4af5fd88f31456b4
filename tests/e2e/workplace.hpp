// A folder of its own with a scenario in it, and lmbench run there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "csv_table.hpp"
#include "run_lmbench.hpp"
#include "temporary_folder.hpp"

namespace lmbench::test {

class Workplace {
 public:
  const std::filesystem::path& path() const { return folder_.path(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path() / name) << text;
  }

  Finished lmbench(const std::vector<std::string>& arguments, RunAs as = {}) const {
    as.folder = path();
    return run_lmbench(arguments, as);
  }

  // The rows of results.csv in the folder that --out named.
  std::vector<CsvRow> results(const std::string& out = "out") const {
    return csv_table(read_file(path() / out / "results.csv"));
  }

  std::vector<std::string> statuses(const std::string& out = "out") const {
    std::vector<std::string> found;
    for (const CsvRow& row : results(out)) found.push_back(row.at("status"));
    return found;
  }
 private:
  TemporaryFolder folder_;
};

// A plan of n cases of engine `plugin`, one token longer each, and one round of warm-up and test.
inline std::string small_scenario(const std::string& plugin, int cases,
                                  const std::string& engine_options = "",
                                  const std::string& more = "") {
  std::string prompts;
  std::string completions;
  for (int i = 0; i < cases; ++i) {
    prompts += (i == 0 ? "" : ", ") + std::to_string(4 + i);
    completions += (i == 0 ? "" : ", ") + std::to_string(8);
  }
  return "[scenario]\nname = \"small\"\n[engine]\nplugin = \"" + plugin + "\"\n[engine.options]\n" +
         engine_options + "\n[matrix]\nconcurrency = [2]\nprompt_tokens = [" + prompts +
         "]\ncompletion_tokens = [" + completions +
         "]\n[measure]\nwarmup_rounds = 1\ntest_rounds = 2\n" + more;
}

}  // namespace lmbench::test
