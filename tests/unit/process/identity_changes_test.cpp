// SPDX-License-Identifier: Apache-2.0
#include "process/identity_changes.hpp"

#include <doctest/doctest.h>

using namespace lmbench;
using process::changes_around;
using process::changes_of_engine;
using Sentences = std::vector<std::string>;

namespace {

report::Manifest example() {
  report::Manifest m;
  m.lmbench_version = "1.0.0";
  m.source_revision = "abc";
  m.machine = {{"host", "a"}, {"cpu_model", "EPYC"}, {"load_average", "1.0"}};
  m.environment = {{"OMP_NUM_THREADS", "2"}};
  m.model_files = {{"config.ini", 12}};
  m.engine.emplace();
  m.engine->objects = {{"/p/sim.so", "aa", "1"}, {"/p/libb.so", "bb", "2"}};
  return m;
}

}  // namespace

TEST_CASE(
    "the same machine, lmbench and engine give no sentence, whatever the load or the folder") {
  report::Manifest now = example();
  now.machine[2].second = "9.9";
  now.engine->objects[0].path = "/q/sim.so";
  CHECK(changes_around(example(), now).empty());
  CHECK(changes_of_engine(example(), now).empty());
}

TEST_CASE("version, machine and environment are told with both values") {
  report::Manifest now = example();
  now.source_revision = "def";
  now.machine[1].second = "Xeon";
  now.environment = {{"CUDA_VISIBLE_DEVICES", "1"}};
  CHECK(changes_around(example(), now) ==
        Sentences{"the version of lmbench was 1.0.0 (abc) then and is 1.0.0 (def) now",
                  "the machine's cpu_model was 'EPYC' then and is 'Xeon' now",
                  "the environment's OMP_NUM_THREADS was '2' then and is absent now",
                  "the environment's CUDA_VISIBLE_DEVICES was absent then and is '1' now"});
}

TEST_CASE("files of the engine that differ are named once each") {
  report::Manifest now = example();
  now.engine->objects = {{"/p/sim.so", "ab", "1"}, {"/p/libc.so", "cc", ""}};
  CHECK(changes_of_engine(example(), now) ==
        Sentences{"the engine's files have changed since (sim.so, libc.so, libb.so)"});
}

TEST_CASE("files of the model that differ are told, and an engine that is not known is not") {
  report::Manifest now = example();
  now.model_files[0].bytes = 13;
  CHECK(changes_of_engine(example(), now) == Sentences{"the model's files have changed since"});
  now.engine.reset();
  CHECK(changes_of_engine(example(), now).empty());
}
