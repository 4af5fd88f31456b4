// Which rows of a cut run stay, and that the others leave results.csv for the journal.
// SPDX-License-Identifier: Apache-2.0
#include "process/resume.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "error.hpp"
#include "process/config_hash.hpp"
#include "process/journal.hpp"
#include "report/results_csv.hpp"
#include "scenario/scenario_reader.hpp"
#include "temporary_folder.hpp"

using namespace lmbench;
using namespace lmbench::process;
using run::Status;
using Words = std::vector<std::string>;

namespace {

constexpr const char* kScenario = R"([scenario]
name = "cut"
[engine]
plugin = "sim"
[matrix]
concurrency = [1, 2, 3]
prompt_tokens = [4]
completion_tokens = [8]
)";

scenario::Scenario scenario_with(const Words& settings) {
  return scenario::read_scenario(kScenario, "", settings);
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A results folder with a manifest and no row yet; cases are named by their place from 0.
struct Cut {
  Cut() {
    folder = make_results_folder(place.path() / "out", "cut", 0);
    report::Manifest manifest;
    manifest.scenario_toml = scenario.resolved_toml;
    report::write_manifest(folder.manifest(), manifest);
    report::ResultsCsv make_header(folder.results_csv());
  }
  void add_row(std::size_t index, const run::Outcome& outcome) const {
    report::ResultsCsv(folder.results_csv()).add(row(index, outcome));
  }
  report::CaseResultRow row(std::size_t index, const run::Outcome& outcome) const {
    report::CaseResultRow made;
    made.case_id = plan[index].case_id;
    made.config_hash = "hash";
    made.outcome = outcome;
    return made;
  }
  std::optional<EarlierRun> read_back() const { return read_earlier_run(folder, scenario); }
  Words rows_on_disk() const {
    Words ids;
    for (const auto& stored : report::read_results(folder.results_csv()).rows) {
      ids.push_back(stored.row.case_id);
    }
    return ids;
  }

  test::TemporaryFolder place;
  scenario::Scenario scenario = scenario_with({});
  std::vector<scenario::Case> plan = scenario::make_plan(scenario);
  ResultsFolder folder;
};

bool is_kept(const run::Outcome& outcome) {
  const Cut cut;
  cut.add_row(0, outcome);
  return !rows_to_keep(*cut.read_back(), cut.plan, {}).empty();
}

}  // namespace

TEST_CASE("what says something about the case is final, and what befell it is not") {
  for (const Status status :
       {Status::ok, Status::invalid, Status::unsupported, Status::short_output}) {
    CHECK(is_kept({status, "x"}));
  }
  for (const Status status :
       {Status::oom, Status::crash, Status::hang, Status::timeout, Status::load_failed,
        Status::bad_plugin, Status::interrupted, Status::skipped}) {
    CHECK_FALSE(is_kept({status, "x"}));
  }
  CHECK_FALSE(is_kept({Status::invalid, "identity_changed"}));
}

TEST_CASE("a finished row stays only if it was measured with what there is now") {
  const Cut cut;
  cut.add_row(0, {Status::ok, ""});
  const auto hash_is = [](const char* hash) {
    return [hash](const scenario::Case&) { return std::string(hash); };
  };
  CHECK(rows_to_keep(*cut.read_back(), cut.plan, hash_is("hash")).size() == 1);
  CHECK(rows_to_keep(*cut.read_back(), cut.plan, hash_is("other")).empty());
}

TEST_CASE("another scenario is refused with each difference, and the folder stays as it is") {
  const Cut cut;
  const auto other = scenario_with({"sampling.top_p=0.5", "prompts.seed=1"});
  CHECK_THROWS_WITH_AS(read_earlier_run(cut.folder, other),
                       doctest::Contains("prompts.seed: 0 there, 1 here"), Error);
  CHECK(refused_differences(cut.scenario, other).size() == 2);
  CHECK(refused_differences(cut.scenario, scenario_with({"engine.plugin=null"})).size() == 1);
  CHECK(refused_differences(cut.scenario, scenario_with({"measure.strict=true"})).size() == 1);
}

