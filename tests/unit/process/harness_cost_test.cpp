// SPDX-License-Identifier: Apache-2.0
#include "process/harness_cost.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "temporary_folder.hpp"

using namespace lmbench::process;
namespace fs = std::filesystem;

namespace {

constexpr FloorReply kCost{.median_ns_per_token_batch_1 = 31.25,
                           .p999_ns_per_token_batch_1 = 90,
                           .median_ns_per_token_batch_64 = 5.5};

// A cache file in a folder that is not there yet, and how often was measured.
struct Cache {
  std::optional<FloorReply> ask(const std::string& key, const FloorReply& measured = kCost) {
    return cached_harness_cost(file, key, [&] {
      ++measurements;
      return std::optional(measured);
    });
  }
  lmbench::test::TemporaryFolder folder;
  fs::path file = folder.path() / "made" / "harness.json";
  int measurements = 0;
};

}  // namespace

TEST_CASE("the cost is measured once for a key, and again for another one") {
  Cache cache;
  CHECK(cache.ask("a")->median_ns_per_token_batch_1 == 31.25);
  CHECK(cache.ask("a")->p999_ns_per_token_batch_1 == 90);
  CHECK(cache.ask("a")->median_ns_per_token_batch_64 == 5.5);
  CHECK(cache.measurements == 1);
  cache.ask("b");
  CHECK(cache.measurements == 2);
  cache.ask("b");
  CHECK(cache.measurements == 2);
}

TEST_CASE("a damaged cache is measured again and is whole afterwards") {
  Cache cache;
  cache.ask("a");
  std::string text;
  SUBCASE("torn") { text = "{\"key\":\"a\",\"med"; }
  SUBCASE("of other types") { text = "{\"key\":\"a\",\"median_ns_per_token_batch_1\":\"x\"}"; }
  SUBCASE("a list") { text = "[1]"; }
  SUBCASE("zero") {
    text =
        "{\"key\":\"a\",\"median_ns_per_token_batch_1\":0,\"p999_ns_per_token_batch_1\":0,"
        "\"median_ns_per_token_batch_64\":0}";
  }
  SUBCASE("empty") {}
  std::ofstream(cache.file) << text;
  CHECK(cache.ask("a")->median_ns_per_token_batch_1 == 31.25);
  CHECK(cache.measurements == 2);
  cache.ask("a");
  CHECK(cache.measurements == 2);
}

TEST_CASE("a cache that cannot be written costs a measurement and no run") {
  Cache cache;
  std::ofstream(cache.folder.path() / "made") << "in the way";
  CHECK(cache.ask("a").has_value());
  CHECK(cache.ask("a").has_value());
  CHECK(cache.measurements == 2);
  cache.file.clear();
  CHECK(cache.ask("a").has_value());
}

TEST_CASE("a cost over the budget is not kept: the machine may have been busy") {
  Cache cache;
  FloorReply busy = kCost;
  SUBCASE("at batch 1") { busy.median_ns_per_token_batch_1 = 101; }
  SUBCASE("at batch 64") { busy.median_ns_per_token_batch_64 = 21; }
  CHECK_FALSE(is_within_budget(busy));
  cache.ask("a", busy);
  CHECK(cache.ask("a")->median_ns_per_token_batch_1 == 31.25);
  CHECK(cache.measurements == 2);
}

TEST_CASE("the sentence has both figures and their budgets") {
  CHECK(harness_sentence(kCost) ==
        "harness: 31 ns per token at batch 1 (budget 100), 5.5 ns at batch 64 (budget 20)");
}

TEST_CASE("the cache is where the environment says") {
  ::setenv("XDG_CACHE_HOME", "/c", 1);
  ::setenv("HOME", "/h", 1);
  CHECK(cache_folder() == "/c/lmbench");
  ::setenv("XDG_CACHE_HOME", "not absolute", 1);
  CHECK(cache_folder() == "/h/.cache/lmbench");
  ::unsetenv("XDG_CACHE_HOME");
  CHECK(cache_folder() == "/h/.cache/lmbench");
  ::unsetenv("HOME");
  CHECK(cache_folder().empty());
}
