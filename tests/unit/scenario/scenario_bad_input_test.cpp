// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <random>

#include "scenario_text.hpp"

using scenario_text::error_of;
using scenario_text::kSmall;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The error of kSmall with one more line in a table of its own.
std::string error_with(const std::string& table, const std::string& line) {
  return error_of(kSmall + "[" + table + "]\n" + line + "\n");
}

}  // namespace

TEST_CASE("an error in a file begins with file, line and column") {
  CHECK(error_with("measure", "test_rounds = 0") ==
        "x.toml:8:15: 'measure.test_rounds' is 0, not between 1 and 1000000");
  CHECK(error_with("measure", "min_rounds = 8\nmax_rounds = 7") ==
        "x.toml: 'measure.min_rounds' is 8, above 'measure.max_rounds', which is 7");
  CHECK(error_with("measure", "min_rounds = 8\nmax_rounds = 7\ntest_rounds = 3") == "");
  CHECK(error_with("measure", "interval_percent = 0") ==
        "x.toml:8:20: 'measure.interval_percent' is 0, not above 0 and at most 100");
  CHECK(error_with("measure", "test_round = 3") ==
        "x.toml:8:1: unknown key 'measure.test_round'; did you mean 'measure.test_rounds'?");
}

TEST_CASE("an error in a setting begins with the setting") {
  CHECK(error_of(kSmall, {"matrix.concurrency=[1,0]"}) ==
        "--set matrix.concurrency: 'matrix.concurrency[1]' is 0, not between 1 and 65536");
  CHECK(has(error_of(kSmall, {"matrix.concurency=[1]"}), "did you mean 'matrix.concurrency'?"));
  CHECK(has(error_of(kSmall, {"measure"}), "--set measure: write it as key=value"));
  CHECK(has(error_of(kSmall, {"=3"}), "write it as key=value"));
  CHECK(has(error_of(kSmall, {"measure..strict=true"}), "not a dotted key"));
  CHECK(has(error_of(kSmall, {"engine.environment.A\x82=1"}), "not a dotted key"));
  CHECK(has(error_of(kSmall, {"matrix.concurrency.x=1"}), "is a value"));
  CHECK(has(error_of(kSmall, {"matrix=3"}), "--set matrix: 'matrix' must be a table"));
  CHECK(has(error_of(kSmall, {"measure.strict=yes"}), "must be true or false, not a string"));
  CHECK(has(error_of(kSmall, {"matrix.concurrency=[1,"}), "--set matrix.concurrency: '[1,': "));
}

TEST_CASE("a number in a setting that is too large is not called a string") {
  const std::string in_list = error_of(kSmall, {"matrix.concurrency=[99999999999999999999]"});
  CHECK(has(in_list, "--set matrix.concurrency: '[99999999999999999999]': "));
  CHECK_FALSE(has(in_list, "string"));
  CHECK_FALSE(has(error_of(kSmall, {"prompts.seed=99999999999999999999"}), "string"));
  CHECK_FALSE(has(error_of(kSmall, {"prompts.seed=-99999999999999999999"}), "string"));
}

TEST_CASE("an unknown table is refused, with the nearest one") {
  CHECK(has(error_of(kSmall + "[measures]\ntest_rounds = 1\n"),
            "x.toml:7:2: unknown table 'measures'; did you mean 'measure'?"));
  CHECK(has(error_of(kSmall + "[[variants]]\nname = \"a\"\n"), "unknown key 'variants'"));
  CHECK(has(error_of("x = 1\n" + kSmall), "x.toml:1:1: unknown key 'x'"));
}

