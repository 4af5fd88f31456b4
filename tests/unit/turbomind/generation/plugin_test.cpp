// The built turbomind.so, opened as the runner opens it: what it generates is what its parts do.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "loaded_engine.hpp"
#include "plugin/engine_handle.hpp"
#include "plugin/library.hpp"
#include "temporary_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::test::TemporaryFolder;

TEST_CASE("turbomind.so generates the tokens of the reference, greedy and sampled") {
  const lmbench::PluginDescriptor& plugin =
      lmbench::plugin::open_plugin(LMBENCH_BINARY_DIR "/plugins/turbomind.so");
  CHECK(std::string(plugin.engine_name) == "turbomind");
  CHECK((plugin.capabilities & lmbench::kCapTokenIds) != 0);
  const SmallModel model;
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  LoadedEngine engine(
      [&](lmbench::IHost& host) { return lmbench::plugin::create_engine(plugin, host).release(); },
      options_for(folder.path()).integer("tp", 2));
  const std::vector<Job> jobs{
      {random_prompt(70, model.vocab_size, 1), 30},
      {random_prompt(5, model.vocab_size, 2), 30, {.temperature = 1, .top_k = 9, .seed = 3}}};
  const Agreement agreement =
      compare(ReferenceLlama(model), jobs, engine.generate(jobs), tolerance_of(model.type));
  CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
  CHECK(agreement.clear == agreement.steps);
}
