// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_difference.hpp"

#include <doctest/doctest.h>

#include "scenario/scenario_reader.hpp"

using lmbench::scenario::Difference;
using lmbench::scenario::differences;
using lmbench::scenario::read_scenario;
using lmbench::scenario::Scenario;

namespace {

constexpr const char* kText = R"([scenario]
name = "x"
[engine]
plugin = "sim"
[engine.environment]
"A [B]" = "c = d"
[matrix]
concurrency = [1]
prompt_tokens = [4]
completion_tokens = [8]
)";

Scenario scenario_with(const std::vector<std::string>& settings) {
  return read_scenario(kText, "", settings);
}

std::string text_of(const std::vector<Difference>& all) {
  std::string text;
  for (const Difference& d : all) text += d.key + ": " + d.there + " -> " + d.here + "\n";
  return text;
}

}  // namespace

TEST_CASE("a scenario does not differ from itself, nor from one with its defaults written out") {
  CHECK(differences(scenario_with({}), scenario_with({})).empty());
  CHECK(differences(scenario_with({}), scenario_with({"sampling.top_k=1"})).empty());
}

TEST_CASE("each key that differs is named once, with both values") {
  CHECK(text_of(differences(scenario_with({}),
                            scenario_with({"measure.isolate=case", "matrix.concurrency=[1,2]",
                                           "engine.options.tp=2", "output.csv=a = b.csv"}))) ==
        "matrix.concurrency: [1] -> [1, 2]\n"
        "measure.isolate: \"run\" -> \"case\"\n"
        "engine.options.tp: none -> 2\n"
        "output.csv: none -> \"a = b.csv\"\n");
  CHECK(text_of(differences(scenario_with({"engine.options.tp=2"}), scenario_with({}))) ==
        "engine.options.tp: 2 -> none\n");
}

TEST_CASE("a name of the environment may hold what the text is cut at") {
  Scenario other = scenario_with({});
  other.engine.environment["A [B]"] = std::string("e");
  CHECK(text_of(differences(scenario_with({}), other)) ==
        "engine.environment.\"A [B]\": \"c = d\" -> \"e\"\n");
}
