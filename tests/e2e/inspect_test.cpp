// What lmbench says about plugins.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <regex>

#include "workplace.hpp"

using lmbench::test::Workplace;

namespace {

std::string bad_plugin(const std::string& name) {
  return LMBENCH_BINARY_DIR "/tests/bad_plugins/" + name + ".so";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What stands behind the name of a fact; "absent" when there is no such line.
std::string fact(const std::string& out, const std::string& name) {
  std::smatch found;
  const std::regex line("(?:^|\n)" + name + " +([^\n]*)\n");
  return std::regex_search(out, found, line) ? found[1].str() : "absent";
}

}  // namespace

TEST_CASE("inspect says what a plugin is") {
  const Workplace place;
  const auto finished = place.lmbench({"inspect", "sim"});
  INFO(finished.out, finished.err);
  CHECK(finished.exit_code == 0);
  CHECK(fact(finished.out, "engine") == "sim");
  CHECK(fact(finished.out, "version") == "1.0.0");
  CHECK(fact(finished.out, "ABI") == "1.0");
  CHECK(fact(finished.out, "path") == LMBENCH_BINARY_DIR "/plugins/sim.so");
  CHECK(std::regex_match(fact(finished.out, "build-id"), std::regex("[0-9a-f]{40}")));
  CHECK(contains(fact(finished.out, "needs"), "libc.so.6"));
  CHECK(fact(finished.out, "toolchain") != "absent");
  CHECK(fact(finished.out, "revision") != "absent");
  CHECK(fact(finished.out, "capabilities") ==
        "token_ids, fixed_length, stop_tokens, cancel, engine_time, repeatable");
  CHECK(fact(finished.out, "extensions") == "lmbench.model/1, lmbench.roofline/1");
}

TEST_CASE("inspect names all that turbomind offers") {
  const Workplace place;
  const auto finished = place.lmbench({"inspect", "turbomind"});
  INFO(finished.out, finished.err);
  CHECK(finished.exit_code == 0);
  const std::string extensions = fact(finished.out, "extensions");
  for (const char* id : {"model", "memory", "convert"}) {
    CHECK(contains(extensions, std::string("lmbench.") + id + "/1"));
  }
}

TEST_CASE("inspect takes a path") {
  const Workplace place;
  const auto finished = place.lmbench({"inspect", LMBENCH_BINARY_DIR "/plugins/null.so"});
  CHECK(finished.exit_code == 0);
  CHECK(fact(finished.out, "engine") == "null");
}

TEST_CASE("inspect without a name lists the plugins and where it looked") {
  const Workplace place;
  const auto finished = place.lmbench({"inspect"});
  INFO(finished.out);
  CHECK(finished.exit_code == 0);
  CHECK(std::regex_search(
      finished.out, std::regex("null +null 1.0.0, ABI 1.0, .*/plugins/null.so\nsim +sim 1.0.0")));
  CHECK(contains(finished.out, "turbomind 1."));
  CHECK(fact(finished.out, "looked in") == LMBENCH_BINARY_DIR "/plugins");
}

TEST_CASE("in the list a broken plugin is a line with its reason, and the exit code says so") {
  const Workplace place;
  ::setenv("LMBENCH_PLUGIN_PATH", LMBENCH_BINARY_DIR "/tests/bad_plugins", 1);
  const auto finished = place.lmbench({"inspect", "--patience", "2"});
  ::unsetenv("LMBENCH_PLUGIN_PATH");
  INFO(finished.out);
  CHECK(finished.exit_code == 3);
  CHECK(contains(finished.out, "null 1.0.0, ABI 1.0"));
  const auto has_line = [&](const std::string& name, const std::string& why) {
    const std::string line = fact(finished.out, name);
    CHECK(line.find("not usable: ") == 0);
    CHECK(contains(line, why));
  };
  has_line("other_major", "is a plugin of ABI 2");
  has_line("aborts_in_constructor", "SIGABRT");
  has_line("refuses_create", "this CPU has no AVX-1024");
  has_line("missing_library", "libbad_absent_library.so");
  has_line("hangs_in_constructor", "hangs: it could not be described within 2 s");
  CHECK(fact(finished.out, "looked in") == LMBENCH_BINARY_DIR "/plugins, " LMBENCH_BINARY_DIR
                                                              "/tests/bad_plugins");
}

TEST_CASE("a plugin that cannot be used is exit code 3 and a sentence") {
  const Workplace place;
  place.write("text.so", "this is no library");
  for (const std::string& plugin :
       {bad_plugin("aborts_in_constructor"), bad_plugin("other_major"), bad_plugin("no_create"),
        bad_plugin("refuses_create"), std::string("./text.so"), std::string("no_such_plugin")}) {
    const auto finished = place.lmbench({"inspect", plugin});
    INFO(plugin, "\n", finished.err);
    CHECK(finished.exit_code == 3);
    CHECK(finished.err.substr(0, 16) == "lmbench: error: ");
  }
}

TEST_CASE("the hidden command is not for people") {
  const Workplace place;
  const auto finished = place.lmbench({"describe-plugin", LMBENCH_BINARY_DIR "/plugins/null.so"});
  CHECK(finished.exit_code == 2);
  CHECK(contains(finished.err, "lmbench inspect"));
  CHECK_FALSE(contains(place.lmbench({"--help"}).out, "describe-plugin"));
}