TEST_CASE("a variant that cannot be one is refused where it is written") {
  const auto with = [](const std::string& more) { return error_of(kSmall + more); };
  CHECK(has(with("[[variant]]\nname = \"a\"\nplugins = \"b\"\n"),
            "x.toml:9:1: unknown key 'variant.plugins'; did you mean 'plugin'?"));
  CHECK(has(with("[[variant]]\nplugin = \"a.so\"\n"), "a [[variant]] has no name"));
  CHECK(has(with("[[variant]]\nname = \"a\"\n[[variant]]\nname = \"a\"\n"),
            "two variants have the name 'a'"));
  CHECK(has(with("[[variant]]\nname = \"a/b\"\n"), "must be 1 to 60 letters"));
  CHECK(has(with("[[variant]]\nname = \"a\"\ncpus = \"all\"\n"), "a list of CPUs"));
  CHECK(has(with("[[variant]]\nname = \"a\"\noptions = 3\n"), "must be a table"));
  CHECK(has(with("[variant]\nname = \"a\"\n"), "write variants as tables [[variant]]"));
  CHECK(has(error_of("variant = [1]\n" + kSmall), "a variant is a table"));
}

TEST_CASE("the keys of an A/B session have their ranges") {
  const auto with = [](const std::string& line) { return error_of(kSmall + "[ab]\n" + line); };
  CHECK(has(with("rounds = 5\n"), "is 5, not between 6 and 10000"));
  CHECK(has(with("rounds = \"many\"\n"), "neither a number of rounds nor \"auto\""));
  CHECK(has(with("gate = []\n"), "must have 1 to 16 entries"));
  CHECK(has(with("gate = [\"speed\"]\n"), "'ab.gate[0]' is \"speed\", not one of"));
  CHECK(has(with("detect_percent = 0.2\n"), "'ab.detect_percent' must be above"));
  CHECK(has(with("mode = \"cold\"\n"), "not one of"));
  CHECK(has(with("seeds = 1\n"), "did you mean 'ab.seed'?"));
}

TEST_CASE("a missing key is named") {
  CHECK(error_of("") == "x.toml: the key 'engine.plugin' is missing");
  CHECK(error_of("[engine]\nplugin = \"sim\"\n") ==
        "x.toml: the key 'matrix.concurrency' is missing");
}

TEST_CASE("lists of unequal length are refused at the second one") {
  CHECK(has(
      error_of(kSmall, {"matrix.prompt_tokens=[1,2]"}),
      "x.toml:6:21: 'matrix.completion_tokens' has 1 entries and 'matrix.prompt_tokens' has 2"));
}

TEST_CASE("a duplicate key is refused") {
  CHECK(has(error_of(kSmall + "concurrency = [2]\n"), "x.toml:7:"));
  CHECK(has(error_of(kSmall + "[engine]\nplugin = \"null\"\n"), "x.toml:7:"));
}

TEST_CASE("numbers that are no sensible count are refused, whatever their form") {
  for (const char* bad : {"-1", "0", "1.5", "1e9", "inf", "-inf", "nan", "true", "\"1\"", "[1]",
                          "9223372036854775807", "99999999999999999999999", "-9223372036854775808",
                          "0x7fffffffffffffff", "1979-05-27", "{}"}) {
    CAPTURE(bad);
    CHECK(error_with("measure", std::string("test_rounds = ") + bad) != "");
    CHECK(error_of(kSmall, {std::string("matrix.concurrency=[") + bad + "]"}) != "");
    CHECK(error_of(kSmall, {std::string("matrix.prompt_tokens=[") + bad + "]"}) != "");
  }
  for (const char* bad : {"-0.1", "nan", "inf", "1.1", "1e300", "-1"}) {
    CAPTURE(bad);
    CHECK(error_with("sampling", std::string("top_p = ") + bad) != "");
    CHECK(error_with("measure", std::string("stall_timeout_s = -") + bad) != "");
  }
  CHECK(error_with("sampling", "top_p = 1e-46") != "");
  CHECK(error_with("sampling", "temperature = nan") != "");
  CHECK(error_with("sampling", "temperature = -1") != "");
  CHECK(error_with("sampling", "top_k = 2147483648") != "");
  CHECK(error_with("prompts", "seed = -1") != "");
  CHECK(error_with("prompts", "exclude = [-1]") != "");
  CHECK(error_with("prompts", "vocab_size = 0") != "");
  CHECK(error_with("measure", "case_timeout_s = 0") != "");
}

