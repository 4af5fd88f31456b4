// SPDX-License-Identifier: Apache-2.0
#include "process/journal.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "error.hpp"
#include "temporary_folder.hpp"

using lmbench::process::Journal;
using lmbench::run::Status;

namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("begin and end of a case are one JSON line each, and a second journal goes on") {
  const lmbench::test::TemporaryFolder folder;
  const auto file = folder.path() / "journal.jsonl";
  Journal(file).begin("01-b1-p1-r2", "abc", 1000);
  Journal(file).end("01-b1-p1-r2", {Status::crash, "SIGABRT"}, "said \"bye\"\n", {}, 2000);
  CHECK(read(file) ==
        "{\"event\":\"begin\",\"case_id\":\"01-b1-p1-r2\",\"config_hash\":\"abc\",\"unix_ms\":1000}"
        "\n{\"event\":\"end\",\"case_id\":\"01-b1-p1-r2\",\"status\":\"crash\","
        "\"reason\":\"SIGABRT\",\"unix_ms\":2000,\"last_words\":\"said \\\"bye\\\"\\n\"}\n");
}

TEST_CASE("what the engine counted stands in the line of its case") {
  const lmbench::test::TemporaryFolder folder;
  const auto file = folder.path() / "journal.jsonl";
  Journal(file).end("x", {Status::ok, ""}, "",
                    {{.name = "steps", .unit = "1", .is_counter = true, .value = 8}}, 1);
  CHECK(read(file).find("\"engine_stats\":{\"steps\":{\"value\":8.0,\"unit\":\"1\",\"kind\":"
                        "\"counter\"}}") != std::string::npos);
}

TEST_CASE("last words that are not UTF-8 do not lose the line") {
  const lmbench::test::TemporaryFolder folder;
  const auto file = folder.path() / "journal.jsonl";
  Journal(file).end("x", {Status::crash, "SIGABRT"}, "\xff\xfe", {}, 1);
  CHECK(read(file).find("\"status\":\"crash\"") != std::string::npos);
}

TEST_CASE("a journal that cannot be written is an error that names it") {
  CHECK_THROWS_WITH_AS(Journal("/no/such/folder/journal.jsonl"),
                       "cannot write '/no/such/folder/journal.jsonl': No such file or directory",
                       lmbench::Error);
}
