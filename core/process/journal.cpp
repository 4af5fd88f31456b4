// SPDX-License-Identifier: Apache-2.0
#include "process/journal.hpp"

#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>

#include "error.hpp"
#include "report/output_file.hpp"

namespace lmbench::process {
namespace {

using Json = nlohmann::ordered_json;

// A reason may hold the last bytes of a crashed process: what is not UTF-8 is replaced.
std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::int64_t unix_milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

Journal::Journal(const std::filesystem::path& file)
    : path_(file.string()),
      file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  if (!file_.is_open()) throw Error("cannot write '" + path_ + "': " + ::strerrordesc_np(errno));
}

void Journal::begin(const std::string& case_id, const std::string& config_hash,
                    std::int64_t unix_milliseconds) {
  append(line_of({{"event", "begin"},
                  {"case_id", case_id},
                  {"config_hash", config_hash},
                  {"unix_ms", unix_milliseconds}}));
}

void Journal::end(const std::string& case_id, const run::Outcome& outcome,
                  const std::string& last_words,
                  const std::vector<report::EngineStat>& engine_stats,
                  std::int64_t unix_milliseconds) {
  Json line = {{"event", "end"},
               {"case_id", case_id},
               {"status", run::name_of(outcome.status)},
               {"reason", outcome.reason},
               {"unix_ms", unix_milliseconds}};
  if (outcome.status != run::Status::ok) line["last_words"] = last_words;
  if (!engine_stats.empty()) line["engine_stats"] = report::engine_stats_json(engine_stats);
  append(line_of(line));
}

void Journal::withdraw(const std::string& case_id, const std::string& row,
                       std::int64_t unix_milliseconds) {
  append(line_of({{"event", "withdrawn"},
                  {"case_id", case_id},
                  {"row", row},
                  {"unix_ms", unix_milliseconds}}));
}

void Journal::append(const std::string& line) {
  const ssize_t written = ::write(file_.get(), line.data(), line.size());
  if (written >= 0 && written != static_cast<ssize_t>(line.size())) errno = ENOSPC;
  if (written != static_cast<ssize_t>(line.size()) || ::fsync(file_.get()) != 0) {
    throw Error("cannot write '" + path_ + "': " + ::strerrordesc_np(errno),
                ExitCode::benchmark_says_no);
  }
}

std::set<std::string> recover_journal(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::set<std::string> begun;
  std::uintmax_t whole_bytes = 0;
  for (std::string line; std::getline(in, line) && !in.eof(); whole_bytes += line.size() + 1) {
    const Json json = Json::parse(line, nullptr, false);
    // Damaged by a failure of the machine: the rows of results.csv say what is done.
    if (!json.is_object() || !json.contains("event") || !json.contains("case_id")) continue;
    const std::string case_id = json["case_id"].is_string() ? json["case_id"] : "";
    if (json["event"] == "begin") {
      begun.insert(case_id);
    } else {
      begun.erase(case_id);
    }
  }
  report::cut_file(file, whole_bytes);
  return begun;
}

}  // namespace lmbench::process