TEST_CASE("lists that are empty, huge or of lists are refused") {
  CHECK(has(error_of(kSmall, {"matrix.concurrency=[]"}), "must have at least one entry"));
  CHECK(has(error_of(kSmall, {"matrix.concurrency=[[1]]"}), "must be an integer, not a list"));
  std::string huge = "matrix.concurrency=[1";
  for (int i = 0; i < 5000; ++i) huge += ",1";
  CHECK(has(error_of(kSmall, {huge + "]"}), "more than 4096"));
}

TEST_CASE("engine options are leaves of four types with plain names") {
  CHECK(has(error_with("engine.options", "a = [1]"), "'engine.options.a' is a list"));
  CHECK(has(error_with("engine.options", "a = 1979-05-27"), "is a date or time"));
  CHECK(has(error_with("engine.options", "a = inf"), "must be a finite number"));
  CHECK(has(error_with("engine.options", "\"a.b\" = 1"), "x.toml:8:1: an engine option's name"));
  CHECK(has(error_with("engine.options", "a = \"x\\u0000y\""), "zero byte"));
  CHECK(has(error_with("engine.options", "lmbench.max_requests = 1"), "the runner's own"));
  CHECK(has(error_of(kSmall, {"engine.options=3"}), "'engine.options' must be a table"));
  CHECK(has(error_with("engine.environment", "\"A=B\" = \"1\""), "cannot be the name"));
  CHECK(has(error_with("engine.environment", "A = true"), "must be a string"));
  CHECK(has(error_with("engine.environment", "A.B = \"1\""), "must be a string"));
}

TEST_CASE("names that would leave the results folder are refused") {
  for (const char* bad : {"", "../x", "a/b", ".hidden", "a b", "\\u0000"}) {
    CAPTURE(bad);
    CHECK(has(error_with("scenario", "name = \"" + std::string(bad) + "\""), "'scenario.name'"));
  }
}

TEST_CASE("deep nesting ends in an error, not in a crash") {
  CHECK(error_of("a = " + std::string(100000, '[')) != "");
  CHECK(error_of("a = " + std::string(200, '[') + std::string(200, ']')) != "");
  std::string deep_table = "a";
  for (int i = 0; i < 20000; ++i) deep_table += ".a";
  CHECK(error_of(kSmall, {deep_table + "=1"}) != "");
  CHECK(error_of(kSmall, {"output.csv={" + deep_table + "=1}"}) != "");
  CHECK(error_of(kSmall + "[engine.options." + deep_table + "]\nx = 1\n") != "");
}

TEST_CASE("text that is no TOML or no UTF-8 is refused") {
  for (const std::string bad : {"[", "a", "a = ", "= 1", "\xff\xfe", "a = \"\xff\"", "[engine",
                                "a = 1 b = 2", "\x01", "a = 1979-13-45"}) {
    CHECK(error_of(bad) != "");
  }
  CHECK(error_of(kSmall, {"output.csv=\xff"}) != "");
  // Neither a key nor white space, which toml++ takes for impossible.
  for (const char* odd : {"\u00e4", "\u1234", "\u2070", "\u3042", "\ufe10", "\U0001f600"}) {
    CHECK(error_of(std::string("a = ") + odd) != "");
    CHECK(error_of(std::string("a = [") + odd + "]") != "");
    CHECK(error_of(std::string(odd) + " = 1") != "");
  }
  CHECK(error_of("a = {,}") != "");
}

TEST_CASE("a scenario with random bytes changed is read or refused, never more") {
  std::mt19937 random(20240607);
  const std::string rich =
      kSmall +
      "[engine.options]\na = {b = 1, c.d = \"x\\u0041\"}\ne = -1e3 # c\n'f' = [0x1, 1979-05-27]\n";
  using namespace std::string_view_literals;
  constexpr auto kBytes = "[]{}=.,\"'\\\n\t#-+_0123456789eE \x00\xff\xc3tfin"sv;
  for (int round = 0; round < 3000; ++round) {
    std::string text = rich;
    for (int change = 0; change < 3; ++change) {
      const char byte = kBytes[random() % kBytes.size()];
      const std::size_t place = random() % text.size();
      if (random() % 2 == 0) {
        text[place] = byte;
      } else {
        text.insert(place, 1, byte);
      }
    }
    CHECK(error_of(text) != "wrong exit code");
  }
}