TEST_CASE("a key that may differ decides nothing of what a row says") {
  const Words may_differ{"scenario.name=other", "output.csv=x.csv", "measure.case_timeout_s=9.0",
                         "measure.stall_timeout_s=9.0", "measure.load_stall_timeout_s=9.0"};
  const Cut cut;
  for (const std::string& setting : may_differ) {
    const auto other = scenario_with({setting});
    CHECK(other.resolved_toml != cut.scenario.resolved_toml);
    CHECK(refused_differences(cut.scenario, other).empty());
    CHECK(config_hash(other, cut.plan[0], {}, {}) ==
          config_hash(cut.scenario, cut.plan[0], {}, {}));
  }
}

TEST_CASE(
    "rows that are repeated go to the journal, and the kept ones keep their bytes and order") {
  const Cut cut;
  cut.add_row(1, {Status::crash, "said \"x,\ny\""});
  cut.add_row(2, {Status::ok, ""});
  cut.add_row(0, {Status::ok, ""});
  std::ofstream(cut.folder.events(cut.plan[1].case_id)) << "old";
  std::ofstream(cut.folder.events(cut.plan[2].case_id)) << "old";
  const auto earlier = cut.read_back();
  withdraw_others(cut.folder, *earlier, cut.scenario, cut.plan,
                  rows_to_keep(*earlier, cut.plan, {}));
  CHECK(read(cut.folder.results_csv()) == report::results_header() +
                                              results_line(cut.row(2, {Status::ok, ""})) +
                                              results_line(cut.row(0, {Status::ok, ""})));
  const std::string journal = read(cut.folder.journal());
  CHECK(journal.starts_with("{\"event\":\"withdrawn\",\"case_id\":\"02-b2-p4-r8\",\"row\":\""));
  CHECK(journal.find("said \\\"\\\"x,\\ny") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(cut.folder.events(cut.plan[1].case_id)));
  CHECK(std::filesystem::exists(cut.folder.events(cut.plan[2].case_id)));
}

TEST_CASE("the case that was running is interrupted in the journal, once") {
  const Cut cut;
  Journal(cut.folder.journal()).begin(cut.plan[0].case_id, "", 1);
  for (int i = 0; i < 2; ++i) {  // the second start finds nothing to do
    const auto earlier = cut.read_back();
    CHECK(earlier->begun.size() == (i == 0 ? 1 : 0));
    withdraw_others(cut.folder, *earlier, cut.scenario, cut.plan, {});
  }
  const std::string journal = read(cut.folder.journal());
  CHECK(journal.find("\"status\":\"interrupted\",\"reason\":\"running\"") != std::string::npos);
  CHECK(journal.find("\"withdrawn\"") == journal.rfind("\"withdrawn\""));
  CHECK(journal.find(",interrupted,running,") != std::string::npos);
}

TEST_CASE("torn last lines of results.csv and the journal are cut off") {
  const Cut cut;
  cut.add_row(0, {Status::ok, ""});
  const std::string csv = read(cut.folder.results_csv());
  Journal(cut.folder.journal()).begin(cut.plan[1].case_id, "", 1);
  const std::string journal = read(cut.folder.journal());
  std::ofstream(cut.folder.results_csv(), std::ios::app) << "2,4,8,\"half";
  std::ofstream(cut.folder.journal(), std::ios::app) << "{\"event\":\"end\",\"case";
  const auto earlier = cut.read_back();
  CHECK(read(cut.folder.results_csv()) == csv);
  CHECK(read(cut.folder.journal()) == journal);
  CHECK(earlier->begun == std::set<std::string>{cut.plan[1].case_id});
}

TEST_CASE("a run that was cut before its manifest begins anew, and rows without one are refused") {
  const Cut cut;
  std::filesystem::remove(cut.folder.manifest());
  CHECK_FALSE(cut.read_back().has_value());
  cut.add_row(0, {Status::ok, ""});
  CHECK_THROWS_WITH_AS(cut.read_back(), doctest::Contains("no manifest.json"), Error);
}
