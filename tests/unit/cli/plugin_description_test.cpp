// How it is asked for in a child is tested in tests/e2e/inspect_test.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_description.hpp"

#include <doctest/doctest.h>

#include "error.hpp"

using lmbench::cli::capability_names;
using lmbench::cli::describe_plugin;

TEST_CASE("capabilities have names, and a bit of a later version has a number") {
  CHECK(capability_names(0).empty());
  CHECK(capability_names(0b11) == "token_ids, fixed_length");
  CHECK(capability_names(0xFF) ==
        "token_ids, fixed_length, stop_tokens, sampling, cancel, prefix_cache, engine_time, "
        "repeatable");
  CHECK(capability_names(1U << 12U | 1U << 4U) == "cancel, bit 12");
  CHECK(capability_names(std::uint64_t{1} << 63U) == "bit 63");
}

TEST_CASE("a plugin is described by its descriptor and by what its engine offers") {
  const auto plugin = describe_plugin(LMBENCH_BINARY_DIR "/plugins/null.so");
  CHECK(plugin.engine_name == "null");
  CHECK(plugin.engine_version == "1.0.0");
  CHECK(plugin.abi_major == 1);
  CHECK(plugin.capabilities == 2);
  CHECK(plugin.extensions == std::vector<std::string>{"lmbench.model/1"});
  CHECK(plugin.create_failure.empty());
}

TEST_CASE("a plugin whose engine cannot be made is described all the same") {
  const auto plugin = describe_plugin(LMBENCH_BINARY_DIR "/tests/bad_plugins/refuses_create.so");
  CHECK(plugin.engine_name == "bad");
  CHECK(plugin.extensions.empty());
  CHECK(plugin.create_failure ==
        "plugin 'bad' could not make its engine: this CPU has no AVX-1024");
}

TEST_CASE("a file that is no plugin cannot be described") {
  CHECK_THROWS_AS(describe_plugin(LMBENCH_BINARY_DIR "/tests/bad_plugins/no_symbol.so"),
                  lmbench::Error);
}
