// SPDX-License-Identifier: Apache-2.0
#include "plugin/config_entries.hpp"

#include <doctest/doctest.h>

#include <lmbench/config_reader.hpp>

using lmbench::ConfigEntry;
using lmbench::ConfigView;
using lmbench::ValueType;
using lmbench::plugin::ConfigEntries;
using lmbench::scenario::Options;

TEST_CASE("options keep their order, type and value on the way to a plugin") {
  const ConfigEntries entries(Options{{"model", std::string("a\0b", 3)},
                                      {"cache.max_fraction", 0.8},
                                      {"tp", std::int64_t{-2}},
                                      {"eager", true}});
  const ConfigView view = entries.view();
  REQUIRE(view.size == 4);
  CHECK(lmbench::sdk::view(view.data[0].key) == "model");
  CHECK(view.data[0].type == ValueType::text);
  CHECK(lmbench::sdk::view(view.data[0].text) == std::string_view("a\0b", 3));
  CHECK(lmbench::sdk::view(view.data[1].key) == "cache.max_fraction");
  CHECK(view.data[1].type == ValueType::real);
  CHECK(view.data[1].number.real == 0.8);
  CHECK(view.data[2].type == ValueType::integer);
  CHECK(view.data[2].number.integer == -2);
  CHECK(view.data[3].type == ValueType::boolean);
  CHECK(view.data[3].number.integer == 1);
  for (std::size_t i = 0; i < view.size; ++i) CHECK(view.data[i].reserved == 0);
}

TEST_CASE("the plugin's reader understands the entries") {
  const ConfigEntries entries(Options{{"name", std::string("x")}, {"n", std::int64_t{3}}});
  lmbench::sdk::ConfigReader reader(entries.view());
  CHECK(reader.text("name") == "x");
  CHECK(reader.integer("n", 1, {1, 9}) == 3);
  reader.finish();
}

TEST_CASE("no options are an empty view") { CHECK(ConfigEntries(Options{}).view().size == 0); }

TEST_CASE("an option that nobody knows is named, with those that are known") {
  const ConfigEntries entries(Options{{"tp", std::int64_t{2}}});
  lmbench::sdk::ConfigReader reader(entries.view());
  CHECK_THROWS_WITH(reader.finish(), "unknown key 'tp'; no key is known here");
  reader.integer("threads", 1, {1, 9});
  CHECK_THROWS_WITH(reader.finish(), "unknown key 'tp'; known keys: threads");
}
