// `lmbench compare`: two finished results folders side by side.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/commands.hpp"
#include "report/run_comparison.hpp"
#include "report/stored_results.hpp"

namespace lmbench::cli {
namespace {

report::FinishedRun finished_run(const std::filesystem::path& folder) {
  const std::filesystem::path manifest = folder / "manifest.json";
  const std::filesystem::path results = folder / "results.csv";
  for (const auto& file : {manifest, results}) {
    if (std::filesystem::is_regular_file(file)) continue;
    throw Error("'" + folder.string() + "' is no results folder of a run: it has no " +
                file.filename().string());
  }
  std::ifstream in(manifest, std::ios::binary);
  return {.folder = folder.string(),
          .manifest_json = {std::istreambuf_iterator<char>(in), {}},
          .rows = report::read_rows(results)};
}

}  // namespace

ExitCode compare_command(const CompareArguments& arguments) {
  const report::RunComparison comparison =
      report::compare_runs(finished_run(arguments.a), finished_run(arguments.b));
  std::fputs(comparison.text.c_str(), stdout);
  return comparison.compared_cases > 0 ? ExitCode::ok : ExitCode::unclear_comparison;
}

}  // namespace lmbench::cli
