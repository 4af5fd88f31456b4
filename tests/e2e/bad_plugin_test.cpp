// Files that cannot be used as plugins, each wrong in one way: a sentence that names the file, exit
// code 3, and never a crash of lmbench itself.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "workplace.hpp"

using lmbench::test::Finished;
using lmbench::test::read_file;
using lmbench::test::small_scenario;
using lmbench::test::Workplace;
using Statuses = std::vector<std::string>;

namespace {

std::string bad_plugin(const std::string& name) {
  return LMBENCH_BINARY_DIR "/tests/bad_plugins/" + name + ".so";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What a user gets who tries to use it: one line on standard error.
void check_refused(const Workplace& place, const std::string& plugin, const std::string& why) {
  const Finished finished =
      place.lmbench({"generate", "--engine", plugin, "--prompt-tokens", "1,2"});
  INFO(plugin, "\n", finished.err);
  CHECK(finished.exit_code == 3);
  CHECK(finished.out.empty());
  CHECK(finished.err.substr(0, 16) == "lmbench: error: ");
  CHECK(std::count(finished.err.begin(), finished.err.end(), '\n') == 1);
  CHECK(contains(finished.err, plugin));
  CHECK(contains(finished.err, why));
}

}  // namespace

TEST_CASE("a file that is no library is refused with what it is") {
  const Workplace place;
  const std::string null_plugin = read_file(LMBENCH_BINARY_DIR "/plugins/null.so");
  std::string small_object = null_plugin;
  small_object[4] = 1;  // EI_CLASS: ELFCLASS32
  place.write("empty.so", "");
  place.write("text.so", "this is no library");
  place.write("cut_off.so", null_plugin.substr(0, null_plugin.size() / 2));
  place.write("small_object.so", small_object);
  std::filesystem::create_directory(place.path() / "folder.so");
  const auto check = [&](const char* name, const char* why) {
    check_refused(place, (place.path() / name).string(), why);
  };
  check("absent.so", "there is no plugin file");
  check("empty.so", "is empty");
  check("text.so", "is not an ELF file");
  check("cut_off.so", "is cut off");
  check("small_object.so", "is a 32-bit object");
  check("folder.so", "is a folder");
}

TEST_CASE("a library that is no plugin for this lmbench is refused with what is missing") {
  const Workplace place;
  const std::vector<std::pair<const char*, const char*>> reasons = {
      {"no_symbol", "does not export lmbench_plugin_v1"},
      {"other_major", "is a plugin of ABI 2, but this lmbench speaks ABI 1"},
      {"other_major_inside", "is a plugin of ABI 2, but this lmbench speaks ABI 1"},
      {"function_for_descriptor", "not as a PluginDescriptor"},
      {"wrong_magic", "magic number"},
      {"small_descriptor", "descriptor of 56 bytes"},
      {"no_name", "without its name"},
      {"no_create", "without its create function"},
      {"missing_library", "libbad_absent_library.so"},
      {"missing_function", "function_of_nobody"}};
  for (const auto& [name, why] : reasons) check_refused(place, bad_plugin(name), why);
}

TEST_CASE("a plugin that makes no engine is refused with its own reason") {
  const Workplace place;
  const auto refused = [&](const char* name) {
    return place.lmbench({"generate", "--engine", bad_plugin(name), "--prompt-tokens", "1"});
  };
  CHECK(refused("refuses_create").exit_code == 3);
  CHECK(contains(refused("refuses_create").err, "this CPU has no AVX-1024"));
  CHECK(refused("makes_nothing").exit_code == 3);
  CHECK(contains(refused("makes_nothing").err, "no reason was given"));
}

TEST_CASE("a plugin that ends its process is a sentence with the signal and the last words") {
  const Workplace place;
  const auto finished = place.lmbench(
      {"generate", "--engine", bad_plugin("aborts_in_constructor"), "--prompt-tokens", "1"});
  INFO(finished.err);
  CHECK(finished.exit_code == 3);
  CHECK(contains(finished.err, "SIGABRT"));
  CHECK(contains(finished.err, "the constructor of this plugin aborts"));
}

TEST_CASE("a run of a bad plugin has a row for every case, and the first says why") {
  const Workplace place;
  place.write("small.toml", small_scenario(bad_plugin("other_major"), 3));
  const auto finished = place.lmbench({"run", "small.toml", "--out", "out"});
  INFO(finished.err);
  CHECK(finished.exit_code == 3);
  CHECK(place.statuses() == Statuses{"bad_plugin", "skipped", "skipped"});
  CHECK(contains(place.results()[0].at("reason"), "is a plugin of ABI 2"));
}

TEST_CASE("a dry run of a bad plugin prints the plan, says why, and fails") {
  const Workplace place;
  place.write("small.toml", small_scenario(bad_plugin("no_symbol"), 2));
  const auto finished = place.lmbench({"run", "small.toml", "--dry-run"});
  CHECK(finished.exit_code == 3);
  CHECK(contains(finished.out, "02-b2-p5-r8"));
  CHECK(contains(finished.err, "does not export lmbench_plugin_v1"));
}

TEST_CASE("a mistyped plugin is told from the ones that there are") {
  const Workplace place;
  const auto finished = place.lmbench({"generate", "--engine", "smi", "--prompt-tokens", "1"});
  INFO(finished.err);
  CHECK(finished.exit_code == 3);
  CHECK(contains(finished.err, "did you mean 'sim'?"));
}
